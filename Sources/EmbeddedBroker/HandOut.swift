package import Messaging

/// Consecutive offsets of a partition that a claim hands to a consumer.
package struct HandOut: BitwiseCopyable, Hashable, Sendable {
    /// The first offset.
    package var first: UInt64
    /// How many offsets; 1 for an event from the shelf.
    package var count: Int
    /// Where the event lies on the shelf, or -1: in the ring.
    package var slot: Int
    /// Which delivery of the event to this group this is, from 1.
    package var attempt: UInt32

    /// The offsets.
    package var offsets: Range<UInt64> { first..<first &+ UInt64(count) }

    package init(first: UInt64, count: Int, slot: Int, attempt: UInt32) {
        self.first = first
        self.count = count
        self.slot = slot
        self.attempt = attempt
    }
}

/// What a delivery is answered with: names one delivery of one event, never a later one.
package struct Receipt: BitwiseCopyable, Hashable, Sendable {
    /// The event's offset.
    package var offset: UInt64
    /// Which delivery of it.
    package var attempt: UInt32

    package init(offset: UInt64, attempt: UInt32) {
        self.offset = offset
        self.attempt = attempt
    }
}

/// A consumer's answer to one delivery.
package enum Answer: Hashable, Sendable {
    /// Done.
    case acknowledge
    /// Not done: again, not before so many nanoseconds from now.
    case refuse(delay: Int64)
    /// Still at work: the lease ends so many nanoseconds from now.
    case extend(by: Int64)
}

/// What a group does with the bytes of events, which its state never sees.
package protocol EventStore: ~Copyable {
    /// The key of an event that still lies in the ring.
    func key(of offset: UInt64) -> EventKey

    /// Copies an event from the ring to a place on the shelf; its ring slot is released later.
    func shelve(_ offset: UInt64, into slot: Int)
}

/// How often a group met what a run reports about it.
package struct GroupCounters: Hashable, Sendable {
    /// Claims that took less because the shelf was full.
    package var shelfFull: Int64 = 0
    /// Answers that named a delivery that was over.
    package var staleReceipts: Int64 = 0
    /// Events given up at the broker's own limit on deliveries.
    package var exhausted: Int64 = 0
    /// Events skipped because they were the oldest of a full partition.
    package var dropped: Int64 = 0
    /// Leases that ran out.
    package var expired: Int64 = 0
    /// Events moved to the shelf under an open lease because they pinned the ring.
    package var relieved: Int64 = 0

    package init() {}

    /// Adds what another group or partition met.
    package mutating func add(_ other: GroupCounters) {
        shelfFull += other.shelfFull
        staleReceipts += other.staleReceipts
        exhausted += other.exhausted
        dropped += other.dropped
        expired += other.expired
        relieved += other.relieved
    }
}

/// What a group was promised, and the bounds of its memory.
package struct GroupSettings: Hashable, Sendable {
    /// Events that the partition's ring holds.
    package var capacity: Int
    /// How long the broker waits for an answer.
    package var leaseNanoseconds: Int64
    /// How many deliveries of this partition may be unanswered.
    package var prefetch: Int
    /// Whether a refused event holds back its key.
    package var order: RedeliveryOrder
    /// After so many deliveries an event is given up.
    package var maxDeliveries: Int?
    /// How many events the shelf holds.
    package var shelfCapacity: Int

    /// Settings with the usual shelf: as much as the ring, at most 1,024 events or twice the
    /// prefetch limit, whichever is more.
    package init(
        capacity: Int,
        leaseNanoseconds: Int64,
        prefetch: Int,
        order: RedeliveryOrder = .blockKey,
        maxDeliveries: Int? = nil,
        shelfCapacity: Int? = nil
    ) {
        self.capacity = capacity
        self.leaseNanoseconds = leaseNanoseconds
        self.prefetch = prefetch
        self.order = order
        self.maxDeliveries = maxDeliveries
        self.shelfCapacity = shelfCapacity ?? min(capacity, max(1024, 2 * prefetch))
    }
}
