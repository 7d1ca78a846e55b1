import Synchronization

/// One consumer's own check on every item that it takes.
struct OrderCheck {
    private var last = InlineArray<4, UInt64>(repeating: 0)
    private var taken: UInt64 = 0
    private var tags: UInt64 = 0
    private var inversions: UInt64 = 0
    private var damaged: UInt64 = 0

    /// Looks at an item: it must be whole, and later than the last one of its producer.
    @inline(__always)
    mutating func take(_ item: some TrialItem) {
        let tag = item.tag
        let producer = ItemTag.producer(tag)
        let number = ItemTag.number(tag)
        if number <= last[producer] { inversions &+= 1 }
        if !item.isWhole { damaged &+= 1 }
        last[producer] = number
        taken &+= 1
        tags &+= tag
    }

    /// Counts an event whose earlier stages had not all done their work.
    @inline(__always)
    mutating func foundUnfinished() { inversions &+= 1 }

    fileprivate func add(to account: inout StreamAccount) {
        account.taken &+= taken
        account.takenTags &+= tags
        account.faults.inversions &+= inversions
        account.faults.damaged &+= damaged
    }
}

/// What was found wrong with items.
public struct TrialFaults: Hashable, Sendable {
    /// Items that came after a later one of their producer, or before an earlier stage was done.
    public var inversions: UInt64 = 0
    /// Items that never came.
    public var lost: UInt64 = 0
    /// Items that came more than once, or that nobody had sent.
    public var surplus: UInt64 = 0
    /// Items that were not whole.
    public var damaged: UInt64 = 0
    /// Whether items stood still for so long that the trial was given up.
    public var isStuck = false

    /// Nothing wrong.
    public init() {}

    /// Whether nothing is wrong.
    public var isNone: Bool { self == TrialFaults() }

    /// Adds what else was found.
    public mutating func add(_ other: TrialFaults) {
        inversions &+= other.inversions
        lost &+= other.lost
        surplus &+= other.surplus
        damaged &+= other.damaged
        isStuck = isStuck || other.isStuck
    }
}

/// What went into a ring and what came out of it.
private struct StreamAccount {
    var published: UInt64 = 0
    var publishedTags: UInt64 = 0
    var taken: UInt64 = 0
    var takenTags: UInt64 = 0
    var faults = TrialFaults()
}

/// The account of one ring, and how many threads still write to it.
final class TrialStream: Sendable {
    private let writersLeft: Atomic<Int>
    /// How many consumers see each item.
    private let views: UInt64
    private let account = Mutex(StreamAccount())

    init(writers: Int, views: Int = 1) {
        writersLeft = Atomic(writers)
        self.views = UInt64(views)
    }

    /// Whether nothing more will be published; what was published is visible then.
    var isEnded: Bool { writersLeft.load(ordering: .acquiring) == 0 }

    /// One writer is done: it has published the numbers 1 to `count` of `producer`.
    func endWriter(_ producer: Int, published count: UInt64) {
        add(producer, published: count)
        writersLeft.subtract(1, ordering: .acquiringAndReleasing)
    }

    /// A writer that passed on what it took is done; `check` knows what that was.
    func endWriter(passedOn check: OrderCheck) {
        account.withLock { own in
            var passed = StreamAccount()
            check.add(to: &passed)
            own.published &+= passed.taken
            own.publishedTags &+= passed.takenTags
        }
        writersLeft.subtract(1, ordering: .acquiringAndReleasing)
    }

    private func add(_ producer: Int, published count: UInt64) {
        let numbers = count % 2 == 0 ? count / 2 &* (count &+ 1) : (count &+ 1) / 2 &* count
        account.withLock {
            $0.published &+= count
            $0.publishedTags &+= ItemTag.base(producer) &* count &+ numbers
        }
    }

    /// One consumer is done.
    func endConsumer(_ check: OrderCheck) {
        account.withLock { check.add(to: &$0) }
    }

    /// How many items were published.
    var published: UInt64 { account.withLock(\.published) }

    /// What was wrong, once all threads are done.
    var faults: TrialFaults {
        account.withLock { account in
            var faults = account.faults
            let expected = account.published &* views
            if account.taken < expected { faults.lost = expected - account.taken }
            if account.taken > expected { faults.surplus = account.taken - expected }
            // As many as expected, but not the same ones.
            if account.taken == expected, account.takenTags != account.publishedTags &* views {
                faults.lost = 1
                faults.surplus = 1
            }
            return faults
        }
    }
}
