/// Counts over the whole run.
///
/// Groups are added up.
public struct RunTotals: Codable, Hashable, Sendable {
    /// Events that producers handed over for the first time.
    public var published: Int64 = 0
    /// Events that were confirmed.
    public var confirmed: Int64 = 0
    /// Events that were refused for good.
    public var refused: Int64 = 0
    /// Events whose fate nobody knows.
    public var unknown: Int64 = 0
    /// Repeated attempts to send.
    public var resent: Int64 = 0
    /// Deliveries, redeliveries included.
    public var delivered: Int64 = 0
    /// Deliveries beyond the first of an event to a group.
    public var redelivered: Int64 = 0
    /// Deliveries acknowledged.
    public var acknowledged: Int64 = 0
    /// Events that took effect.
    public var applied: Int64 = 0
    /// Deliveries that a consumer's memory recognised and left alone.
    public var recognised: Int64 = 0
    /// Events that went to the dead letters.
    public var deadLettered: Int64 = 0
    /// Events given up without dead letters.
    public var givenUp: Int64 = 0
    /// Confirmed events that never came.
    public var lost: Int64 = 0
    /// Effects beyond the first.
    public var duplicated: Int64 = 0
    /// Events that took effect after a later one of their key.
    public var reordered: Int64 = 0
    /// Sends whose fate stayed unknown after draining.
    public var unresolved: Int64 = 0
    /// Deliveries of another run.
    public var foreign: Int64 = 0
    /// Deliveries whose body was changed.
    public var corrupted: Int64 = 0
    /// Answers that came after their lease had ended.
    public var staleReceipts: Int64 = 0
    /// Confirmations of what was confirmed before.
    public var spuriousConfirms: Int64 = 0
    /// Events that the broker threw away by a declared overflow policy.
    public var declaredDrops: Int64 = 0
    /// Payload bytes published.
    public var publishedBytes: Int64 = 0

    /// Nothing counted.
    public init() {}
}

/// Rates in the measured window.
public struct ThroughputRecord: Codable, Hashable, Sendable {
    /// Events confirmed a second; handed over a second where nothing is confirmed.
    public var confirmedPerSecond: Double = 0
    /// Events handled a second, over all groups.
    public var handledPerSecond: Double = 0
    /// Payload bytes confirmed a second.
    public var bytesPerSecond: Double = 0
    /// Events a second that the scenario asks for; `nil` in a closed loop.
    public var targetPerSecond: Double?
    /// What the rates depend on besides the machine: capacities and batches; `nil` if unknown.
    public var conditions: String?

    /// No rates.
    public init() {}
}

/// Whether the load was what the scenario asked for.
public struct GeneratorRecord: Codable, Hashable, Sendable {
    /// Whether thresholds may be judged.
    public var isHealthy = true
    /// What was wrong; empty if nothing.
    public var reason = ""
    /// Events that were sent later than they were due by more than the tolerance.
    public var lateEvents: Int64 = 0
    /// 99th percentile of the lateness; `nil` in a closed loop.
    public var slipP99Nanoseconds: Int64?
    /// Times that a latency came out negative or zero.
    public var clockAnomalies: Int64 = 0

    /// A healthy generator.
    public init() {}
}

/// What the run used.
public struct ResourceRecord: Codable, Hashable, Sendable {
    /// Bytes that worker threads allocated in the measured window for each confirmed event; `nil`
    /// if the allocator does not count.
    public var bytesAllocatedPerEvent: Double?
    /// How allocations were counted.
    public var allocationMethod = ""
    /// Processor time of the process, in seconds.
    public var processorSeconds: Double = 0
    /// Processor time of the worker threads in the measured window, in seconds.
    public var workerProcessorSeconds: Double = 0
    /// How many worker threads there were.
    public var workers = 0
    /// The largest share of the measured window, 0 to 1, that a worker thread waited for a
    /// processor; `nil` if the system does not say.
    public var workerQueuedShare: Double?
    /// The most memory that was resident at once.
    public var residentBytesMax: Int64 = 0

    /// Nothing used.
    public init() {}
}
