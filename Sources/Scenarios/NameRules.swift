/// What names of scenarios, topics, producers, groups and faults may look like.
///
/// They become folder names, CSV fields and topic names of real brokers.
enum NameRules {
    /// The longest name: Kafka's limit for topics.
    static let longest = 249

    /// The name under `key`; complains of one that cannot be used everywhere.
    static func read(_ key: String, of fields: Fields) -> String? {
        guard let node = fields.require(key) else { return nil }
        return check(node, what: key, fields.findings)
    }

    static func check(_ node: ScenarioNode, what: String, _ findings: Findings) -> String? {
        guard let name = node.readText(what, findings) else { return nil }
        guard !name.isEmpty, name.unicodeScalars.count <= longest else {
            let problem = name.isEmpty ? "is empty" : "is longer than \(longest) characters"
            findings.error("\(quoted(what)) \(problem)", at: node.position)
            return nil
        }
        guard name.unicodeScalars.allSatisfy(isAllowed), name.first != ".", name.first != "-"
        else {
            findings.error(
                "\(quoted(name)) is no usable name: letters, digits, '.', '_' and '-', "
                    + "beginning with a letter or digit",
                at: node.position
            )
            return nil
        }
        return name
    }

    /// A usable name made of any text, such as a file's.
    static func usable(from text: String) -> String {
        var name = ""
        for scalar in text.unicodeScalars.prefix(longest) {
            name.unicodeScalars.append(isAllowed(scalar) ? scalar : "-")
        }
        let trimmed = name.drop { $0 == "." || $0 == "-" }
        return trimmed.isEmpty ? "scenario" : String(trimmed)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": true
        default: false
        }
    }
}
