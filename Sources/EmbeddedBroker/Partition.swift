package import Messaging
package import RingCore
internal import Synchronization

/// One partition of a topic: a multicast ring whose slots hold whole events.
///
/// An event's offset is its sequence in the ring. Any thread may use it; producers write through
/// an intake of their own, groups read through their share.
///
/// How producers meet in it is the ring's affair. Where they claim, one that stops between claim
/// and publish holds up every group at that offset, and in the end all producers. Where they are
/// lock-free, one that stops at any step holds up neither. A group is under a lock in either case:
/// a member that stops inside a receive or a settlement holds up its group in that partition, and
/// a group that does not settle fills the ring.
package final class Partition: Sendable {
    /// Its number in the topic.
    package let number: Int
    /// What happens to an event that finds it full.
    package let overflow: OverflowPolicy
    /// How many groups read it.
    package let groups: Int

    let ring: MulticastRing
    let layout: SlotLayout
    /// With `drop-oldest`: producers wait until everything below this fits the ring.
    private let demand = Atomic<UInt64>(0)
    private let dropped = Atomic<Int64>(0)
    /// Makes room where no group does.
    private let unread: Mutex<RingReader?>

    /// Makes an empty partition; the only place where its memory is allocated.
    package init(
        _ plan: TopicPlan,
        number: Int,
        producers: RingProducers,
        groups: Int
    ) throws(RingError) {
        self.number = number
        self.groups = groups
        overflow = plan.overflow
        layout = SlotLayout(largestPayloadBytes: plan.largestPayloadBytes)
        ring = try MulticastRing(
            capacity: plan.capacity,
            slotBytes: layout.stride,
            producers: producers,
            groups: max(1, groups)
        )
        unread = Mutex(groups == 0 ? ring.makeReader(group: 0) : nil)
    }

    /// Events lost to `drop-newest`, once for each group that will not see them.
    package var newestDropped: Int64 { dropped.load(ordering: .relaxed) }

    /// The offset behind the newest event.
    package var published: UInt64 { ring.published }

    func countNewestDropped(_ count: Int) {
        dropped.add(Int64(count * groups), ordering: .relaxed)
    }

    /// Says that `count` more events than fit are waiting; group owners then skip the oldest.
    func demandRoom(for count: Int) {
        let wanted = ring.claimed &+ UInt64(min(count, ring.capacity))
        // A lower value of another producer may win the race: it asks again while it waits.
        if wanted > demand.load(ordering: .relaxed) { demand.store(wanted, ordering: .relaxed) }
    }

    /// The offset below which a group has to skip what it never claimed.
    var oldestWanted: UInt64 {
        guard overflow == .dropOldest else { return 0 }
        let wanted = demand.load(ordering: .relaxed)
        return wanted > UInt64(ring.capacity) ? wanted &- UInt64(ring.capacity) : 0
    }

    /// Forgets everything that no group reads; `false` if some group does.
    func forgetUnread() -> Bool {
        unread.withLock { reader in
            guard var taken = reader.take() else { return false }
            let range = taken.available(from: taken.released, max: ring.capacity)
            taken.release(below: range.upperBound)
            reader = consume taken
            return true
        }
    }
}
