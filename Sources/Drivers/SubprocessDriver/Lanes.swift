import DequeModule
import Messaging

/// What one producer end knows; touched only while its connection is locked.
final class ProducerLane {
    /// How many events crossed.
    var crossings: UInt64 = 0
    /// What became of crossings and has not been asked for yet.
    var confirmations = Deque<Confirmation>()

    /// Notes the outcome of one crossing, joined to the last one where it continues it.
    func confirm(_ crossing: UInt64, _ outcome: CrossingOutcome, offset: Int64) {
        if let last = confirmations.last, last.outcome == outcome,
            last.firstCrossing + UInt64(last.count) == crossing,
            offset == (last.firstOffset < 0 ? -1 : last.firstOffset + Int64(last.count))
        {
            confirmations[confirmations.count - 1].count += 1
        } else {
            confirmations.append(
                Confirmation(
                    firstCrossing: crossing,
                    count: 1,
                    outcome: outcome,
                    firstOffset: offset
                )
            )
        }
    }
}

/// What one consumer end knows; touched only while its connection is locked.
final class ConsumerLane {
    /// The group's index in the session plan.
    let group: Int
    /// Who it is, in the protocol's words.
    let name: MemberName
    /// Receipts and bodies of what was delivered.
    let book = ReceiptBook()
    /// What has arrived and has not been asked for yet.
    var inbox = Deque<Delivery>()
    /// What became of settlements and has not been asked for yet.
    var results = Deque<SettlementResult>()
    /// How many settlements were taken.
    var settlements: UInt64 = 0
    /// Whether a receive request is under way.
    var isReceiving = false
    /// When the last receive request went out that was answered with no events.
    var foundEmpty = Instant(nanoseconds: .min)
    /// When the next receive request may go out.
    var nextRequest = Instant(nanoseconds: .min)
    /// Since when the broker has answered every receive request with an error.
    var failingSince: Instant?
    /// Whether it has left its group.
    var isClosed = false

    /// A lane for one member of a group.
    init(group: Int, name: MemberName) {
        self.group = group
        self.name = name
    }

    /// Puts a delivery into the inbox, with a ticket for its receipt and its body.
    func keep(_ delivery: Delivery, _ event: ReceivedEvent, leaseEnd: Instant) {
        let kept = book.keep(event.receipt, body: event.payload, leaseEnd: leaseEnd)
        var delivery = delivery
        delivery.receipt = kept.ticket
        delivery.payload = kept.payload
        inbox.append(delivery)
    }

    /// Notes the outcome of settlements, joined to the last one where it continues it.
    func report(_ first: UInt64, _ count: Int, _ outcome: SettlementResult.Outcome) {
        guard count > 0 else { return }
        if let last = results.last, last.outcome == outcome,
            last.first + UInt64(last.count) == first
        {
            results[results.count - 1].count += UInt32(count)
        } else {
            results.append(
                SettlementResult(first: first, count: UInt32(count), outcome: outcome)
            )
        }
    }
}
