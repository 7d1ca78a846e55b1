internal import HeapModule
package import Messaging

/// What is to happen on virtual time, the earliest first.
///
/// Entries of the same instant come in an order drawn from the seed, so that no seed alone decides
/// which of them is first, and every seed decides it for good.
package struct Agenda<Item> {
    private struct Entry: Comparable {
        var due: Instant
        var tie: UInt64
        var number: UInt64
        var item: Item

        static func < (left: Entry, right: Entry) -> Bool {
            (left.due.nanoseconds, left.tie, left.number)
                < (right.due.nanoseconds, right.tie, right.number)
        }

        static func == (left: Entry, right: Entry) -> Bool { left.number == right.number }
    }

    private var heap = Heap<Entry>()
    private let ties: KeyedHash
    private var added: UInt64 = 0

    /// An empty agenda whose ties `seed` breaks.
    package init(seed: UInt64) {
        ties = KeyedHash(seed: seed).derived(for: 0x7469_6573)
    }

    /// How many entries there are.
    package var count: Int { heap.count }

    /// When the next entry is due.
    package var nextDue: Instant? { heap.min?.due }

    /// Adds `item`, due at `due`.
    package mutating func add(_ item: Item, at due: Instant) {
        heap.insert(Entry(due: due, tie: ties.hash(added, 0), number: added, item: item))
        added += 1
    }

    /// Takes out the next entry and moves `clock` on to it, unless the clock is past it.
    package mutating func takeNext(_ clock: inout VirtualClock) -> Item? {
        guard let next = heap.popMin() else { return nil }
        clock.advance(to: max(clock.now, next.due))
        return next.item
    }
}
