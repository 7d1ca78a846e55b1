/// What one consumer member did, over the whole run.
public struct ConsumerCounts: Hashable, Sendable {
    /// Deliveries that the broker handed over.
    public var delivered: UInt64 = 0
    /// Of these, the ones with an attempt above 1 or the redelivered flag.
    public var redelivered: UInt64 = 0
    /// Deliveries that reached a handler, injected copies included.
    public var handled: UInt64 = 0
    /// Events handled whose intended time lies in the measured window.
    public var handledInWindow: UInt64 = 0
    /// State changes.
    public var applied: UInt64 = 0
    /// Deliveries that the inbox recognised.
    public var recognised: UInt64 = 0
    /// Answers *done* that crossed to the broker.
    public var acknowledged: UInt64 = 0
    /// Refusals that crossed to the broker.
    public var refused: UInt64 = 0
    /// Answers that the broker called stale.
    public var stale: UInt64 = 0
    /// Events moved to the dead letters.
    public var deadLettered: UInt64 = 0
    /// Events acknowledged without effect after their last attempt.
    public var givenUp: UInt64 = 0
    /// Deliveries of another run.
    public var foreign: UInt64 = 0
    /// Crashes of the member.
    public var crashes: UInt64 = 0

    /// Nothing yet.
    public init() {}

    /// Adds what another member did.
    public mutating func merge(_ other: ConsumerCounts) {
        delivered += other.delivered
        redelivered += other.redelivered
        handled += other.handled
        handledInWindow += other.handledInWindow
        applied += other.applied
        recognised += other.recognised
        acknowledged += other.acknowledged
        refused += other.refused
        stale += other.stale
        deadLettered += other.deadLettered
        givenUp += other.givenUp
        foreign += other.foreign
        crashes += other.crashes
    }
}
