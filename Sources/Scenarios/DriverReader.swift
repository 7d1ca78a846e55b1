/// Reads `driver: ring` or `driver: { kind: kafka, … }`; only the driver knows its settings.
struct DriverReader {
    let findings: Findings

    func read(_ node: ScenarioNode) -> DriverChoice? {
        if node.text != nil {
            return NameRules.check(node, what: "driver", findings)
                .map { DriverChoice(kind: $0, settings: [:]) }
        }
        guard let entries = node.entries else {
            findings.error(
                "'driver' is a name or a mapping with 'kind', found \(node.shown)",
                at: node.position
            )
            return nil
        }
        guard let kind = node["kind"], !kind.isMissing else {
            findings.error("'driver' needs 'kind', as in { kind: ring }", at: node.position)
            return nil
        }
        guard let name = NameRules.check(kind, what: "kind", findings) else { return nil }
        var choice = DriverChoice(kind: name, settings: [:])
        for entry in entries where entry.key != "kind" {
            add(entry.value, as: entry.key, to: &choice)
        }
        return choice
    }

    /// Mappings inside become keys with points: `config: { a: 1 }` is `config.a`.
    private func add(_ node: ScenarioNode, as key: String, to choice: inout DriverChoice) {
        switch node.content {
        case .scalar(let text, _):
            choice.settings[key] = .text(text)
        case .sequence(let items):
            let texts = items.compactMap(\.text)
            guard texts.count == items.count else {
                findings.error("\(quoted(key)) is a list of plain values", at: node.position)
                return
            }
            choice.settings[key] = .list(texts)
        case .mapping(let entries):
            for entry in entries { add(entry.value, as: "\(key).\(entry.key)", to: &choice) }
        }
    }
}
