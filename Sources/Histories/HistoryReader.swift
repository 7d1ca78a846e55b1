import Foundation
import Messaging

/// Reads a history of deliveries, in pieces of any size, with bounded memory.
///
/// Strict: the first line that is not as the format says ends the reading with its number.
public struct HistoryReader {
    /// What the indices in the records stand for, as far as it has read.
    public private(set) var names: HistoryNames

    /// How many records it has read.
    public private(set) var records: UInt64 = 0

    /// Whether keys were forgotten because there were too many: order by key is undecided.
    public private(set) var forgetsKeys = false

    private var buffer: [UInt8] = []
    private var line = 0
    private var lastIndex = Int64.min
    private var topics: [String: UInt16] = [:]
    private var groups: [String: UInt16] = [:]
    private var rules: [String: UInt16] = [:]
    private var keys: [String: UInt64] = [:]
    private var receiveInvoked: [UInt32: Instant] = [:]
    private let decoder = JSONDecoder()

    /// The longest line it accepts, in bytes; a record is a few hundred.
    public static let lineLimit = 1 << 20
    private static let keyLimit = 1 << 20

    /// A reader that numbers names from those of `names` on.
    public init(names: HistoryNames = HistoryNames()) {
        self.names = names
        for (number, name) in names.topics.enumerated() { topics[name] = UInt16(number) }
        for (number, name) in names.groups.enumerated() { groups[name] = UInt16(number) }
        for (number, name) in names.rules.enumerated() { rules[name] = UInt16(number) }
    }

