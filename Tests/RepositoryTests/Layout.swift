/// What the repository's top level and its scenarios look like.
enum Layout {
    static let topLevel: Set<String> = [
        "Package.swift", "Package.resolved", "Sources", "Tests", "Benchmarks", "scenarios",
        "results", "README.md",
    ]

    static let largestFileBytes = 256 << 10

    /// Names that do not belong at the top; those with a dot in front are the tools' own.
    static func strangers(among names: [String]) -> [String] {
        names.filter { !$0.hasPrefix(".") && !topLevel.contains($0) }.sorted()
    }

    /// A scenario says on top which question it answers, one that must fail how it does.
    static func scenarioViolations(path: String, _ text: String) -> [Violation] {
        let lines = text.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
        var found: [Violation] = []
        let mustFail = path.contains("/must-fail/")
        let expectation =
            /# must-fail: exit=(?:[1345]|70)(?: anomaly=[A-Za-z0-9-]+ side=(?:broker|application))?/
        if mustFail, lines.first?.wholeMatch(of: expectation) == nil {
            found.append(
                Violation(
                    path: path,
                    line: 1,
                    message: "write '# must-fail: exit=N anomaly=A4 side=broker' on top"
                )
            )
        }
        let question = lines.dropFirst(mustFail ? 1 : 0).prefix(2).contains {
            $0.hasPrefix("# ") && $0.hasSuffix("?")
        }
        if !question {
            found.append(
                Violation(path: path, line: 1, message: "say on top which question it answers")
            )
        }
        return found
    }
}
