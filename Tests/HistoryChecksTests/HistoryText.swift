import Messaging
import Testing

@testable import Histories
@testable import HistoryChecks

/// Histories as one short line an event, for tables.
///
/// `time process type f words…`; words are `name=value`, see `HistoryText.record`. Lanes default to
/// producer 0, topic 0, partition 0; the group is 0.
enum HistoryText {
    static func records(_ text: String) throws -> [HistoryRecord] {
        try text.split(separator: "\n")
            .map { $0.trimmingCharacters(" ") }
            .filter { !$0.isEmpty }
            .map(record)
    }

    private static func record(_ line: String) throws -> HistoryRecord {
        let words = line.split(separator: " ").map(String.init)
        let time = try #require(Int64(words[0]), "no time in: \(line)")
        let kind = try #require(
            HistoryRecord.Kind.allCases.first { $0.name == words[3] },
            "no such f in: \(line)"
        )
        let phase = try #require(
            HistoryRecord.Phase.allCases.first { $0.name == words[2] },
            "no such type in: \(line)"
        )
        var record = HistoryRecord(
            kind,
            phase,
            side: kind.defaultSide,
            at: Instant(nanoseconds: time)
        )
        record.process = try #require(UInt32(words[1]), "no process in: \(line)")
        record.consumer = UInt16(record.process)
        for word in words.dropFirst(4) {
            let parts = word.split(separator: "=").map(String.init)
            let value = try #require(Int64(parts[1]), "no value in: \(line)")
            try set(&record, parts[0], value)
        }
        if record.kind != .deliver { record.partition = record.lane.partition }
        return record
    }

    private static func set(_ record: inout HistoryRecord, _ name: String, _ value: Int64) throws {
        switch name {
        case "n":
            record.n = UInt64(value)
            record.id = EventID(rawValue: 1000 + record.n)
        case "count": record.count = UInt32(value)
        case "k": record.key = EventKey(pattern: 0, index: UInt64(value))
        case "off": record.offset = value
        case "att": record.attempt = UInt32(value)
        case "flag": record.isRedelivered = value != 0
        case "inv": record.invoked = Instant(nanoseconds: value)
        case "r": record.delivery = UInt64(value)
        case "delay": record.nanoseconds = value
        case "digest": record.digest = UInt64(value)
        case "topic": record.lane.topic = UInt16(value)
        case "part": record.partition = UInt16(value)
        case "sent": record.lane.partition = UInt16(value)
        case "p": record.lane.producer = UInt16(value)
        case "g": record.group = UInt16(value)
        case "c": record.consumer = UInt16(value)
        case "env": record.envelope = try #require(Envelope(rawValue: UInt8(value)))
        case "P": record.side = .application
        default: Issue.record("no such word: \(name)")
        }
    }
}

extension Substring {
    fileprivate func trimmingCharacters(_ set: String) -> String {
        var rest = self
        while let first = rest.first, set.contains(first) { rest.removeFirst() }
        while let last = rest.last, set.contains(last) { rest.removeLast() }
        return String(rest)
    }
}

/// What a table expects of one guarantee.
enum Expected: Equatable {
    case valid
    case violated(String)
    case unknown
    case undecided
}

/// The result of `guarantee` for a history in short form.
func result(
    _ guarantee: Guarantee,
    _ text: String,
    _ settings: HistorySettings
) throws -> CheckResult {
    var history = DeliveryHistory(settings: settings)
    for record in try HistoryText.records(text) { history.feed(record) }
    return try #require(
        history.judge().first { $0.guarantee == guarantee },
        "\(guarantee.id) was not judged"
    )
}

/// Feeds the history and compares the verdict on `guarantee`.
func check(
    _ guarantee: Guarantee,
    _ text: String,
    _ settings: HistorySettings,
    expecting expected: Expected,
    _ note: String
) throws {
    let found = try result(guarantee, text, settings)
    switch (found.verdict, expected) {
    case (.valid, .valid), (.unknown, .unknown): break
    case (.valid, .undecided):
        #expect(found.undecided > 0, "\(note): nothing was undecided")
    case (.violated(let anomalies, _), .violated(let name)):
        #expect(anomalies.contains { $0.name == name }, "\(note): found \(anomalies.map(\.name))")
    default: Issue.record("\(note): \(guarantee.id) is \(found.verdict), expected \(expected)")
    }
}