    /// Reads the file at `path` to its end and hands every record to `body`.
    public mutating func readFile(
        _ path: String,
        _ body: (HistoryRecord) -> Void
    ) throws(HistoryError) {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .unreadable(path: path, reason: "there is no such readable file")
        }
        defer { file.closeFile() }
        while true {
            let chunk: Data
            do {
                chunk = try file.read(upToCount: 1 << 16) ?? Data()
            } catch {
                let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
                let reason = (cause ?? error as NSError).localizedDescription
                throw .unreadable(path: path, reason: reason)
            }
            guard !chunk.isEmpty else { break }
            try read(chunk, body)
        }
        try finish(body)
    }

    /// Reads the next piece and hands every whole record in it to `body`.
    public mutating func read(
        _ chunk: some Sequence<UInt8>,
        _ body: (HistoryRecord) -> Void
    ) throws(HistoryError) {
        for byte in chunk {
            if byte == UInt8(ascii: "\n") {
                try finish(body)
            } else {
                guard buffer.count < Self.lineLimit else {
                    throw .lineTooLong(line: line + 1, limit: Self.lineLimit)
                }
                buffer.append(byte)
            }
        }
    }

    /// Reads what is left after the last line break.
    public mutating func finish(_ body: (HistoryRecord) -> Void) throws(HistoryError) {
        line += 1
        defer { buffer.removeAll(keepingCapacity: true) }
        let isBlank = buffer.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        guard !isBlank else { return }
        body(try record())
        records += 1
    }

    private mutating func record() throws(HistoryError) -> HistoryRecord {
        let parsed: HistoryLine
        do {
            parsed = try decoder.decode(HistoryLine.self, from: Data(buffer))
        } catch let error as DecodingError {
            throw .malformed(line: line, what: Self.summary(of: error))
        } catch {
            throw .malformed(line: line, what: "\(error)")
        }
        guard parsed.index > lastIndex else {
            throw .indexNotIncreasing(line: line, index: parsed.index, previous: lastIndex)
        }
        lastIndex = parsed.index
        let value = parsed.value
        let kind = try word(parsed.f, "f", HistoryRecord.Kind.allCases, \.name)
        let phase = try word(parsed.type, "type", HistoryRecord.Phase.allCases, \.name)
        let side = try side(of: kind, value?.side)
        var record = HistoryRecord(kind, phase, side: side, at: Instant(nanoseconds: parsed.time))
        record.process = UInt32(truncatingIfNeeded: parsed.process)
        if let value { try fill(&record, from: value) }
        try require(record, value)
        return record
    }

    private func word<Word>(
        _ text: String,
        _ field: String,
        _ all: [Word],
        _ name: (Word) -> String
    ) throws(HistoryError) -> Word {
        guard let found = all.first(where: { name($0) == text }) else {
            throw .unknownWord(line: line, field: field, word: text, known: all.map(name))
        }
        return found
    }

    private func side(
        of kind: HistoryRecord.Kind,
        _ said: String?
    ) throws(HistoryError) -> HistorySide {
        guard let said else { return kind.defaultSide }
        guard let side = HistorySide.allCases.first(where: { $0.letter == said }) else {
            throw .unknownWord(line: line, field: "side", word: said, known: ["P", "B"])
        }
        return side
    }

    private mutating func fill(
        _ record: inout HistoryRecord,
        from value: HistoryValue
    ) throws(HistoryError) {
        record.group = try number(of: value.group, in: \.groups, \.groups, "group")
        record.rule = try number(of: value.rule, in: \.rules, \.rules, "rule")
        let topic = try number(of: value.topic, in: \.topics, \.topics, "topic")
        record.partition = value.partition ?? 0
        record.lane = LaneID(
            producer: value.producer ?? 0,
            topic: topic,
            partition: value.sentPartition ?? record.partition
        )
        record.consumer = value.consumer ?? 0
        record.n = value.n ?? 0
        record.key = key(of: value.key)
        record.id =
            value.id.map { EventID(rawValue: $0.word) }
            ?? EventID(rawValue: KeyedHash(seed: 1).hash(record.lane.packed, record.n))
        record.attempt = value.attempt ?? 0
        record.copy = value.copy ?? 0
        record.offset = value.offset ?? -1
        record.isRedelivered = value.redelivered ?? false
        record.delivery = value.receipt?.word ?? .max
        record.nanoseconds = value.delay ?? 0
        record.payloadBytes = value.size ?? 0
        record.digest = value.digest?.word ?? 0
        if let name = value.envelope {
            let all: [Envelope] = [.intact, .corrupted, .unrecognised, .foreign]
            record.envelope = try word(name, "envelope", all) { "\($0)" }
        }
        noteInvocation(&record, value)
    }

    /// A delivery belongs to the latest receive of its process, unless it says when it was asked.
    private mutating func noteInvocation(_ record: inout HistoryRecord, _ value: HistoryValue) {
        if let invoked = value.invoked {
            record.invoked = Instant(nanoseconds: invoked)
        } else if record.kind == .receive, record.phase == .invoke {
            receiveInvoked[record.process] = record.time
        } else if record.kind == .deliver || record.kind == .handle {
            record.invoked = receiveInvoked[record.process] ?? record.time
        }
    }

    private func require(
        _ record: HistoryRecord,
        _ value: HistoryValue?
    ) throws(HistoryError) {
        let given: [(String, Bool)] = [
            ("group", value?.group != nil), ("consumer", value?.consumer != nil),
            ("topic", value?.topic != nil), ("partition", value?.partition != nil),
            ("producer", value?.producer != nil), ("n", value?.n != nil),
            ("receipt", value?.receipt != nil || record.kind.needsNoReceipt && value?.n != nil),
            ("rule", value?.rule != nil),
        ]
        for (field, isThere) in given
        where !isThere && record.kind.requiredFields.contains(field) {
            if record.envelope == .foreign || record.envelope == .unrecognised { continue }
            throw .missing(line: line, f: record.kind.name, field: field)
        }
    }

    private mutating func number(
        of word: HistoryWord?,
        in known: WritableKeyPath<HistoryReader, [String: UInt16]>,
        _ list: WritableKeyPath<HistoryNames, [String]>,
        _ what: String
    ) throws(HistoryError) -> UInt16 {
        guard let text = word?.text else { return 0 }
        if let number = self[keyPath: known][text] { return number }
        guard let number = UInt16(exactly: names[keyPath: list].count) else {
            throw .tooManyNames(line: line, what: what)
        }
        self[keyPath: known][text] = number
        names[keyPath: list].append(text)
        return number
    }

    private mutating func key(of word: HistoryWord?) -> EventKey {
        guard let text = word?.text else { return .none }
        if let index = keys[text] {
            return EventKey(pattern: HistoryNames.freePattern, index: index)
        }
        guard keys.count < Self.keyLimit else {
            forgetsKeys = true
            return .none
        }
        let index = UInt64(keys.count)
        keys[text] = index
        names.freeKeys.append(text)
        return EventKey(pattern: HistoryNames.freePattern, index: index)
    }

    private static func summary(of error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "\"\(key.stringValue)\" is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has the wrong type"
        case .dataCorrupted: "not JSON"
        @unknown default: "not JSON"
        }
    }
}

extension HistoryRecord.Kind {
    /// The side that a record of this kind tells of, unless it says otherwise.
    var defaultSide: HistorySide {
        switch self {
        case .send, .handle, .apply, .settle: .application
        default: .boundary
        }
    }

    /// Dead letters that were found are told by number, moves to them by receipt; a handler that
    /// gives up answers no delivery in particular.
    var needsNoReceipt: Bool { self == .deadLetter || self == .settle }

    var requiredFields: [String] {
        switch self {
        case .send, .publish: ["producer", "topic", "partition", "n"]
        case .deliver, .handle, .apply:
            ["group", "consumer", "producer", "topic", "partition", "n"]
        case .ack, .nack, .extend, .commit, .deadLetter, .settle: ["group", "receipt"]
        case .receive, .crash, .rebalance: ["group", "consumer"]
        case .fault: ["rule"]
        case .drain: []
        }
    }
}
