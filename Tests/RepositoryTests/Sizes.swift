/// How long lines, functions and files may be.
enum Sizes {
    static let lineColumns = 100
    static let functionLines = 70
    /// Tests hold tables of texts and samples, which are no easier to read when cut up.
    static let testLineColumns = 140
    static let testFunctionLines = 100
    static let fileLines = 400
    /// For state machines and tables that say on top why they are so long.
    static let explainedFileLines = 600

    static func violations(in source: SourceText) -> [Violation] {
        longLines(source) + longFunctions(source) + longFile(source)
    }

    /// Lines inside a literal are as long as what they quote.
    private static func longLines(_ source: SourceText) -> [Violation] {
        let allowed = source.isTest ? testLineColumns : lineColumns
        return longLines(source, allowed)
    }

    private static func longLines(_ source: SourceText, _ allowed: Int) -> [Violation] {
        source.lines.enumerated().compactMap { index, line in
            guard line.utf8.count > allowed, line.count > allowed else { return nil }
            let isQuoted =
                source.code[index].allSatisfy { $0 == " " }
                && !line.drop { $0 == " " }.hasPrefix("//")
            if isQuoted { return nil }
            return source.violation(index, "\(line.count) columns, \(allowed) are allowed")
        }
    }

    private static func longFile(_ source: SourceText) -> [Violation] {
        let count = source.lines.count - (source.lines.last == "" ? 1 : 0)
        let isExplained = source.lines.first?.hasPrefix("// ") == true
        let allowed = isExplained ? explainedFileLines : fileLines
        guard count > allowed else { return [] }
        let advice = isExplained ? "split it" : "split it, or say on top why it is so long"
        return [source.violation(0, "\(count) lines, \(allowed) are allowed: \(advice)")]
    }

    /// Functions by their braces: what follows `func`, `init`, `deinit` or `subscript`.
    private static func longFunctions(_ source: SourceText) -> [Violation] {
        let allowed = source.isTest ? testFunctionLines : functionLines
        var found: [Violation] = []
        var declared: Int?
        var open: [Int?] = []
        var parentheses = 0
        for (index, line) in source.code.enumerated() {
            if line.utf8.count > 4,
                line.contains(/(?:^|[^.\w])(?:func [^\s]|init[?(<]|deinit\b|subscript[(<])/)
            {
                declared = index
            }
            for byte in line.utf8 {
                switch byte {
                case UInt8(ascii: "("): parentheses += 1
                case UInt8(ascii: ")"): parentheses -= 1
                case UInt8(ascii: "{"):
                    open.append(parentheses == 0 ? declared : nil)
                    if parentheses == 0 { declared = nil }
                case UInt8(ascii: "}"):
                    guard let start = open.popLast() ?? nil else { continue }
                    let count = index - start + 1
                    guard count > allowed else { continue }
                    found.append(
                        source.violation(
                            start,
                            "a function of \(count) lines, \(allowed) are allowed"
                        )
                    )
                default: break
                }
            }
        }
        return found
    }
}
