/// What the command line changes in a scenario before it is judged.
public struct Overrides: Hashable, Sendable {
    /// Texts of `--set path.to.key=value`, in order; later ones win.
    public var settings: [String]
    /// The text of `--seed`: a number or a Git commit.
    public var seed: String?
    /// The name of `--driver`.
    public var driver: String?

    /// Makes overrides; without arguments, none.
    public init(settings: [String] = [], seed: String? = nil, driver: String? = nil) {
        self.settings = settings
        self.seed = seed
        self.driver = driver
    }

    /// Applies everything to `tree`; complains of what leads nowhere.
    func apply(to tree: inout ScenarioNode, _ findings: Findings) {
        if let driver {
            let position = Position(source: "--driver \(driver)")
            if tree["driver"]?.driverKind != driver {
                let value = ScenarioNode(.scalar(driver, isQuoted: true), at: position)
                tree.replace("driver", by: value, at: position)
            }
        }
        for setting in settings { apply(setting, to: &tree, findings) }
        if let seed {
            let position = Position(source: "--seed \(seed)")
            let value = ScenarioNode(.scalar(seed, isQuoted: true), at: position)
            var run = tree["run"] ?? ScenarioNode(.mapping([]), at: position)
            if run.isMissing { run.content = .mapping([]) }
            run.replace("seed", by: value, at: position)
            tree.replace("run", by: run, at: tree.position(of: ["run"]))
        }
    }

    private func apply(_ setting: String, to tree: inout ScenarioNode, _ findings: Findings) {
        let position = Position(source: "--set \(setting)")
        guard let equals = setting.firstIndex(of: "="), equals != setting.startIndex else {
            findings.error("write --set path.to.key=value", at: position)
            return
        }
        let path = setting[..<equals].split(separator: ".", omittingEmptySubsequences: false)
            .map(String.init)
        guard path.allSatisfy({ !$0.isEmpty }), path.count <= TreeBuilder.mostLevels else {
            findings.error("the path has an empty step or too many", at: position)
            return
        }
        let text = String(setting[setting.index(after: equals)...])
        guard let value = value(text, at: position, findings) else { return }
        if path[0] == "driver", path.count > 1 { tree.expandDriver(at: position) }
        tree.set(path[...], to: value, findings)
    }

    /// The value, read as YAML: `--set producers.web.rate={each: 1k/s}` works.
    private func value(
        _ text: String,
        at position: Position,
        _ findings: Findings
    ) -> ScenarioNode? {
        guard !text.isEmpty else {
            return ScenarioNode(.scalar("", isQuoted: false), at: position)
        }
        let probe = Findings()
        guard text.utf8.count < 65_536,
            let clean = SourceText.decode(Array(text.utf8), position: position, findings: probe)
        else {
            findings.error("the value cannot be read", at: position)
            return nil
        }
        var builder = TreeBuilder(source: position.source, findings: probe)
        guard let tree = builder.tree(of: clean), !probe.hasErrors else {
            for finding in probe.diagnostics { findings.error(finding.message, at: position) }
            if !probe.hasErrors { findings.error("the value is empty", at: position) }
            return nil
        }
        return tree.moved(to: position)
    }
}

extension ScenarioNode {
    /// The driver's name, however it is written.
    fileprivate var driverKind: String? { text ?? self["kind"]?.text }

    fileprivate func moved(to place: Position) -> ScenarioNode {
        switch content {
        case .scalar: ScenarioNode(content, at: place)
        case .sequence(let items):
            ScenarioNode(.sequence(items.map { $0.moved(to: place) }), at: place)
        case .mapping(let entries):
            ScenarioNode(
                .mapping(
                    entries.map {
                        Entry(key: $0.key, position: place, value: $0.value.moved(to: place))
                    }
                ),
                at: place
            )
        }
    }

    /// Puts `value` under `key` of a mapping.
    fileprivate mutating func replace(_ key: String, by value: ScenarioNode, at place: Position) {
        var entries = self.entries ?? []
        if let index = entries.firstIndex(where: { $0.key == key }) {
            entries[index].value = value
            entries[index].position = place
        } else {
            entries.append(Entry(key: key, position: place, value: value))
        }
        content = .mapping(entries)
    }

    fileprivate mutating func set(
        _ path: ArraySlice<String>,
        to value: ScenarioNode,
        _ findings: Findings
    ) {
        guard let step = path.first else {
            self = value
            return
        }
        if items != nil {
            setItem(path, to: value, findings)
            return
        }
        if text != nil, !isMissing {
            findings.error(
                "\(quoted(step)) leads nowhere: there is the value \(shown)",
                at: value.position
            )
            return
        }
        let rest = path.dropFirst()
        let isNew = self[step] == nil
        var child = self[step] ?? ScenarioNode(.mapping([]), at: value.position)
        child.set(rest, to: value, findings)
        let place = rest.isEmpty || isNew ? value.position : position(of: [step])
        replace(step, by: child, at: place)
    }

    /// Writes `driver: ring` out as `driver: { kind: ring }`, so that settings can join it.
    fileprivate mutating func expandDriver(at place: Position) {
        let driver = self["driver"]
        guard driver == nil || driver?.text != nil else { return }
        let isNamed = driver.map { !$0.isMissing } ?? false
        let name = isNamed ? driver?.text ?? "" : DriverChoice.standard
        let kind = ScenarioNode(.scalar(name, isQuoted: true), at: driver?.position ?? place)
        let entry = Entry(key: "kind", position: kind.position, value: kind)
        let mapping = ScenarioNode(.mapping([entry]), at: kind.position)
        replace("driver", by: mapping, at: position(of: ["driver"]))
    }

    /// Items go by name, which may hold points, or by number.
    private mutating func setItem(
        _ path: ArraySlice<String>,
        to value: ScenarioNode,
        _ findings: Findings
    ) {
        var items = self.items ?? []
        let names = items.compactMap { $0["name"]?.text }
        for length in 1...path.count {
            let name = path.prefix(length).joined(separator: ".")
            let number = Int(name).flatMap { items.indices.contains($0) ? $0 : nil }
            guard let index = items.firstIndex(where: { $0["name"]?.text == name }) ?? number
            else { continue }
            items[index].set(path.dropFirst(length), to: value, findings)
            content = .sequence(items)
            return
        }
        let step = path.first ?? ""
        let hint = names.isEmpty ? "" : Suggestion.hint(for: step, among: names)
        findings.error("no item named \(quoted(step))\(hint)", at: value.position)
    }
}
