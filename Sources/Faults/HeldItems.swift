import HeapModule
public import Messaging

/// Items that delay rules hold back until their time; the gate bounds how many.
@usableFromInline
struct HeldItems<Item> {
    /// One of them, with the rule that holds it and the lane that waits behind it, if any.
    struct Held: Comparable {
        let release: Instant
        let ordinal: UInt64
        let rule: Int
        let lane: Int?
        let item: Item

        static func < (left: Held, right: Held) -> Bool {
            (left.release, left.ordinal) < (right.release, right.ordinal)
        }

        static func == (left: Held, right: Held) -> Bool { left.ordinal == right.ordinal }
    }

    private var heap = Heap<Held>()
    private var nextOrdinal: UInt64 = 0

    /// When the next item is due; kept beside the heap because it is asked for all the time.
    private(set) var nextRelease: Instant?

    var count: Int { heap.count }

    /// Holds `item` until `release`; items of one moment leave in the order they came.
    @usableFromInline
    mutating func hold(_ item: Item, rule: Int, lane: Int?, until release: Instant) {
        heap.insert(
            Held(release: release, ordinal: nextOrdinal, rule: rule, lane: lane, item: item)
        )
        nextOrdinal += 1
        nextRelease = nextRelease.map { min($0, release) } ?? release
    }

    /// Takes the next item whose time has come.
    mutating func popDue(at now: Instant) -> Held? {
        guard let nextRelease, nextRelease <= now else { return nil }
        defer { self.nextRelease = heap.min?.release }
        return heap.removeMin()
    }

    mutating func removeAll() {
        heap = Heap<Held>()
        nextRelease = nil
    }
}
