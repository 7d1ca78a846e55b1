import HeapModule
import Messaging

/// Items that a delay rule holds back until their time.
///
/// Bounded by `limit`; at the bound the caller lets the item pass and counts it.
struct HeldItems<Item> {
    private struct Held: Comparable {
        let release: Instant
        let ordinal: UInt64
        let item: Item

        static func < (left: Held, right: Held) -> Bool {
            (left.release, left.ordinal) < (right.release, right.ordinal)
        }

        static func == (left: Held, right: Held) -> Bool { left.ordinal == right.ordinal }
    }

    private let limit: Int
    private var heap = Heap<Held>()
    private var nextOrdinal: UInt64 = 0
    private var lanes: [Int: (release: Instant, count: Int)] = [:]

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { heap.count }
    var isFull: Bool { heap.count >= limit }

    /// When the next item is due.
    var nextRelease: Instant? { heap.min?.release }

    /// Whether something of `lane` is held in order, so that later items must queue behind it.
    func blocks(lane: Int) -> Bool { lanes[lane] != nil }

    /// Holds `item` until `release`; never released before an earlier item of the same `lane`.
    mutating func hold(_ item: Item, lane: Int?, until release: Instant) {
        var release = release
        if let lane {
            let queued = lanes[lane, default: (release, 0)]
            release = max(release, queued.release)
            lanes[lane] = (release, queued.count + 1)
        }
        heap.insert(Held(release: release, ordinal: nextOrdinal, item: item))
        nextOrdinal += 1
    }

    /// Takes the next item whose time has come; `laneOf` names the lane it was held in.
    mutating func popDue(at now: Instant, laneOf: (Item) -> Int?) -> Item? {
        guard let next = heap.min, next.release <= now else { return nil }
        heap.removeMin()
        if let lane = laneOf(next.item), let queued = lanes[lane] {
            lanes[lane] = queued.count == 1 ? nil : (queued.release, queued.count - 1)
        }
        return next.item
    }

    mutating func removeAll() {
        heap = Heap<Held>()
        lanes = [:]
    }
}
