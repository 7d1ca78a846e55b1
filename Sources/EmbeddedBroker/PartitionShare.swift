package import Messaging
internal import RingCore
internal import Synchronization

/// What one group has of one partition: its state, its reader and its shelf, under one lock.
///
/// The lock is taken once per claimed or answered batch, by the owning member alone while nobody
/// joins or leaves, so without contention. Producers never take it.
package final class PartitionShare: Sendable {
    /// What a receive did.
    package struct Receipts {
        /// Deliveries of the partition that are unanswered now.
        package var unanswered: Int
        /// Whether the asker does not own the partition, so that nothing was done.
        package var isNotOwner: Bool
    }

    package let partition: Partition
    private let topic: UInt16
    private let run: UInt32
    private let state: Mutex<State>

    struct State: ~Copyable, @unchecked Sendable {
        // SAFETY: (unchecked Sendable) the batch of hand-outs is the one part that is not, and it
        // belongs to this value alone, which is touched under the lock only.
        // Checked by: "two threads lose, double and reorder nothing" under the thread sanitizer.
        var group: GroupPartition
        var events: RingEvents
        var handOuts: Batch<HandOut>
        var owner: Int?
        /// The first offset that the group wants to see.
        var start: UInt64 = 0
    }

    /// The share of group number `group` among those that read the partition's topic.
    package init(
        _ partition: Partition,
        group: Int,
        plan: GroupPlan,
        run: UInt32
    ) {
        self.partition = partition
        self.run = run
        topic = UInt16(plan.topic)
        let settings = GroupSettings(
            capacity: partition.ring.capacity,
            leaseNanoseconds: plan.leaseNanoseconds,
            prefetch: plan.prefetch,
            order: plan.order,
            maxDeliveries: plan.maxDeliveries
        )
        state = Mutex(
            State(
                group: GroupPartition(settings),
                events: RingEvents(
                    reader: partition.ring.makeReader(group: group),
                    shelved: ShelvedBytes(
                        capacity: settings.shelfCapacity,
                        layout: partition.layout
                    )
                ),
                handOuts: Batch(capacity: plan.prefetch)
            )
        )
    }

    /// Lets the group begin at `position`, if it has claimed nothing yet.
    package func begin(at position: StartPosition) {
        let newest = partition.published
        state.withLock { state in
            switch position {
            case .earliest: state.start = 0
            case .latest: state.start = newest
            case .offset(let offset): state.start = UInt64(max(0, offset))
            }
        }
    }

    /// Gives the partition to `member`, if nobody or one of `absent` owns it; leases go on.
    package func adopt(
        _ member: Int,
        at now: Instant,
        isAbsent: (Int) -> Bool
    ) {
        state.withLock { state in
            if let owner = state.owner {
                guard owner != member, isAbsent(owner) else { return }
            }
            state.takeOver(by: member, at: now)
        }
    }

    /// Takes the partition from `member`, if it owns it: what is unanswered is due at once.
    package func relinquish(_ member: Int, at now: Instant) {
        state.withLock { state in
            guard state.owner == member else { return }
            state.giveBack(at: now)
        }
    }

    /// Takes the partition from `member`, if it owns it; what it holds keeps its lease.
    package func pass(from member: Int, at now: Instant) {
        state.withLock { state in
            guard state.owner == member else { return }
            state.takeOver(by: nil, at: now)
        }
    }

    /// Lets what `member` left unanswered hold back its keys, if it owns the partition.
    package func abandon(_ member: Int, at now: Instant) {
        state.withLock { state in
            guard state.owner == member else { return }
            state.abandon(at: now)
        }
    }

    /// Appends up to `limit` deliveries for `member`, if it owns the partition.
    package func receive(
        _ member: Int,
        limit: Int,
        at now: Instant,
        into deliveries: inout Batch<Delivery>
    ) -> Receipts {
        state.withLock { state in
            guard state.owner == member else {
                return Receipts(unanswered: 0, isNotOwner: true)
            }
            state.claim(limit, from: partition, at: now)
            let context = DeliveryContext(
                invoked: now,
                topic: topic,
                partition: UInt16(partition.number),
                run: run
            )
            state.fill(&deliveries, context)
            state.release()
            return Receipts(unanswered: state.group.unanswered, isNotOwner: false)
        }
    }

    /// Takes the first of `settlements[range]`, as far as they are for this partition, from
    /// `member`.
    ///
    /// Says how many, and what is unanswered of the partition: 0 if the member does not own it
    /// (any more).
    package func settle(
        _ member: Int,
        _ settlements: borrowing Batch<Settlement>,
        in range: Range<Int>,
        at now: Instant,
        into results: inout SettlementQueue
    ) -> (taken: Int, unanswered: Int) {
        state.withLock { state in
            let number = UInt16(truncatingIfNeeded: partition.number)
            var index = range.lowerBound
            while index < range.upperBound, settlements[index].partition == number {
                let end = Self.endOfRun(settlements, from: index, below: range.upperBound)
                index &+= state.settle(settlements, in: index..<end, at: now, into: &results)
            }
            state.release()
            let unanswered = state.owner == member ? state.group.unanswered : 0
            return (index &- range.lowerBound, unanswered)
        }
    }

    /// Where the body of an unanswered delivery lies now, or `nil` if the delivery is over.
    package func payload(of delivery: Delivery, at now: Instant) -> PayloadReference? {
        let receipt = Receipt(
            offset: UInt64(delivery.offset),
            attempt: UInt32(truncatingIfNeeded: delivery.receipt)
        )
        return state.withLock { state in
            guard let location = state.group.location(of: receipt, at: now) else { return nil }
            // SAFETY: the delivery is unanswered, so its event lies where the state says; the
            // owner's own next call is the first that can move it.
            let slot = unsafe state.events.slot(receipt.offset, at: location)
            return unsafe state.events.shelved.layout.payload(slot)
        }
    }

    /// How often the group met what a run reports.
    package var counters: GroupCounters { state.withLock { $0.group.counters } }

    /// How often the partition changed hands.
    package var generation: UInt32 { state.withLock { $0.group.generation } }

    /// Events that wait to be handed out; exact while nobody publishes.
    package var queued: Int {
        let newest = partition.published
        return state.withLock { state in
            let first = max(state.group.claimed, state.start)
            return state.group.shelved + Int(newest > first ? newest - first : 0)
        }
    }

    /// The end of the run from `start` on of acknowledged first deliveries of one partition with
    /// offsets in a row.
    private static func endOfRun(
        _ settlements: borrowing Batch<Settlement>,
        from start: Int,
        below end: Int
    ) -> Int {
        let first = settlements[start]
        guard first.isPlain else { return start &+ 1 }
        var index = start &+ 1
        while index < end, settlements[index].follows(first, by: index &- start) { index &+= 1 }
        return index
    }
}

/// What all deliveries of one receive have in common.
struct DeliveryContext {
    var invoked: Instant
    var topic: UInt16
    var partition: UInt16
    var run: UInt32
}

extension Settlement {
    /// Whether it acknowledges a first delivery.
    var isPlain: Bool { kind == .ack && receipt == 1 && offset >= 0 }

    /// Whether it says of the delivery `step` offsets further what `first` says of its own.
    @inline(__always)
    func follows(_ first: Settlement, by step: Int) -> Bool {
        // One test for all that may differ, where a test each would cost a branch each.
        var difference = UInt64(kind.rawValue ^ first.kind.rawValue)
        difference |= receipt ^ first.receipt
        difference |= UInt64(bitPattern: offset ^ (first.offset &+ Int64(step)))
        difference |= UInt64(partition ^ first.partition)
        return difference == 0
    }
}
