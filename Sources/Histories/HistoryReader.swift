import Messaging

/// Reads a history of deliveries, in pieces of any size, with bounded memory.
///
/// Strict: the first line that is not as the format says ends the reading with its number. Keeps
/// no more than an unfinished line and the names: 65,536 each of topics, groups, rules and
/// processes with open receives, 1,048,576 keys in at most 64 MiB.
public struct HistoryReader {
    /// What the indices in the records stand for, as far as it has read.
    public internal(set) var names: HistoryNames

    /// How many records it has read.
    public private(set) var records: UInt64 = 0

    /// Whether keys were forgotten because there were too many: order by key is undecided.
    public internal(set) var forgetsKeys = false

    /// The beginning of a line whose end has not come.
    private var rest: [UInt8] = []
    var line = 0
    var lastIndex = Int64.min
    var parsed = HistoryLine()
    var topics: NameTable
    var groups: NameTable
    var rules: NameTable
    var receiveInvoked: [UInt32: Instant] = [:]
    let words = HistoryWords()

    /// The longest line it accepts, in bytes; a record is a few hundred.
    public static let lineLimit = 1 << 20
    static let keyLimit = 1 << 20
    /// How many names of a sort, and how many processes, it can tell apart.
    static let nameLimit = 1 << 16

    /// A reader that numbers names from those of `names` on.
    public init(names: HistoryNames = HistoryNames()) {
        self.names = names
        topics = NameTable(names.topics)
        groups = NameTable(names.groups)
        rules = NameTable(names.rules)
    }

    /// Reads the next piece and hands every whole record in it to `body`.
    public mutating func read(
        _ chunk: some Sequence<UInt8>,
        _ body: (HistoryRecord) -> Void
    ) throws(HistoryError) {
        let bytes = Array(chunk)
        try read(bytes.span, body)
    }

    /// Reads the next piece and hands every whole record in it to `body`.
    public mutating func read(
        _ chunk: Span<UInt8>,
        _ body: (HistoryRecord) -> Void
    ) throws(HistoryError) {
        var start = 0
        while let end = Self.lineEnd(in: chunk, from: start) {
            if rest.isEmpty {
                try take(chunk.extracting(start..<end), body)
            } else {
                try keep(chunk.extracting(start..<end))
                try finish(body)
            }
            start = end + 1
        }
        try keep(chunk.extracting(start..<chunk.count))
    }

    /// Reads what is left after the last line break.
    public mutating func finish(_ body: (HistoryRecord) -> Void) throws(HistoryError) {
        var last: [UInt8] = []
        swap(&last, &rest)
        try take(last.span, body)
        last.removeAll(keepingCapacity: true)
        swap(&last, &rest)
    }

    private mutating func keep(_ bytes: Span<UInt8>) throws(HistoryError) {
        guard bytes.count <= Self.lineLimit - rest.count else { throw tooLong }
        for index in bytes.indices { rest.append(bytes[index]) }
    }

    private mutating func take(
        _ bytes: Span<UInt8>,
        _ body: (HistoryRecord) -> Void
    ) throws(HistoryError) {
        guard bytes.count <= Self.lineLimit else { throw tooLong }
        line += 1
        guard !HistoryLine.isBlank(bytes) else { return }
        body(try record(bytes))
        records += 1
    }

    private var tooLong: HistoryError { .lineTooLong(line: line + 1, limit: Self.lineLimit) }

    /// The place of the first line break from `start` on.
    private static func lineEnd(in chunk: Span<UInt8>, from start: Int) -> Int? {
        var place = start
        while place < chunk.count {
            let count = EightBytes(chunk, at: place).countToLineEnd
            guard count == 8 else {
                place &+= count
                return place < chunk.count ? place : nil
            }
            place &+= 8
        }
        return nil
    }
}
