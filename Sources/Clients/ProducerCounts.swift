/// What one producer did, over the whole run.
public struct ProducerCounts: Hashable, Sendable {
    /// Events made and handed to the client.
    public var sent: UInt64 = 0
    /// Of these, the ones that the producer knows to be stored.
    public var confirmed: UInt64 = 0
    /// Of these, the ones that certainly had no effect.
    public var refused: UInt64 = 0
    /// Of these, the ones whose fate stayed unknown.
    public var unknown: UInt64 = 0
    /// Attempts after the first.
    public var retries: UInt64 = 0
    /// Attempts that no confirmation came for in time.
    public var timeouts: UInt64 = 0
    /// Confirmations of something that was over already.
    public var spuriousConfirms: UInt64 = 0
    /// Confirmed events whose intended time lies in the measured window.
    public var confirmedInWindow: UInt64 = 0
    /// Events that were sent later than their schedule allows, in the measured window.
    public var late: UInt64 = 0
    /// Events sent whose intended time lies in the measured window.
    public var sentInWindow: UInt64 = 0
    /// Payload bytes confirmed in the measured window.
    public var bytesInWindow: UInt64 = 0

    /// Nothing yet.
    public init() {}

    /// Adds what another producer did.
    public mutating func merge(_ other: ProducerCounts) {
        sent += other.sent
        confirmed += other.confirmed
        refused += other.refused
        unknown += other.unknown
        retries += other.retries
        timeouts += other.timeouts
        spuriousConfirms += other.spuriousConfirms
        confirmedInWindow += other.confirmedInWindow
        late += other.late
        sentInWindow += other.sentInWindow
        bytesInWindow += other.bytesInWindow
    }
}
