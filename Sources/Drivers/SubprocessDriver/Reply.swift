import FoundationEssentials
import Messaging

/// One line of the program's answer.
struct Reply: Decodable {
    /// The number of the request that it answers.
    let id: UInt64
    /// The answer, if the request succeeded.
    let ok: Body?
    /// Why it did not, otherwise.
    let error: Refusal?

    /// Why a request failed.
    struct Refusal: Decodable {
        /// In the broker's words.
        let message: String?
        /// Whether the request certainly had no effect.
        let definite: Bool?
    }

    /// The answer to a request that succeeded.
    enum Body: Decodable {
        /// To every request but `receive`.
        case fields(Fields)
        /// To `receive`.
        case deliveries([ReceivedEvent])

        init(from decoder: any Decoder) throws {
            do {
                self = .fields(try Fields(from: decoder))
            } catch DecodingError.typeMismatch(_, let context)
                where context.codingPath.count == decoder.codingPath.count
            {
                self = .deliveries(try [ReceivedEvent](from: decoder))
            }
        }
    }

    /// The members that answers to the several requests may have.
    struct Fields: Decodable {
        /// To `publish`: where the event went.
        let partition: Int?
        /// To `publish`: its place there.
        let offset: Int64?
        /// To `open`: what the broker can do.
        let capabilities: [String]?
        /// To `ack`, `nack`, `extend`, `dead-letter`: the receipts that it refused, if any.
        let stale: [String]?
    }
}

/// One delivery as it stands in a reply.
struct ReceivedEvent: Decodable {
    let topic: String
    let partition: UInt16
    let offset: Int64?
    let key: String?
    let headers: GyreHeaders?
    let payload: Data
    let attempt: UInt32?
    let redelivered: Bool?
    let receipt: String

    /// The attempt as deliveries carry it: one that is said to be 0 is not unsaid.
    var count: UInt32 { attempt == 0 ? Delivery.notACount : attempt ?? 0 }

    /// The flag; where it is missing, what the attempt says.
    ///
    /// A broker that says neither has not called anything new.
    var isRedelivered: Bool { redelivered ?? attempt.map { $0 != 1 } ?? true }
}

extension DriverFailure {
    /// The most of an offending line that a message shows.
    private static let longestExcerpt = 200

    /// The broker said `line` where `expected` was due.
    static func violation(_ expected: String, _ line: some Collection<UInt8>) -> DriverFailure {
        var shown = ""
        for scalar in String(decoding: line.prefix(longestExcerpt), as: UTF8.self).unicodeScalars {
            let isPlain = scalar.properties.generalCategory != .control && scalar != "\u{FFFD}"
            shown += isPlain ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
        if line.count > longestExcerpt { shown += "… (\(line.count) bytes)" }
        return .protocolViolation(expected: expected, received: shown)
    }
}
