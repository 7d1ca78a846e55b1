import Messaging

/// The words that history lines choose from.
struct HistoryWords: Sendable {
    let kinds = WordTable(HistoryRecord.Kind.allCases.map(\.name))
    let phases = WordTable(HistoryRecord.Phase.allCases.map(\.name))
    let sides = WordTable(HistorySide.allCases.map(\.letter))
    let envelopes = WordTable(Self.envelopeCases.map { "\($0)" })

    static let envelopeCases: [Envelope] = [.intact, .corrupted, .unrecognised, .foreign]
}

extension HistoryReader {
    /// The record of the line in `bytes`.
    mutating func record(_ bytes: Span<UInt8>) throws(HistoryError) -> HistoryRecord {
        do throws(LineFault) {
            try parsed.parse(bytes)
        } catch {
            throw .malformed(line: line, what: error.what)
        }
        guard parsed.index > lastIndex else {
            throw .indexNotIncreasing(line: line, index: parsed.index, previous: lastIndex)
        }
        lastIndex = parsed.index
        let kindNumber = try number(of: parsed.f, among: words.kinds, "f", bytes)
        let phaseNumber = try number(of: parsed.type, among: words.phases, "type", bytes)
        let kind = HistoryRecord.Kind.allCases[kindNumber]
        let phase = HistoryRecord.Phase.allCases[phaseNumber]
        var record = HistoryRecord(
            kind,
            phase,
            side: try side(of: kind, bytes),
            at: Instant(nanoseconds: parsed.time)
        )
        record.process = UInt32(truncatingIfNeeded: parsed.process)
        if parsed.hasValue { try fill(&record, bytes) }
        try require(record)
        return record
    }

    @inline(__always)
    private func number(
        of text: LineText,
        among table: WordTable,
        _ field: String,
        _ bytes: Span<UInt8>
    ) throws(HistoryError) -> Int {
        guard let found = table.find(text) else {
            let word = parsed.string(text, bytes)
            throw .unknownWord(line: line, field: field, word: word, known: table.words)
        }
        return found
    }

    private func side(
        of kind: HistoryRecord.Kind,
        _ bytes: Span<UInt8>
    ) throws(HistoryError) -> HistorySide {
        guard let said = parsed.text(.side) else { return kind.defaultSide }
        return HistorySide.allCases[try number(of: said, among: words.sides, "side", bytes)]
    }

    private mutating func fill(
        _ record: inout HistoryRecord,
        _ bytes: Span<UInt8>
    ) throws(HistoryError) {
        record.group = try Self.number(
            .group,
            of: parsed,
            bytes,
            line: line,
            &groups,
            &names.groups
        )
        record.rule = try Self.number(
            .rule,
            of: parsed,
            bytes,
            line: line,
            &rules,
            &names.rules
        )
        let topic = try Self.number(
            .topic,
            of: parsed,
            bytes,
            line: line,
            &topics,
            &names.topics
        )
        let partition = parsed.number(.partition)
        record.partition = UInt16(truncatingIfNeeded: partition)
        record.lane = LaneID(
            producer: UInt16(truncatingIfNeeded: parsed.number(.producer)),
            topic: topic,
            partition: UInt16(truncatingIfNeeded: parsed.number(.sentPartition, or: partition))
        )
        record.consumer = UInt16(truncatingIfNeeded: parsed.number(.consumer))
        record.n = UInt64(bitPattern: parsed.number(.n))
        record.key = key(bytes)
        record.id = EventID(
            rawValue: parsed.word(.id, bytes)
                ?? KeyedHash(seed: 1).hash(record.lane.packed, record.n)
        )
        record.attempt = UInt32(truncatingIfNeeded: parsed.number(.attempt))
        record.copy = UInt8(truncatingIfNeeded: parsed.number(.copy))
        record.offset = parsed.number(.offset, or: -1)
        record.isRedelivered = parsed.number(.redelivered) != 0
        record.delivery = parsed.word(.receipt, bytes) ?? .max
        record.nanoseconds = parsed.number(.delay)
        record.payloadBytes = UInt32(truncatingIfNeeded: parsed.number(.size))
        record.digest = parsed.word(.digest, bytes) ?? 0
        if let name = parsed.text(.envelope) {
            let number = try number(of: name, among: words.envelopes, "envelope", bytes)
            record.envelope = HistoryWords.envelopeCases[number]
        }
        try noteInvocation(&record)
    }

    /// A delivery belongs to the latest receive of its process, unless it says when it was asked.
    @inline(__always)
    private mutating func noteInvocation(
        _ record: inout HistoryRecord
    ) throws(HistoryError) {
        if parsed.given.has(.invoked) {
            record.invoked = Instant(nanoseconds: parsed.number(.invoked))
        } else if record.kind == .receive, record.phase == .invoke {
            receiveInvoked[record.process] = record.time
            guard receiveInvoked.count <= Self.nameLimit else {
                throw .tooManyNames(line: line, what: "process")
            }
        } else if record.kind == .deliver || record.kind == .handle {
            record.invoked = receiveInvoked[record.process] ?? record.time
        }
    }

    @inline(__always)
    private func require(_ record: HistoryRecord) throws(HistoryError) {
        var given = parsed.given
        if record.kind.needsNoReceipt, given.has(.n) { given.add(.receipt) }
        let missing = record.kind.requiredFields.subtracting(given)
        guard missing.isEmpty || record.envelope == .foreign || record.envelope == .unrecognised
        else {
            let field = ValueField.allCases.first { missing.has($0) }
            throw .missing(line: line, f: record.kind.name, field: field?.name ?? "")
        }
    }
}

extension HistoryReader {
    /// The index of the name in `field`, given now if it is new; 0 where there is none.
    @inline(__always)
    private static func number(
        _ field: ValueField,
        of parsed: borrowing HistoryLine,
        _ bytes: Span<UInt8>,
        line: Int,
        _ table: inout NameTable,
        _ names: inout [String]
    ) throws(HistoryError) -> UInt16 {
        guard parsed.given.has(field) else { return 0 }
        let found = Self.find(field, of: parsed, bytes, in: &table, limit: nameLimit)
        guard let found else { throw .tooManyNames(line: line, what: field.name) }
        if found.isNew { names.append(table[found.number]) }
        return UInt16(truncatingIfNeeded: found.number)
    }

    @inline(__always)
    private mutating func key(_ bytes: Span<UInt8>) -> EventKey {
        guard parsed.given.has(.key) else { return .none }
        let limit = Self.keyLimit
        let found = Self.find(.key, of: parsed, bytes, in: &names.freeKeys, limit: limit)
        guard let found else {
            forgetsKeys = true
            return .none
        }
        return EventKey(pattern: HistoryNames.freePattern, index: UInt64(found.number))
    }

    /// The number of the name in `field`, which is given; `nil` at a limit of `table`.
    @inline(__always)
    private static func find(
        _ field: ValueField,
        of parsed: borrowing HistoryLine,
        _ bytes: Span<UInt8>,
        in table: inout NameTable,
        limit: Int
    ) -> (number: Int, isNew: Bool)? {
        parsed.withName(field, bytes) { name, source in
            table.findOrAdd(name, in: source, limit: limit)
        }
    }
}
