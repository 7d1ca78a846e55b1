import Histories
import Messaging

extension HotPath {
    private static var names: HistoryNames { HistoryNames(topics: ["orders"], groups: ["billing"]) }

    static var histories: [HotPath] {
        [
            HotPath("history-encode", per: "record") {
                HistoryEncoder(names: names)
            } work: { encoder, count in
                for number in 0..<count {
                    if number % step == 0 { encoder.removeAll() }
                    encoder.append(record(number))
                }
            },
            HotPath("history-read", per: "record") {
                var encoder = HistoryEncoder(names: names)
                for number in 0..<step { encoder.append(record(number)) }
                return encoder.bytes
            } work: { bytes, count in
                for _ in 0..<count / step { precondition(read(bytes) == step, "too few") }
            },
        ]
    }

    private static func record(_ number: Int) -> HistoryRecord {
        var record = HistoryRecord(
            .publish,
            .ok,
            side: .boundary,
            at: Instant(nanoseconds: Int64(1_000_000 + number))
        )
        record.lane = LaneID(producer: 1, topic: 0, partition: 3)
        record.partition = 3
        record.n = UInt64(number)
        record.id = EventID(producer: 1, epoch: 0, sequence: UInt64(number))
        record.offset = Int64(number)
        record.payloadBytes = 256
        return record
    }

    private static func read(_ bytes: [UInt8]) -> Int {
        var reader = HistoryReader()
        var records = 0
        do {
            try reader.read(bytes.span) { _ in records += 1 }
        } catch {
            preconditionFailure("\(error)")
        }
        return records
    }
}
