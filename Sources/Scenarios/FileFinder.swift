import Foundation

/// Finds files that scenarios name: beside the scenario first, then from the current folder.
struct FileFinder {
    /// The scenario's folder, and the folder we were started in.
    var folders: [String]

    /// The first of the candidates for `path` that exists; `nil` after an error.
    func find(_ node: ScenarioNode, what: String, _ findings: Findings) -> (String, size: Int)? {
        guard let path = node.readText(what, findings) else { return nil }
        guard !path.isEmpty, !path.unicodeScalars.contains("\0"), path.utf8.count < 4096 else {
            findings.error("\(quoted(path)) is no path", at: node.position)
            return nil
        }
        var candidates = path.hasPrefix("/") ? [path] : folders.map { join($0, path) }
        if candidates.count == 2, candidates[0] == candidates[1] { candidates.removeLast() }
        guard let found = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
            let places = candidates.map(quoted).joined(separator: " and ")
            findings.error("no file \(quoted(path)); looked for \(places)", at: node.position)
            return nil
        }
        let probe = Findings()
        let size = SourceText.regularFileSize(
            path: found,
            position: node.position,
            findings: probe
        )
        guard let size else {
            for finding in probe.diagnostics {
                findings.error("\(quoted(found)) \(finding.message)", at: node.position)
            }
            return nil
        }
        return (found, size)
    }

    private func join(_ folder: String, _ path: String) -> String {
        folder.isEmpty || folder == "." ? path : folder + "/" + path
    }
}
