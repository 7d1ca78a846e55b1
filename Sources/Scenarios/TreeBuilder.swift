import Yams

/// Turns YAML text into a bounded tree of `ScenarioNode`, or says why not.
///
/// Anchors are refused before the text is composed: the composer hashes mapping keys, so a few
/// nested aliases as a key would keep it busy for ever.
struct TreeBuilder {
    /// Far above what the scenario format needs, far below what a stack bears.
    static let mostLevels = 24
    /// Twenty times the largest scenario that makes sense.
    static let mostNodes = 50_000
    /// A file with more repeated keys than this is reported up to here.
    private static let mostRepeatedKeys = 20

    let source: String
    let findings: Findings
    private var nodes = 0
    private var repeated: [RepeatedKey] = []

    /// A key that stands twice in one mapping; the first one has been renamed to `alias`.
    private struct RepeatedKey {
        var key: String
        var alias: String
        var first: Position
    }

    init(source: String, findings: Findings) {
        self.source = source
        self.findings = findings
    }

    /// The tree of `text`; `nil` after an error.
    mutating func tree(of text: String) -> ScenarioNode? {
        guard !refusesNesting(in: text), !refusesAnchors(in: text) else { return nil }
        var text = text
        while true {
            do {
                return try compose(text)
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let position = place(of: context.mark)
                guard repeated.count < Self.mostRepeatedKeys,
                    let key = keys.first,
                    let renamed = rename(key, at: context.mark, in: text)
                else {
                    let shown = keys.first.map(quoted) ?? "a key"
                    findings.error("key \(shown) stands twice in one mapping", at: position)
                    return nil
                }
                text = renamed
            } catch let error as YamlError {
                report(error, text: text)
                return nil
            } catch {
                findings.error("cannot be parsed: \(error)", at: Position(source: source))
                return nil
            }
        }
    }

    private mutating func compose(_ text: String) throws -> ScenarioNode? {
        nodes = 0
        let parser = try Parser(yaml: text, encoding: .utf8)
        guard let root = try parser.singleRoot() else { return nil }
        let tree = node(root, level: 0)
        // Nodes refer to their anchors weakly; the parser owns them.
        withExtendedLifetime(parser) {}
        return tree
    }

    private mutating func node(_ raw: Node, level: Int) -> ScenarioNode? {
        let position = place(of: raw.mark)
        nodes += 1
        guard nodes <= Self.mostNodes else {
            let most = Figures.count(Self.mostNodes)
            findings.error("the file has more than \(most) values", at: position)
            return nil
        }
        guard level <= Self.mostLevels else {
            findings.error("nested deeper than \(Self.mostLevels) levels", at: position)
            return nil
        }
        guard raw.anchor == nil else {
            findings.error("anchors (&) and aliases (*) are not supported", at: position)
            return nil
        }
        switch raw {
        case .scalar(let scalar):
            let isQuoted = scalar.style != .plain && scalar.style != .any
            return ScenarioNode(.scalar(scalar.string, isQuoted: isQuoted), at: position)
        case .sequence(let sequence):
            var items: [ScenarioNode] = []
            for item in sequence {
                guard let converted = node(item, level: level + 1) else { return nil }
                items.append(converted)
            }
            return ScenarioNode(.sequence(items), at: position)
        case .mapping(let mapping):
            return self.mapping(mapping, at: position, level: level)
        case .alias:
            findings.error("anchors (&) and aliases (*) are not supported", at: position)
            return nil
        }
    }

    private mutating func mapping(
        _ raw: Node.Mapping,
        at position: Position,
        level: Int
    ) -> ScenarioNode? {
        var entries: [ScenarioNode.Entry] = []
        var hidden: [RepeatedKey] = []
        for (rawKey, rawValue) in raw {
            let place = place(of: rawKey.mark)
            guard case .scalar(let key) = rawKey else {
                findings.error("a key must be a word, not a list or mapping", at: place)
                return nil
            }
            guard let value = node(rawValue, level: level + 1) else { return nil }
            if let known = repeated.first(where: { $0.alias == key.string }) {
                hidden.append(known)
            } else {
                let entry = ScenarioNode.Entry(key: key.string, position: place, value: value)
                entries.append(entry)
            }
        }
        for known in hidden {
            let second = entries.first { $0.key == known.key }?.position ?? known.first
            findings.error(
                "key \(quoted(known.key)) stands twice in one mapping; first in line "
                    + "\(known.first.line)",
                at: second
            )
        }
        return ScenarioNode(.mapping(entries), at: position)
    }

    private func place(of mark: Mark?) -> Position {
        Position(source: source, line: mark?.line ?? 0, column: mark?.column ?? 0)
    }
}

// MARK: - Repeated keys

