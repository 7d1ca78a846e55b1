package import Messaging
internal import Synchronization

/// One consumer group: its shares of the topic's partitions, and who of its members is present.
///
/// A hand-over is co-operative: a member gives up what is no longer its own at the edge between
/// two of its batches, and only then does the next owner take it. What it has not answered by then
/// stays leased to it. A member that has not called for longer than a lease counts as gone, and the
/// others take its partitions; it comes back by calling again.
package final class GroupRoster: Sendable {
    /// The group's plan.
    package let plan: GroupPlan
    /// By partition.
    package let shares: [PartitionShare]

    private let seats: [Seat]
    private let membership: Mutex<Membership>
    private let generation = Atomic<UInt64>(0)
    private let hasBegun = Mutex(false)

    /// The group number `group` among those that read `partitions`.
    package init(_ plan: GroupPlan, group: Int, partitions: [Partition], run: UInt32) {
        self.plan = plan
        shares = partitions.map { PartitionShare($0, group: group, plan: plan, run: run) }
        seats = (0..<plan.members).map { _ in Seat() }
        membership = Mutex(Membership(members: plan.members))
    }

    /// Raised whenever a member comes or goes.
    var currentGeneration: UInt64 { generation.load(ordering: .acquiring) }

    /// Makes `member` present.
    ///
    /// The first one to come fixes where the group begins.
    package func join(_ member: Int) {
        let isFirst = hasBegun.withLock { begun in
            defer { begun = true }
            return !begun
        }
        if isFirst { for share in shares { share.begin(at: plan.start) } }
        seats[member].lastCall.store(.max, ordering: .relaxed)
        change { $0.join(member) }
    }

    /// Makes `member` absent, with everything that it owns due at once.
    package func leave(_ member: Int, at now: Instant) {
        for share in shares { share.relinquish(member, at: now) }
        change { $0.leave(member) }
    }

    /// Notes that `member` is alive.
    func noteCall(of member: Int, at now: Instant) {
        seats[member].lastCall.store(now.nanoseconds, ordering: .relaxed)
    }

    /// Gives up what is no longer `member`'s, takes what is, and says which partitions are.
    func assign(_ member: Int, at now: Instant, into partitions: inout [Int]) -> UInt64 {
        change { $0.join(member) }
        let membership = membership.withLock { $0 }
        partitions.removeAll(keepingCapacity: true)
        for (partition, share) in shares.enumerated() {
            if membership.owner(of: partition) == member {
                partitions.append(partition)
                share.adopt(member, at: now) { !membership.isPresent($0) }
            } else {
                share.pass(from: member, at: now)
            }
        }
        return membership.generation
    }

    /// Marks members that have not called for longer than a lease as absent.
    func dismissSilent(askedBy member: Int, at now: Instant) {
        for (other, seat) in seats.enumerated() where other != member {
            let lastCall = seat.lastCall.load(ordering: .relaxed)
            let silence = now.nanoseconds.subtractingReportingOverflow(lastCall)
            if !silence.overflow, silence.partialValue > plan.leaseNanoseconds {
                change { $0.leave(other) }
            }
        }
    }

    private func change(_ edit: (inout Membership) -> Void) {
        membership.withLock { membership in
            edit(&membership)
            generation.store(membership.generation, ordering: .releasing)
        }
    }
}

/// When a member last called; on a cache line that no other member writes.
private final class Seat: Sendable {
    private let before = InlineArray<16, UInt64>(repeating: 0)
    /// Nanoseconds; the greatest number until the first call.
    let lastCall = Atomic<Int64>(.max)
    private let after = InlineArray<16, UInt64>(repeating: 0)
}
