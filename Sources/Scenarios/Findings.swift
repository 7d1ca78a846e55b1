/// Collects what there is to say about one scenario while it is read.
///
/// A reference because every reader of a part adds to the same list.
final class Findings {
    /// A file with more mistakes than this is not a scenario; the rest would be noise.
    static let most = 100

    private(set) var diagnostics: [Diagnostic] = []
    private(set) var hasErrors = false

    /// Whether more would not be kept; what is costly to phrase can be left out.
    var isFull: Bool { diagnostics.count > Self.most }

    func error(_ message: String, at position: Position) {
        hasErrors = true
        add(.error, message, position)
    }

    func warning(_ message: String, at position: Position) {
        add(.warning, message, position)
    }

    func note(_ message: String, at position: Position) {
        add(.note, message, position)
    }

    /// The findings in the order of the file; one that was found twice stands once.
    var sorted: [Diagnostic] {
        var seen: Set<Diagnostic> = []
        return diagnostics.filter { seen.insert($0).inserted }
            .enumerated()
            .sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element)
    }

    private func add(_ severity: Diagnostic.Severity, _ message: String, _ position: Position) {
        guard diagnostics.count < Self.most else {
            if diagnostics.count == Self.most {
                let rest = "more than \(Self.most) findings; the rest is not shown"
                let end = Position(source: position.source)
                diagnostics.append(Diagnostic(.error, at: end, rest))
            }
            return
        }
        diagnostics.append(Diagnostic(severity, at: position, message))
    }
}

/// The text as it is quoted in messages: one line, no control characters, not too long.
func quoted(_ text: String) -> String {
    let shown = 60
    var result = "'"
    for (count, scalar) in text.unicodeScalars.enumerated() {
        guard count < shown else {
            result += "…"
            break
        }
        switch scalar {
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        case "\r": result += "\\r"
        default:
            let isVisible = scalar.value >= 0x20 && scalar.properties.generalCategory != .control
            result.unicodeScalars.append(isVisible ? scalar : "\u{FFFD}")
        }
    }
    return result + "'"
}

/// The words as a choice: `a, b or c`.
func alternatives(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}
