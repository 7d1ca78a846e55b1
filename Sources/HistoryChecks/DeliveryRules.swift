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
    /// Whether `deadLettered` is called for every event that the broker moves there.
    public var watchesDeadLetters: Bool
    /// How many deliveries are kept in the fast store; a power of two.
    public var inFlightCapacity: Int

    /// Rules for a group with this lease.
    public init(
        leaseNanoseconds: Int64?,
        maxDeliveries: Int? = nil,
        clockErrorNanoseconds: Int64 = 0,
        ordering: Expectations.BrokerOrdering = .perKey,
        watchesDeadLetters: Bool = false,
        inFlightCapacity: Int = 1 << 13
    ) {
        self.leaseNanoseconds = leaseNanoseconds
        self.maxDeliveries = maxDeliveries
        self.clockErrorNanoseconds = clockErrorNanoseconds
        self.ordering = ordering
        self.watchesDeadLetters = watchesDeadLetters
        self.inFlightCapacity = inFlightCapacity
    }
}
