import Messaging
import Testing

@testable import HistoryChecks

/// One history and what it means for one guarantee.
struct Case: CustomTestStringConvertible, Sendable {
    var guarantee: Guarantee
    var note: String
    var expected: Expected
    var text: String
    var lease: Int64? = 100
    var maxDeliveries: Int?
    var accounts = BrokerAccounts()
    var isIdempotent = false
    var hidesOffsets = false
    var hidesRedelivery = false
    var expectations = Expectations()

    var testDescription: String { "\(guarantee.id) \(note)" }

    var settings: HistorySettings {
        var capabilities: Capabilities = [.confirm, .nack, .redelivery, .deadLetter]
        if !hidesOffsets { capabilities.insert(.offsets) }
        if hidesRedelivery { capabilities.subtract([.redelivery, .nack]) }
        if isIdempotent { capabilities.insert(.dedup) }
        var settings = HistorySettings(
            profile: PromiseProfile(
                capabilities: capabilities,
                deduplicationWindow: isIdempotent ? 1024 : 0
            )
        )
        settings.leaseNanoseconds = lease
        settings.maxDeliveries = maxDeliveries
        settings.accounts = accounts
        settings.expectations = expectations
        return settings
    }
}

/// Events 0 and 1 are sent and confirmed at offsets 0 and 1.

/// Pieces that the histories of the tables share.
enum Told {
    /// Events 0 and 1 are sent and confirmed at offsets 0 and 1.
    static let sent = """
        1 9 invoke publish n=0 k=1
        2 9 ok publish n=0 off=0
        3 9 invoke publish n=1 k=1
        4 9 ok publish n=1 off=1

        """

    /// Event 0 alone is delivered by offset 0.
    static let first = "20 1 ok deliver n=0 k=1 off=0 att=1 inv=10 r=0\n"

    /// Event 1 is delivered and acknowledged.
    static let second = """
        22 1 ok deliver n=1 k=1 off=1 att=1 inv=10 r=1
        23 1 invoke ack r=1
        24 1 ok ack r=1

        """

    static let firstAcked = first + "21 1 invoke ack r=0\n30 1 ok ack r=0\n"

    static let drained = "9000 0 ok drain\n"

    static let sends = """
        1 9 invoke send n=0 k=1
        2 9 ok send n=0
        3 9 invoke send n=1 k=1
        4 9 ok send n=1

        """
}

extension Expectations {
    static func demanding(_ change: (inout Expectations) -> Void) -> Expectations {
        var expectations = Expectations()
        change(&expectations)
        return expectations
    }
}
