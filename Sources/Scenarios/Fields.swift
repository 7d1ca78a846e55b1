/// A mapping that is being read: knows its keys, complains of every other one.
struct Fields {
    let node: ScenarioNode
    /// What the mapping describes, with its article: `a topic`.
    let what: String
    let findings: Findings

    /// Complains of keys that are not in `keys`; `nil` if `node` is no mapping.
    init?(
        _ node: ScenarioNode,
        _ what: String,
        keys: [String],
        part: Unavailable.Part? = nil,
        findings: Findings
    ) {
        self.node = node
        self.what = what
        self.findings = findings
        guard let entries = node.entries else {
            findings.error(
                "expected \(what) as a mapping with \(alternatives(keys)), found \(node.shown)",
                at: node.position
            )
            return nil
        }
        for entry in entries where !keys.contains(entry.key) {
            if findings.isFull { break }
            if let part, let message = Unavailable.message(for: entry.key, in: part) {
                findings.error(message, at: entry.position)
                continue
            }
            let hint = Suggestion.hint(for: entry.key, among: keys)
            findings.error("unknown key \(quoted(entry.key)) in \(what)\(hint)", at: entry.position)
        }
    }

    /// The value under `key`, if it is there and not empty.
    subscript(key: String) -> ScenarioNode? {
        guard let value = node[key] else { return nil }
        guard !value.isMissing else {
            let position = node.position(of: [key])
            findings.error("\(quoted(key)) has no value; give it one or remove it", at: position)
            return nil
        }
        return value
    }

    func has(_ key: String) -> Bool { node[key] != nil }

    /// The value under `key`, and an error if there is none.
    func require(_ key: String) -> ScenarioNode? {
        guard has(key) else {
            findings.error("\(what) needs \(quoted(key))", at: node.position)
            return nil
        }
        return self[key]
    }

    func position(_ key: String) -> Position { node.position(of: [key]) }
}

// MARK: - Typed values

extension Fields {
    func text(_ key: String) -> String? { self[key]?.readText(key, findings) }

    func flag(_ key: String) -> Bool? { self[key]?.readFlag(key, findings) }

    func count(_ key: String, in range: ClosedRange<Int>) -> Int? {
        self[key]?.readCount(key, in: range, findings)
    }

    func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        self[key]?.readNumber(key, in: range, findings)
    }

    func duration(_ key: String, isPositive: Bool = false) -> Duration? {
        self[key]?.readDuration(key, isPositive: isPositive, findings)
    }

    func choice<Choice>(_ key: String, _ type: Choice.Type) -> Choice?
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        self[key]?.readChoice(key, type, findings)
    }

    /// The items of a list under `key`.
    func list(_ key: String) -> [ScenarioNode]? {
        guard let value = self[key] else { return nil }
        if let items = value.items { return items }
        findings.error(
            "\(quoted(key)) is a list (- …), found \(value.shown)",
            at: value.position
        )
        return nil
    }
}
