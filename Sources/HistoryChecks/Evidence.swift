public import Histories
public import Messaging

/// How the run ended, which decides what may be called missing.
public enum DrainStatus: Sendable, Hashable {
    /// At `at` nothing moved any more, as *Drained* demands.
    case drained(at: Instant)
    /// It was still moving, or nobody looked.
    case unfinished(reason: String)
}

/// Everything that a judgement is made from.
public struct Evidence: Sendable {
    /// What crossed to the broker; one ledger per producer worker.
    public var boundarySends: [SendLedger] = []
    /// What the application sent; empty where nothing stands between it and the boundary.
    public var applicationSends: [SendLedger] = []
    /// What the broker handed out; one ledger per group.
    public var deliveries: [DeliveryLedger] = []
    /// In which order events crossed and came, where one order for all is asked for; one ledger
    /// per topic.
    public var orders: [OrderLedger] = []
    /// What the handlers did; one ledger per group.
    public var effects: [EffectLedger] = []
    /// Which faults fired on which events.
    public var fired = FiredLog()
    /// What the scenario demands.
    public var expectations = Expectations()
    /// What the driver promises.
    public var profile: PromiseProfile
    /// What the broker says of itself at rest.
    public var accounts = BrokerAccounts()
    /// How the run ended.
    public var drain: DrainStatus = .unfinished(reason: "the run was never drained")
    /// Per group, the first event of a lane that the group is owed, where it is not 0.
    public var owedFrom: [UInt16: [LaneID: UInt64]] = [:]
    /// Where the checks took place.
    public var form = CheckForm.inline

    /// Evidence of nothing, against a driver that promises `profile`.
    public init(profile: PromiseProfile) {
        self.profile = profile
    }
}
