import Foundation

/// The way from a file to a plan.
public enum ScenarioFile {
    /// What reading a scenario gave: a plan unless there were errors, and all there is to say.
    public struct Reading: Sendable {
        /// The plan; `nil` after an error.
        public var plan: ScenarioPlan?
        /// Errors, warnings and notes in the order of the file.
        public var diagnostics: [Diagnostic]
    }

    /// The plan of the scenario or OMB workload at `path`.
    ///
    /// Warnings and notes are in the plan's `notes`.
    /// - Throws: `ScenarioErrors` with every error of the file.
    public static func load(
        path: String,
        overrides: Overrides = Overrides(),
        limits: PlanLimits = .ofThisMachine
    ) throws(ScenarioErrors) -> ScenarioPlan {
        let reading = read(path: path, overrides: overrides, limits: limits)
        guard let plan = reading.plan else { throw ScenarioErrors(reading.diagnostics) }
        return plan
    }

    /// Reads the file at `path` and says everything about it.
    public static func read(
        path: String,
        overrides: Overrides = Overrides(),
        limits: PlanLimits = .ofThisMachine
    ) -> Reading {
        let findings = Findings()
        guard
            let text = SourceText.read(
                path: path,
                mostBytes: limits.fileBytes,
                findings: findings
            )
        else { return Reading(plan: nil, diagnostics: findings.sorted) }
        return read(text: text, path: path, overrides: overrides, limits: limits, findings)
    }

    /// The same for a text that is at hand; `path` names it and says where its files are.
    public static func read(
        text: String,
        path: String,
        overrides: Overrides = Overrides(),
        limits: PlanLimits = .ofThisMachine
    ) -> Reading {
        let findings = Findings()
        let position = Position(source: path)
        guard
            let clean = SourceText.decode(Array(text.utf8), position: position, findings: findings)
        else { return Reading(plan: nil, diagnostics: findings.sorted) }
        return read(text: clean, path: path, overrides: overrides, limits: limits, findings)
    }

    private static func read(
        text: String,
        path: String,
        overrides: Overrides,
        limits: PlanLimits,
        _ findings: Findings
    ) -> Reading {
        var builder = TreeBuilder(source: path, findings: findings)
        guard var tree = builder.tree(of: text) else {
            if !findings.hasErrors {
                findings.error(
                    "is empty; a scenario begins with 'gyre: 1', see scenarios/quickstart.yaml",
                    at: Position(source: path)
                )
            }
            return Reading(plan: nil, diagnostics: findings.sorted)
        }
        guard tree.entries != nil else {
            findings.error(
                "a scenario is a mapping that begins with 'gyre: 1', found \(tree.shown)",
                at: tree.position
            )
            return Reading(plan: nil, diagnostics: findings.sorted)
        }
        let files = FileFinder(folders: [(path as NSString).deletingLastPathComponent, ""])
        let stem = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
        let name = NameRules.usable(from: stem)
        overrides.apply(to: &tree, findings)
        let plan: ScenarioPlan
        if OMBWorkload.isWorkload(tree) {
            let importer = OMBImport(findings: findings, files: files, limits: limits)
            plan = importer.plan(of: tree, named: name)
        } else {
            let reader = ScenarioReader(
                findings: findings,
                files: files,
                defaultName: name,
                summary: LeadingComment.summary(of: text)
            )
            plan = reader.read(tree)
            if !findings.hasErrors {
                PlanCheck(plan: plan, tree: tree, limits: limits, findings: findings).run()
            }
        }
        return finished(plan, tree, limits, findings)
    }

    private static func finished(
        _ plan: ScenarioPlan,
        _ tree: ScenarioNode,
        _ limits: PlanLimits,
        _ findings: Findings
    ) -> Reading {
        let kind = plan.driver.kind
        if !limits.drivers.isEmpty, !limits.drivers.contains(kind) {
            let hint = Suggestion.hint(for: kind, among: limits.drivers)
            findings.error(
                "no driver named \(quoted(kind))\(hint)",
                at: tree.position(of: ["driver"])
            )
        }
        let diagnostics = findings.sorted
        guard !findings.hasErrors else { return Reading(plan: nil, diagnostics: diagnostics) }
        var plan = plan
        plan.notes = diagnostics.map(\.remark)
        return Reading(plan: plan, diagnostics: diagnostics)
    }
}

// MARK: - Folders

extension ScenarioFile {
    /// The scenario files of `path` in the order of their names: itself if it is no folder, else
    /// every `.yaml` and `.yml` file directly in it.
    ///
    /// - Throws: `ScenarioErrors` if there is none.
    public static func find(in path: String) throws(ScenarioErrors) -> [String] {
        let position = Position(source: path)
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let names: [String]
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: resolved)
            guard attributes[.type] as? FileAttributeType == .typeDirectory else { return [path] }
            names = try FileManager.default.contentsOfDirectory(atPath: resolved)
        } catch {
            let isThere = FileManager.default.fileExists(atPath: resolved)
            let message =
                isThere
                ? "cannot be read: \(SourceText.reason(error))" : "no such file or folder"
            throw ScenarioErrors([Diagnostic(.error, at: position, message)])
        }
        let endings = [".yaml", ".yml"]
        let found = names.filter { name in
            !name.hasPrefix(".") && endings.contains { name.hasSuffix($0) }
        }
        guard !found.isEmpty else {
            let message = "holds no .yaml file"
            throw ScenarioErrors([Diagnostic(.error, at: position, message)])
        }
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        return found.sorted().map { folder.isEmpty ? "/" + $0 : folder + "/" + $0 }
    }
}
