/// A piece of a scenario file with its place in it.
///
/// Free of aliases, anchors and tags, bounded in depth and size; every scalar is still text.
struct ScenarioNode: Hashable, Sendable {
    enum Content: Hashable, Sendable {
        case scalar(String, isQuoted: Bool)
        case sequence([ScenarioNode])
        case mapping([Entry])
    }

    struct Entry: Hashable, Sendable {
        var key: String
        var position: Position
        var value: ScenarioNode
    }

    var content: Content
    var position: Position

    init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }

    /// The text of a scalar.
    var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    var items: [ScenarioNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    /// Whether nothing stands where a value is due (`key:` alone, `~` or `null`).
    var isMissing: Bool {
        guard case .scalar(let text, isQuoted: false) = content else { return false }
        return text.isEmpty || text == "~" || text == "null"
    }

    /// The value under `key` of a mapping.
    subscript(key: String) -> ScenarioNode? {
        entries?.first { $0.key == key }?.value
    }

    /// What messages call it.
    var shown: String {
        switch content {
        case .scalar(let text, _): isMissing ? "nothing" : quoted(text)
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The place of what `path` leads to, as near as it exists.
    ///
    /// List items go by their `name`.
    func position(of path: [String]) -> Position {
        guard let step = path.first else { return position }
        let rest = Array(path.dropFirst())
        if let entry = entries?.first(where: { $0.key == step }) {
            return rest.isEmpty ? entry.position : entry.value.position(of: rest)
        }
        if let item = items?.first(where: { $0["name"]?.text == step }) {
            return item.position(of: rest)
        }
        return position
    }
}
