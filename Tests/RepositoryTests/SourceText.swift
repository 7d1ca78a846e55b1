import Foundation

/// One text file of the repository, and its lines without comments and string literals.
struct SourceText {
    /// From the repository's root.
    let path: String
    let lines: [String]
    /// `lines` with comments and the contents of string literals replaced by spaces.
    let code: [String]
    private let bytes: Data

    init(path: String, _ text: String) {
        self.path = path
        bytes = Data(text.utf8)
        lines = Self.split(text)
        code = Self.split(Blanking.code(of: text))
    }

    /// Whether it is a test's source.
    var isTest: Bool { path.hasPrefix("Tests/") }

    /// The folder under `Sources` or `Tests` that a Swift file belongs to.
    var module: String {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 2 else { return "" }
        return parts[1] == "Drivers" ? parts[2] : parts[1]
    }

    /// Whether `word` stands anywhere, comments and literals included; much faster than a look
    /// at every line.
    func mentions(_ word: String) -> Bool { bytes.range(of: Data(word.utf8)) != nil }

    func violation(_ index: Int, _ message: String) -> Violation {
        Violation(path: path, line: index + 1, message: message)
    }

    static func indent(of line: String) -> Int { line.utf8.prefix { $0 == 32 }.count }

    private static func split(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String($0) ?? "" }
    }
}

/// Something that a file does and should not.
struct Violation: Hashable, CustomStringConvertible {
    var path: String
    var line: Int
    var message: String

    var description: String { "\(path):\(line): \(message)" }
}

extension [Violation] {
    /// One a line, for a test's failure.
    var report: String { map(\.description).joined(separator: "\n") }
}
