/// One line of a history, as JSON has it.
struct HistoryLine: Decodable {
    var index: Int64
    var time: Int64
    var process: Int64
    var type: String
    var f: String
    var value: HistoryValue?
}

/// The value of a delivery record.
///
/// What a kind does not need is ignored.
struct HistoryValue: Decodable {
    var side: String?
    var group: HistoryWord?
    var consumer: UInt16?
    var topic: HistoryWord?
    var partition: UInt16?
    var sentPartition: UInt16?
    var producer: UInt16?
    var key: HistoryWord?
    var epoch: UInt8?
    var id: HistoryWord?
    var n: UInt64?
    var attempt: UInt32?
    var copy: UInt8?
    var offset: Int64?
    var redelivered: Bool?
    var receipt: HistoryWord?
    var invoked: Int64?
    var delay: Int64?
    var size: UInt32?
    var digest: HistoryWord?
    var rule: HistoryWord?
    var envelope: String?

    enum CodingKeys: String, CodingKey {
        case side, group, consumer, topic, partition, producer, key, epoch, id, n, attempt, copy
        case offset, redelivered, receipt, invoked, delay, size, digest, rule, envelope
        case sentPartition = "sent-partition"
    }
}

/// A name, or a number where somebody has written one.
enum HistoryWord: Decodable {
    case text(String)
    case number(UInt64)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = .number(try container.decode(UInt64.self))
        } catch {
            self = .text(try container.decode(String.self))
        }
    }

    var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        }
    }

    /// The number itself, or a hash of the text (FNV-1a, 64 bits).
    var word: UInt64 {
        switch self {
        case .number(let number): return number
        case .text(let text):
            if let number = UInt64(text) { return number }
            return text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
    }
}
