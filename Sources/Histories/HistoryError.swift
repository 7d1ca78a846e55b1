/// Why a history could not be read.
public enum HistoryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A line is no JSON object of the expected shape.
    case malformed(line: Int, what: String)
    /// `index` did not grow.
    case indexNotIncreasing(line: Int, index: Int64, previous: Int64)
    /// `f` or `type` is none that this model knows.
    case unknownWord(line: Int, field: String, word: String, known: [String])
    /// A field that the operation needs is not there.
    case missing(line: Int, f: String, field: String)
    /// A line is longer than any record can be.
    case lineTooLong(line: Int, limit: Int)
    /// More names than an index can number.
    case tooManyNames(line: Int, what: String)
    /// The file could not be read.
    case unreadable(path: String, reason: String)

    /// One sentence: what, where, and what to do.
    public var description: String {
        switch self {
        case .malformed(let line, let what):
            "line \(line): \(what); every line is one JSON object with index, time, process, type, "
                + "f and value"
        case .indexNotIncreasing(let line, let index, let previous):
            "line \(line): index \(index) after \(previous); sort the records, and number them"
        case .unknownWord(let line, let field, let word, let known):
            "line \(line): \(field) \"\(word)\" is not known; use one of "
                + known.joined(separator: ", ")
        case .missing(let line, let f, let field):
            "line \(line): \(f) needs \"\(field)\" in its value"
        case .lineTooLong(let line, let limit):
            "line \(line): longer than \(limit) bytes; no record is, is this a history?"
        case .tooManyNames(let line, let what):
            "line \(line): more than 65,535 different \(what) names"
        case .unreadable(let path, let reason):
            "\(path): cannot be read: \(reason)"
        }
    }
}
