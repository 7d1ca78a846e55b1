/// Words that source files do without, and what stands in their place.
enum Words {
    struct Ban {
        var word: String
        var instead: String
        /// Whether comments count as well.
        var countsComments = false
        /// Modules that need the word.
        var except: Set<String> = []
    }

    static let bans = [
        Ban(word: "try!", instead: "throw, or in tests `try`"),
        Ban(word: "try?", instead: "do and catch what can be thrown"),
        Ban(word: "as!", instead: "`as?` and say what failed, or a typed interface"),
        Ban(word: "fatalError", instead: "`preconditionFailure` with the state"),
        Ban(
            word: "print(",
            instead: "return text; only the command line prints",
            except: ["CommandLineInterface"]
        ),
        Ban(word: "Thread.sleep", instead: "a gate or a virtual clock"),
        Ban(word: "Task.sleep", instead: "a gate or a virtual clock"),
        Ban(word: "usleep(", instead: "a gate or a virtual clock"),
        Ban(word: "sleep(", instead: "a gate or a virtual clock"),
        Ban(word: "@preconcurrency", instead: "types that are Sendable"),
        Ban(word: "import XCTest", instead: "Swift Testing"),
        Ban(word: "TODO", instead: "do it, or open an issue", countsComments: true),
        Ban(word: "FIXME", instead: "fix it, or open an issue", countsComments: true),
        Ban(word: "XXX", instead: "say what is meant", countsComments: true),
    ]

    static func violations(in source: SourceText, bans: [Ban] = bans) -> [Violation] {
        var found: [Violation] = []
        for ban in bans where !ban.except.contains(source.module) && source.mentions(ban.word) {
            let lines = ban.countsComments ? source.lines : source.code
            for (index, line) in lines.enumerated() where contains(ban.word, in: line) {
                found.append(source.violation(index, "'\(ban.word)'; instead: \(ban.instead)"))
            }
        }
        return found
    }

    /// Whether `line` has `word` with no letter or digit just before or, if it ends in one, after.
    static func contains(_ word: String, in line: String) -> Bool {
        var rest = line[...]
        while let found = rest.firstRange(of: word) {
            let before =
                found.lowerBound > line.startIndex
                ? line[line.index(before: found.lowerBound)] : " "
            let after = found.upperBound < line.endIndex ? line[found.upperBound] : " "
            let isWhole = !isWordPart(before) || !isWordPart(word.first ?? " ")
            let isEnded = !isWordPart(after) || !isWordPart(word.last ?? " ")
            if isWhole && isEnded { return true }
            rest = rest[found.upperBound...]
        }
        return false
    }

    private static func isWordPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
