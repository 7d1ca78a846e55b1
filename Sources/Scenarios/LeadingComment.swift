/// The question that a scenario answers, as its file says it.
enum LeadingComment {
    private static let longest = 400

    /// The first block of comment lines, as one line; machine-readable ones are left out.
    static func summary(of text: String) -> String {
        var words: [Substring] = []
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let content = line.drop { $0 == " " }
            guard content.hasPrefix("#") else {
                if words.isEmpty { continue }
                break
            }
            let comment = content.dropFirst().drop { $0 == " " || $0 == "#" }
            if comment.hasPrefix(MustFail.marker) { continue }
            guard !comment.isEmpty else {
                if words.isEmpty { continue }
                break
            }
            words += comment.split(whereSeparator: \.isWhitespace)
        }
        return String(words.joined(separator: " ").prefix(longest))
    }
}

/// What a scenario that exists in order to fail says of itself in its first line.
///
/// `# must-fail: exit=1 anomaly=A4 side=application`
public struct MustFail: Hashable, Sendable {
    static let marker = "must-fail:"

    /// The expected exit code.
    public var exitCode: Int
    /// The expected anomaly, such as `A4`; `nil` if any will do.
    public var anomaly: String?
    /// The side that has to see it: `broker` or `application`.
    public var side: String?

    /// What the first line of `text` says; `nil` if it is no such line.
    public init?(firstLineOf text: String) {
        let line = text.prefix { !$0.isNewline }.drop { $0 == "#" || $0 == " " }
        guard text.hasPrefix("#"), line.hasPrefix(Self.marker) else { return nil }
        var fields: [String: String] = [:]
        for word in line.dropFirst(Self.marker.count).split(separator: " ") {
            let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
            if pair.count == 2 { fields[pair[0]] = pair[1] }
        }
        guard let exitCode = fields["exit"].flatMap({ Int($0) }) else { return nil }
        self.exitCode = exitCode
        anomaly = fields["anomaly"]
        side = fields["side"]
    }
}
