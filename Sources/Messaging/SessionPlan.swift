/// What a partition does with an event that finds it full.
public enum OverflowPolicy: String, Hashable, Sendable, CaseIterable {
    /// The producer waits.
    case block
    /// The event is refused.
    case reject
    /// The event is confirmed, counted as dropped and not stored.
    case dropNewest = "drop-newest"
    /// The group that lags most skips forward at its next claim.
    case dropOldest = "drop-oldest"
}

/// One topic of a session.
public struct TopicPlan: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// How many partitions it has.
    public var partitions: Int
    /// Events per partition; a power of two.
    public var capacity: Int
    /// What happens when a partition is full.
    public var overflow: OverflowPolicy
    /// The longest payload that any producer of the scenario sends to it.
    public var largestPayloadBytes: Int
    /// How many producers publish to it; `nil` if all of the session may.
    public var producers: Int?

    /// Makes a topic.
    public init(
        name: String,
        partitions: Int = 1,
        capacity: Int = 4096,
        overflow: OverflowPolicy = .block,
        largestPayloadBytes: Int = 0,
        producers: Int? = nil
    ) {
        self.name = name
        self.partitions = partitions
        self.capacity = capacity
        self.overflow = overflow
        self.largestPayloadBytes = largestPayloadBytes
        self.producers = producers
    }
}

/// Where a new group begins to read.
public enum StartPosition: Hashable, Sendable {
    /// At the oldest event still held.
    case earliest
    /// Behind the newest event.
    case latest
    /// At this offset of every partition.
    case offset(Int64)
}

/// What an event that is refused or expires does to later events of its key.
public enum RedeliveryOrder: String, Hashable, Sendable, CaseIterable {
    /// It holds them back until it is settled.
    case blockKey = "block-key"
    /// They overtake it.
    case pass
}

/// One consumer group of a session.
public struct GroupPlan: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Index of the topic it reads.
    public var topic: Int
    /// How many members it has.
    public var members: Int
    /// Where it begins.
    public var start: StartPosition
    /// How long the broker waits for an answer before it redelivers, in nanoseconds.
    public var leaseNanoseconds: Int64
    /// How many unanswered deliveries one member may hold.
    public var prefetch: Int
    /// Whether a refused event blocks its key.
    public var order: RedeliveryOrder
    /// After so many deliveries the broker gives an event up; `nil` for no limit.
    public var maxDeliveries: Int?

    /// Makes a group.
    public init(
        name: String,
        topic: Int,
        members: Int = 1,
        start: StartPosition = .earliest,
        leaseNanoseconds: Int64 = 30_000_000_000,
        prefetch: Int = 256,
        order: RedeliveryOrder = .blockKey,
        maxDeliveries: Int? = nil
    ) {
        self.name = name
        self.topic = topic
        self.members = members
        self.start = start
        self.leaseNanoseconds = leaseNanoseconds
        self.prefetch = prefetch
        self.order = order
        self.maxDeliveries = maxDeliveries
    }
}

/// Everything a driver must know to open a session.
public struct SessionPlan: Hashable, Sendable {
    /// The topics; other types refer to them by index.
    public var topics: [TopicPlan]
    /// The groups; other types refer to them by index.
    public var groups: [GroupPlan]
    /// How many producer numbers are in use: 0 ..< this.
    public var producers: Int
    /// How the run's keys are spelt.
    public var keyNames: KeyNames
    /// The run's number, carried by every event.
    public var run: UInt32
    /// How many threads may call ends of this session.
    public var threads: Int

    /// Makes a session plan.
    public init(
        topics: [TopicPlan],
        groups: [GroupPlan],
        producers: Int,
        keyNames: KeyNames = KeyNames(),
        run: UInt32 = 1,
        threads: Int = 2
    ) {
        self.topics = topics
        self.groups = groups
        self.producers = producers
        self.keyNames = keyNames
        self.run = run
        self.threads = threads
    }
}
