internal import EmbeddedBroker
public import Messaging

/// Where one worker thread receives from the embedded broker and answers.
public final class RingConsumer: ConsumerEnd {
    private let member: GroupMember
    private var results = SettlementQueue(capacity: RingConsumer.resultRanges)

    /// Ranges of outcomes that wait for a poll; what exceeds it is told as indeterminate.
    private static let resultRanges = 4096

    init(_ member: GroupMember) {
        self.member = member
    }

    /// Appends up to `max` deliveries from the partitions that this member owns.
    public func receive(
        into deliveries: inout Batch<Delivery>,
        max: Int,
        at now: Instant
    ) {
        member.receive(into: &deliveries, max: max, at: now)
    }

    /// Takes all of `settlements[range]`.
    public func settle(
        _ settlements: borrowing Batch<Settlement>,
        in range: Range<Int>,
        at now: Instant
    ) {
        member.settle(settlements, in: range, at: now, into: &results)
    }

    /// Appends what has become known of settlements.
    public func poll(
        into results: inout Batch<SettlementResult>,
        at now: Instant
    ) {
        self.results.drain(into: &results)
    }

    /// Where the body of an unanswered delivery lies now, or `nil` if the delivery is over.
    public func payload(of delivery: Delivery, at now: Instant) -> PayloadReference? {
        member.payload(of: delivery, at: now)
    }

    /// The member begins anew; what it left unanswered holds back its keys until its lease ends.
    public func restart(at now: Instant) {
        member.restart(at: now)
    }

    /// Leaves the group; what is unanswered is due at once, for whoever takes the partitions.
    public func close(at now: Instant) {
        member.close(at: now)
    }
}
