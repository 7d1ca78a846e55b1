public import Histories
public import Messaging

/// What a group's deliveries are judged by, besides the driver's profile.
public struct DeliveryRules: Sendable, Hashable {
    /// How long the broker waits for an answer; `nil` if it declares no lease, `Int64.max` if only
    /// a lost connection ends it.
    public var leaseNanoseconds: Int64?
    /// After so many deliveries the broker gives an event up; `nil` for no limit.
    public var maxDeliveries: Int?
    /// By how much two time stamps of different threads may be wrong.
    public var clockErrorNanoseconds: Int64
    /// Which order first deliveries must keep; `.none` saves the work of looking.
    public var ordering: Expectations.BrokerOrdering
    /// How many unanswered deliveries are kept in the fast store; a power of two.
    public var inFlightCapacity: Int

    /// Rules for a group with this lease.
    public init(
        leaseNanoseconds: Int64?,
        maxDeliveries: Int? = nil,
        clockErrorNanoseconds: Int64 = 0,
        ordering: Expectations.BrokerOrdering = .perKey,
        inFlightCapacity: Int = 1 << 14
    ) {
        self.leaseNanoseconds = leaseNanoseconds
        self.maxDeliveries = maxDeliveries
        self.clockErrorNanoseconds = clockErrorNanoseconds
        self.ordering = ordering
        self.inFlightCapacity = inFlightCapacity
    }
}

/// Everything the broker handed to one group, and what the group answered.
///
/// One per group, fed by whichever worker has something, under the caller's lock. To keep a true
/// justification ahead of what it justifies, feed `settleInvoked`, `crashed` and `closed` *before*
/// the driver is called; feed `delivered` and `settleEnded` after it returned.
public struct DeliveryLedger: Sendable {
    /// The group's index.
    public let group: UInt16
    /// The index of the topic that the group reads.
    public let topic: UInt16

    /// An empty ledger of `group`, which reads `topic`.
    public init(group: UInt16, topic: UInt16, profile: PromiseProfile, rules: DeliveryRules) {
        self.group = group
        self.topic = topic
    }

    /// The broker handed `batch[range]` to member `consumer`, by a call that returned at `returned`.
    ///
    /// Returns the ordinal of the first delivery; the others follow by ones.
    public mutating func delivered(
        _ batch: borrowing Batch<Delivery>,
        in range: Range<Int>,
        consumer: UInt16,
        returned: Instant
    ) -> UInt64 { 0 }

    /// An answer of `kind` to `deliveries` is about to be given to the driver.
    ///
    /// `nanoseconds` is a nack's delay or an extension's length.
    public mutating func settleInvoked(
        _ kind: Settlement.Kind,
        deliveries: Range<UInt64>,
        nanoseconds: Int64 = 0,
        at now: Instant
    ) {}

    /// The broker has said what became of the answer of `kind` to `deliveries`.
    public mutating func settleEnded(
        _ kind: Settlement.Kind,
        deliveries: Range<UInt64>,
        outcome: SettlementResult.Outcome,
        at now: Instant
    ) {}

    /// Member `consumer` is about to lose its memory; what it held is not answered.
    public mutating func crashed(consumer: UInt16, at now: Instant) {}

    /// Member `consumer` is about to leave the group and give back what it held.
    public mutating func closed(consumer: UInt16, at now: Instant) {}

    /// Event `n` of `lane` was found among the dead letters.
    public mutating func deadLettered(
        _ lane: LaneID,
        n: UInt64,
        reason: DeadLetterReason = .deliveriesExhausted,
        attempts: Int? = nil,
        at now: Instant
    ) {}

    /// How many deliveries there were.
    public var count: UInt64 { 0 }

    /// How many different events were delivered.
    public var distinct: UInt64 { 0 }
}
