package import Messaging

/// One member of a consumer group: receives from the partitions it owns; one thread at a time.
package final class GroupMember {
    private let roster: GroupRoster
    private let number: Int
    private var partitions: [Int] = []
    private var generation = UInt64.max
    /// Unanswered deliveries by partition, and in all.
    private var unanswered: [Int]
    private var totalUnanswered = 0
    private var nextPartition = 0
    private var calls = 0
    private var isClosed = false

    /// How many calls may pass between two looks at the other members.
    private static let callsBetweenLooks = 64

    /// Member `number` of a group; it joins at once.
    package init(_ roster: GroupRoster, number: Int) {
        self.roster = roster
        self.number = number
        unanswered = Array(repeating: 0, count: roster.shares.count)
        partitions.reserveCapacity(roster.shares.count)
        roster.join(number)
    }

    /// Appends up to `max` deliveries, as far as the prefetch limit allows.
    package func receive(into deliveries: inout Batch<Delivery>, max: Int, at now: Instant) {
        guard !isClosed else { return }
        roster.noteCall(of: number, at: now)
        if roster.currentGeneration != generation { reassign(at: now) }
        let goal = deliveries.count &+ min(max, deliveries.room)
        let before = deliveries.count
        for _ in 0..<partitions.count {
            let partition = partitions[nextPartition]
            nextPartition = nextPartition &+ 1 == partitions.count ? 0 : nextPartition &+ 1
            receive(partition, goal, at: now, into: &deliveries)
        }
        calls &+= 1
        if deliveries.count == before || calls % Self.callsBetweenLooks == 0 {
            roster.dismissSilent(askedBy: number, at: now)
        }
    }

    /// Takes `settlements[range]`.
    package func settle(
        _ settlements: borrowing Batch<Settlement>,
        in range: Range<Int>,
        at now: Instant,
        into results: inout SettlementQueue
    ) {
        var index = range.lowerBound
        while index < range.upperBound {
            let partition = Int(settlements[index].partition)
            let (taken, left) = roster.shares[partition].settle(
                number,
                settlements,
                in: index..<range.upperBound,
                at: now,
                into: &results
            )
            note(left, unansweredIn: partition)
            index &+= taken
        }
    }

    /// Where the body of an unanswered delivery lies now.
    package func payload(of delivery: Delivery, at now: Instant) -> PayloadReference? {
        roster.shares[Int(delivery.partition)].payload(of: delivery, at: now)
    }

    /// The member's process is a new one, which knows nothing of what the old one was handed.
    package func restart(at now: Instant) {
        for share in roster.shares { share.abandon(number, at: now) }
    }

    /// Leaves the group and gives back what is unanswered.
    package func close(at now: Instant) {
        guard !isClosed else { return }
        isClosed = true
        roster.leave(number, at: now)
    }

    private func receive(
        _ partition: Int,
        _ goal: Int,
        at now: Instant,
        into deliveries: inout Batch<Delivery>
    ) {
        // Visited even without room: time must pass for what this member holds.
        let room = roster.plan.prefetch &- totalUnanswered
        let limit = Swift.max(0, min(goal &- deliveries.count, room))
        let share = roster.shares[partition]
        var receipts = share.receive(number, limit: limit, at: now, into: &deliveries)
        if receipts.isNotOwner {
            share.adopt(number, at: now) { _ in false }
            receipts = share.receive(number, limit: limit, at: now, into: &deliveries)
        }
        note(receipts.isNotOwner ? 0 : receipts.unanswered, unansweredIn: partition)
    }

    private func note(_ count: Int, unansweredIn partition: Int) {
        totalUnanswered &+= count &- unanswered[partition]
        unanswered[partition] = count
    }

    private func reassign(at now: Instant) {
        generation = roster.assign(number, at: now, into: &partitions)
        for partition in unanswered.indices where !partitions.contains(partition) {
            note(0, unansweredIn: partition)
        }
        nextPartition = 0
    }
}
