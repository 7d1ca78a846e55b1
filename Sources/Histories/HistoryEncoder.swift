import Messaging

/// Writes records as JSON lines into bytes that the caller takes away.
///
/// Ranges are expanded to a line each. Never allocates once `bytes` has grown to its working size.
public struct HistoryEncoder: Sendable {
    /// What has been written and not been taken away yet.
    public private(set) var bytes: [UInt8] = []

    /// The index of the next line.
    public private(set) var index: UInt64 = 0

    private let topics: [[UInt8]]
    private let groups: [[UInt8]]
    private let rules: [[UInt8]]
    private let keys: [KeyParts]
    /// What stands between the process and the value's fields, by kind, phase and side.
    private let heads: [[UInt8]]
    private let names: HistoryNames

    /// An encoder that spells indices as `names` says.
    public init(names: HistoryNames) {
        self.names = names
        topics = names.topics.map(Self.quoted)
        groups = names.groups.map(Self.quoted)
        rules = names.rules.map(Self.quoted)
        keys = names.keyNames.patterns.map(KeyParts.init)
        heads = HistoryRecord.Kind.allCases.flatMap { kind in
            HistoryRecord.Phase.allCases.flatMap { phase in
                HistorySide.allCases.map { side in
                    let type = ",\"type\":\"\(phase.name)\",\"f\":\"\(kind.name)\""
                    return Array("\(type),\"value\":{\"side\":\"\(side.letter)\"".utf8)
                }
            }
        }
    }

    /// Forgets the bytes, which the caller has written elsewhere.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// Adds a record, one line for each event of its range.
    public mutating func append(_ record: HistoryRecord) {
        for step in 0..<UInt64(max(1, record.count)) {
            line(record, step)
        }
    }

    private mutating func line(_ record: HistoryRecord, _ step: UInt64) {
        text("{\"index\":")
        number(index)
        text(",\"time\":")
        signed(record.time.nanoseconds)
        text(",\"process\":")
        number(UInt64(record.process))
        let places = (HistoryRecord.Phase.allCases.count, HistorySide.allCases.count)
        let head = Int(record.kind.rawValue) * places.0 + Int(record.phase.rawValue)
        bytes.append(contentsOf: heads[head * places.1 + Int(record.side.rawValue)])
        value(record, step)
        text("}}\n")
        index += 1
    }

    private mutating func value(_ record: HistoryRecord, _ step: UInt64) {
        let fields = record.kind.requiredFields
        if fields.has(.group) {
            text(",\"group\":")
            name(groups, Int(record.group))
            field(",\"consumer\":", UInt64(record.consumer))
        }
        if fields.has(.rule) {
            text(",\"rule\":")
            name(rules, Int(record.rule))
        }
        if record.kind.speaksOfEvents { event(record, step) }
        if record.delivery != .max {
            field(",\"receipt\":", record.delivery &+ step)
        }
        if record.nanoseconds != 0 {
            text(",\"delay\":")
            signed(record.nanoseconds)
        }
        guard record.kind == .deliver || record.kind == .handle else { return }
        text(record.isRedelivered ? ",\"redelivered\":true" : ",\"redelivered\":false")
        text(",\"invoked\":")
        signed(record.invoked.nanoseconds)
        if record.envelope != .intact {
            text(",\"envelope\":\"\(record.envelope)\"")
        }
    }

    private mutating func event(_ record: HistoryRecord, _ step: UInt64) {
        text(",\"topic\":")
        name(topics, Int(record.lane.topic))
        let isDelivery = record.kind == .deliver
        field(",\"partition\":", UInt64(isDelivery ? record.partition : record.lane.partition))
        if isDelivery, record.partition != record.lane.partition {
            field(",\"sent-partition\":", UInt64(record.lane.partition))
        }
        field(",\"producer\":", UInt64(record.lane.producer))
        field(",\"n\":", record.n &+ step)
        field(",\"id\":", record.id.rawValue &+ step)
        if record.key != .none { key(record.key) }
        if record.attempt > 0 { field(",\"attempt\":", UInt64(record.attempt)) }
        if record.copy > 0 { field(",\"copy\":", UInt64(record.copy)) }
        if record.offset >= 0 {
            field(",\"offset\":", UInt64(bitPattern: record.offset) &+ step)
        }
        if record.payloadBytes > 0 { field(",\"size\":", UInt64(record.payloadBytes)) }
        if record.digest != 0 { field(",\"digest\":", record.digest) }
    }

    private mutating func key(_ key: EventKey) {
        let pattern = Int(truncatingIfNeeded: key.rawValue >> 40) - 1
        if keys.indices.contains(pattern) {
            text(",\"key\":")
            bytes.append(contentsOf: keys[pattern].before)
            if keys[pattern].isNumbered { number(key.index) }
            bytes.append(contentsOf: keys[pattern].after)
        } else if let name = names.name(of: key) {
            text(",\"key\":")
            bytes.append(contentsOf: Self.quoted(name))
        }
    }

    private mutating func field(_ name: StaticString, _ value: UInt64) {
        text(name)
        number(value)
    }

    private mutating func name(_ names: [[UInt8]], _ index: Int) {
        if names.indices.contains(index) {
            bytes.append(contentsOf: names[index])
        } else {
            number(UInt64(index))
        }
    }

    private mutating func text(_ text: StaticString) {
        // SAFETY: a static string's UTF-8 bytes live for the whole program.
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    private mutating func text(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func signed(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        number(value.magnitude)
    }

    private mutating func number(_ value: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        var rest = value
        repeat {
            first &-= 1
            digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        // SAFETY: the digits live for the length of the call, and first < 20.
        unsafe digits.span.withUnsafeBufferPointer { all in
            // SAFETY: as above.
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: all[first...]))
        }
    }

    /// `text` as a JSON string, quotes included.
    static func quoted(_ text: String) -> [UInt8] {
        var result = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                result += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: result.append(byte)
            }
        }
        return result + [UInt8(ascii: "\"")]
    }
}

/// A key pattern as JSON, cut where the key's index stands.
private struct KeyParts: Sendable {
    let before: [UInt8]
    let after: [UInt8]
    let isNumbered: Bool

    init(_ pattern: String) {
        let mark = KeyNames.placeholder(in: pattern)
        let end = mark?.lowerBound ?? pattern.endIndex
        before = Array(HistoryEncoder.quoted(String(pattern[..<end])).dropLast())
        let rest = mark.map { String(pattern[$0.upperBound...]) } ?? ""
        after = Array(HistoryEncoder.quoted(rest).dropFirst())
        isNumbered = mark != nil
    }
}

extension HistoryRecord.Kind {
    var speaksOfEvents: Bool {
        switch self {
        case .receive, .crash, .rebalance, .drain: false
        case .ack, .nack, .extend, .commit: false
        default: true
        }
    }
}