extension TreeBuilder {
    /// Replaces the key at `mark` by letters from the private use area, one for one, so that
    /// positions stay and the rest of the file can be judged as well.
    private mutating func rename(_ key: String, at mark: Mark, in text: String) -> String? {
        let letters = Array(key.unicodeScalars)
        var scalars = Array(text.unicodeScalars)
        guard !letters.isEmpty, var start = Self.offset(of: mark, in: scalars) else { return nil }
        if start < scalars.count, scalars[start] == "\"" || scalars[start] == "'" { start += 1 }
        guard start + letters.count <= scalars.count,
            Array(scalars[start..<start + letters.count]) == letters,
            let stand = Unicode.Scalar(0xE000 + UInt32(repeated.count))
        else { return nil }
        var alias = String.UnicodeScalarView()
        for index in letters.indices {
            scalars[start + index] = stand
            alias.append(stand)
        }
        repeated.append(RepeatedKey(key: key, alias: String(alias), first: place(of: mark)))
        var renamed = String.UnicodeScalarView()
        renamed.append(contentsOf: scalars)
        return String(renamed)
    }

    /// Where a mark points, with the line ends that YAML 1.1 knows.
    private static func offset(of mark: Mark, in scalars: [Unicode.Scalar]) -> Int? {
        var line = 1
        var index = 0
        while line < mark.line, index < scalars.count {
            switch scalars[index] {
            case "\r":
                let isPair = index + 1 < scalars.count && scalars[index + 1] == "\n"
                index += isPair ? 2 : 1
                line += 1
            case "\n", "\u{85}", "\u{2028}", "\u{2029}":
                index += 1
                line += 1
            default:
                index += 1
            }
        }
        let offset = index + mark.column - 1
        return line == mark.line && offset < scalars.count ? offset : nil
    }
}

// MARK: - What YAML can do and scenarios cannot

extension TreeBuilder {
    /// Whether some `*name` follows the text `&name`: without both there is no alias to expand.
    ///
    /// Wider than YAML (it looks into quotes and comments as well), never narrower.
    private func refusesAnchors(in text: String) -> Bool {
        var anchors: Set<[UInt8]> = []
        var (line, column) = (1, 1)
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*") {
                let name = Self.name(in: bytes, from: index + 1)
                if byte == UInt8(ascii: "&"), !name.isEmpty { anchors.insert(name) }
                if byte == UInt8(ascii: "*"), anchors.contains(name) {
                    findings.error(
                        "anchors (&) and aliases (*) are not supported: write the value again "
                            + "instead of \(quoted("*" + String(decoding: name, as: UTF8.self)))",
                        at: Position(source: source, line: line, column: column)
                    )
                    return true
                }
            }
            if byte == UInt8(ascii: "\n") {
                (line, column) = (line + 1, 1)
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return false
    }

    /// Whether brackets or indicators are nested so deeply that composing them would take long.
    ///
    /// Counts what stands in quotes as well; the limit leaves room for that.
    private func refusesNesting(in text: String) -> Bool {
        let most = 10 * Self.mostLevels
        var (line, column) = (1, 0)
        var (brackets, indicators) = (0, 0)
        for byte in text.utf8 {
            column += 1
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"): brackets += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): brackets = max(0, brackets - 1)
            case UInt8(ascii: "?"), UInt8(ascii: "-"): indicators += 1
            case UInt8(ascii: "\n"): (line, column, indicators) = (line + 1, 0, 0)
            case UInt8(ascii: " "): break
            default: indicators = 0
            }
            guard brackets <= most, indicators <= most else {
                let place = Position(source: source, line: line, column: column)
                findings.error("nested deeper than \(Self.mostLevels) levels", at: place)
                return true
            }
        }
        return false
    }

    /// The anchor name at `start`: letters, digits, `_` and `-`, as libyaml reads it.
    private static func name(in bytes: [UInt8], from start: Int) -> [UInt8] {
        let name = bytes[start...].prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return Array(name)
    }

    private func report(_ error: YamlError, text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _):
            let about = context.map { " (\($0.text) in line \($0.mark.line))" } ?? ""
            let message =
                Self.startsWithTab(line: mark.line, of: text)
                ? "a tab cannot indent a line; use spaces" : problem + about
            findings.error("not YAML: \(message)", at: place(of: mark))
        case .composer(_, let problem, let mark, _):
            let message =
                problem.contains("another document")
                ? "a scenario file holds one document; this begins a second" : problem
            findings.error(message, at: place(of: mark))
        default:
            findings.error("not YAML: \(quoted("\(error)"))", at: Position(source: source))
        }
    }

    private static func startsWithTab(line: Int, of text: String) -> Bool {
        let lines = text.unicodeScalars.split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        guard lines.indices.contains(line - 1) else { return false }
        let blank = lines[line - 1].prefix { $0 == " " || $0 == "\t" }
        return blank.contains("\t")
    }
}
