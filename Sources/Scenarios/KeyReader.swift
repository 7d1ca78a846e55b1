import Messaging
import Workloads

/// Reads which keys events get.
struct KeyReader {
    private static let words = ["round-robin", "uniform", "zipf", "hot-set"]
    /// The index part of a key has 40 bits; a table of weights must still fit.
    private static let mostKeys = 1_000_000_000
    /// Every pair of patterns is compared.
    private static let mostPatterns = 256

    let findings: Findings

    /// The distribution; its name pattern is entered into `names`.
    func read(_ node: ScenarioNode, names: inout KeyNames) -> KeyDistribution? {
        if node.text == "none" { return KeyDistribution(.none) }
        let words = ["none"] + Self.words
        guard node.entries != nil else {
            let hint = Suggestion.hint(for: node.text ?? "", among: words)
            findings.error("unknown keys \(node.shown)\(hint)", at: node.position)
            return nil
        }
        guard let variant = node.readVariant("keys", words, findings) else { return nil }
        guard Self.words.contains(variant.key) else {
            let hint = Suggestion.hint(for: variant.key, among: words)
            findings.error("unknown keys \(quoted(variant.key))\(hint)", at: variant.position)
            return nil
        }
        let extra = ["zipf": ["exponent"], "hot-set": ["hot", "share"]][variant.key] ?? []
        let fields = Fields(
            variant.value,
            "'\(variant.key)'",
            keys: ["count", "name"] + extra,
            findings: findings
        )
        guard let fields, let shape = shape(variant.key, fields),
            let pattern = pattern(fields, names: &names)
        else { return nil }
        return KeyDistribution(shape, pattern: pattern)
    }

    private func shape(_ word: String, _ fields: Fields) -> KeyDistribution.Shape? {
        guard fields.require("count") != nil,
            let count = fields.count("count", in: 1...Self.mostKeys)
        else { return nil }
        switch word {
        case "round-robin": return .roundRobin(count: count)
        case "uniform": return .uniform(count: count)
        case "zipf":
            guard fields.require("exponent") != nil else { return nil }
            guard let exponent = fields.number("exponent", in: 0.01...10) else { return nil }
            return .zipf(count: count, exponent: exponent)
        default:
            guard fields.require("hot") != nil, fields.require("share") != nil,
                let hot = fields.count("hot", in: 1...Self.mostKeys),
                let share = fields.number("share", in: 0...1)
            else { return nil }
            guard hot < count else {
                findings.error(
                    "'hot' is \(Figures.count(hot)) of \(Figures.count(count)) keys; it must "
                        + "leave some",
                    at: fields.position("hot")
                )
                return nil
            }
            return .hotSet(count: count, hot: hot, share: share)
        }
    }

    private func pattern(_ fields: Fields, names: inout KeyNames) -> UInt16? {
        let pattern = fields.has("name") ? fields.text("name") : "key-%d"
        guard let pattern else { return nil }
        let position = fields.position("name")
        let pieces = pattern.split(separator: "%d", omittingEmptySubsequences: false)
        guard pieces.count == 2, !pattern.contains("\n"), pattern.utf8.count <= 200 else {
            findings.error(
                "\(quoted(pattern)) is no pattern of names: write one %d in it, as in "
                    + "'customer-%d'",
                at: position
            )
            return nil
        }
        if !names.patterns.contains(pattern),
            let twin = names.patterns.first(where: { Self.mayCollide($0, pattern) })
        {
            findings.error(
                "\(quoted(pattern)) and \(quoted(twin)) can spell the same key; choose names "
                    + "that differ before or behind the number",
                at: position
            )
            return nil
        }
        guard names.patterns.count < Self.mostPatterns else {
            findings.error("more than \(Self.mostPatterns) patterns of key names", at: position)
            return nil
        }
        return names.number(of: pattern)
    }

    /// Whether two patterns could make one name: their texts differ by digits alone.
    static func mayCollide(_ left: String, _ right: String) -> Bool {
        let one = left.split(separator: "%d", omittingEmptySubsequences: false)
        let other = right.split(separator: "%d", omittingEmptySubsequences: false)
        guard one.count == 2, other.count == 2 else { return left == right }
        let (shortHead, longHead) =
            one[0].count <= other[0].count
            ? (one[0], other[0]) : (other[0], one[0])
        let (shortTail, longTail) =
            one[1].count <= other[1].count
            ? (one[1], other[1]) : (other[1], one[1])
        let isDigit: (Character) -> Bool = { $0.isASCII && $0.isNumber }
        return longHead.hasPrefix(shortHead) && longTail.hasSuffix(shortTail)
            && longHead.dropFirst(shortHead.count).allSatisfy(isDigit)
            && longTail.dropLast(shortTail.count).allSatisfy(isDigit)
    }
}
