import Messaging

/// What is known of one delivery.
struct DeliveryEntry: Sendable, BitwiseCopyable {
    /// What has become of it.
    enum Fate: UInt8, Sendable, BitwiseCopyable {
        /// Not answered.
        case open
        /// An acknowledgement is on its way.
        case ackInvoked
        /// The broker has taken the acknowledgement.
        case acked
        /// Nobody knows whether an answer arrived.
        case unclear
        /// A refusal is on its way.
        case nackInvoked
        /// The broker has taken the refusal.
        case nacked
        /// The member that held it crashed or left.
        case returned
        /// Likewise, while an acknowledgement was on its way.
        case answeredReturned
        /// It was asked to go to the dead letters.
        case deadLetterInvoked
        /// It went there.
        case deadLettered
        /// A later delivery of the same copy has taken its place, or it was no event of this run.
        case closed
    }

    var n: UInt64
    var offset: Int64
    var invoked: Int64
    var returned: Int64
    var answerInvoked: Int64
    var answerEnded: Int64
    /// No earlier than this ends the lease, as far as is certain.
    var leaseEnd: Int64
    var delay: Int64
    /// When the lease ends if the extension on its way is taken.
    var extendedEnd: Int64
    var lane: UInt32
    var attempt: UInt32
    /// Distance back to the delivery before it in the same chain; 0 for none.
    var previous: UInt32
    var consumer: UInt16
    var fate: Fate
    var isRedelivered: Bool

    static let none = DeliveryEntry(
        n: 0,
        offset: -1,
        invoked: 0,
        returned: 0,
        answerInvoked: 0,
        answerEnded: 0,
        leaseEnd: 0,
        delay: 0,
        extendedEnd: 0,
        lane: .max,
        attempt: 0,
        previous: 0,
        consumer: 0,
        fate: .closed,
        isRedelivered: false
    )
}

/// The latest deliveries of a group by ordinal, with a chain to find those of one event.
struct InFlightRing: Sendable {
    private var entries: [DeliveryEntry]
    private var heads: [UInt64]
    private let mask: UInt64
    private let headMask: UInt64

    /// The ordinal of the next delivery.
    private(set) var next: UInt64 = 0

    init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "capacity: a power of two")
        entries = Array(repeating: .none, count: capacity)
        heads = Array(repeating: .max, count: capacity * 2)
        mask = UInt64(capacity - 1)
        headMask = UInt64(capacity * 2 - 1)
    }

    /// The ordinals that it holds.
    var held: Range<UInt64> { next - min(next, mask + 1)..<next }

    /// The fate of the entry that the next `append` overwrites; `.closed` if there is none.
    @inline(__always)
    var evictedFate: DeliveryEntry.Fate { entries[slot(next)].fate }

    /// The ordinal of the entry that the next `append` overwrites.
    var evictedOrdinal: UInt64 { next &- mask &- 1 }

    subscript(ordinal: UInt64) -> DeliveryEntry {
        @inline(__always) get { entries[slot(ordinal)] }
        @inline(__always) _modify { yield &entries[slot(ordinal)] }
    }

    @inline(__always)
    mutating func append(_ entry: DeliveryEntry) {
        let head = headIndex(lane: entry.lane, n: entry.n)
        let before = heads[head]
        heads[head] = next
        let distance = next &- before
        var entry = entry
        entry.previous =
            before == .max || distance > mask ? 0 : UInt32(truncatingIfNeeded: distance)
        entries[slot(next)] = entry
        next &+= 1
    }

    /// Appends up to `count` entries for the consecutive events of one lane from `first` on, and
    /// says how many: as far as what they overwrite is settled.
    ///
    /// `retired` becomes the latest time at which the broker took an overwritten acknowledgement.
    mutating func appendRun(
        _ first: DeliveryEntry,
        count: Int,
        retired: inout Int64
    ) -> Int {
        let done = Self.fill(
            &entries,
            &heads,
            from: next,
            head: headIndex(lane: first.lane, n: first.n),
            first,
            count: count,
            retired: &retired
        )
        next &+= UInt64(truncatingIfNeeded: done)
        return done
    }

    private static func fill(
        _ entries: inout [DeliveryEntry],
        _ heads: inout [UInt64],
        from start: UInt64,
        head firstHead: Int,
        _ first: DeliveryEntry,
        count: Int,
        retired: inout Int64
    ) -> Int {
        let mask = UInt64(truncatingIfNeeded: entries.count &- 1)
        let headMask = heads.count &- 1
        var head = firstHead
        var entry = first
        // Spans: one look at whether the arrays are shared for the whole run.
        var entries = entries.mutableSpan
        var heads = heads.mutableSpan
        for done in 0..<count {
            let ordinal = start &+ UInt64(truncatingIfNeeded: done)
            let slot = Int(truncatingIfNeeded: ordinal & mask)
            let fate = entries[slot].fate
            guard fate == .closed || fate == .acked else { return done }
            if fate == .acked { retired = max(retired, entries[slot].answerEnded) }
            let before = heads[head]
            heads[head] = ordinal
            let distance = ordinal &- before
            entry.previous =
                before == .max || distance > mask ? 0 : UInt32(truncatingIfNeeded: distance)
            entries[slot] = entry
            entry.n &+= 1
            if entry.offset >= 0 { entry.offset &+= 1 }
            head = (head &+ 1) & headMask
        }
        return count
    }

    /// Moves the entries of `ordinals` from one fate to the next, as far as all are held and have
    /// the fate `from`, and says how many it was.
    mutating func advance(
        _ ordinals: Range<UInt64>,
        from: DeliveryEntry.Fate,
        to: DeliveryEntry.Fate,
        at time: Int64
    ) -> Int {
        guard held.contains(ordinals.lowerBound), ordinals.upperBound <= next else { return 0 }
        let isEnd = to == .acked
        let mask = mask
        var entries = entries.mutableSpan
        var done = 0
        for ordinal in ordinals {
            let slot = Int(truncatingIfNeeded: ordinal & mask)
            guard entries[slot].fate == from else { break }
            entries[slot].fate = to
            if isEnd {
                entries[slot].answerEnded = time
            } else {
                entries[slot].answerInvoked = time
            }
            done &+= 1
        }
        return done
    }

    /// The ordinals of the deliveries of event `n` of lane number `lane`, latest first.
    func ordinals(lane: UInt32, n: UInt64) -> [UInt64] {
        var found: [UInt64] = []
        var ordinal = heads[headIndex(lane: lane, n: n)]
        while ordinal != .max, held.contains(ordinal) {
            let entry = entries[slot(ordinal)]
            if entry.lane == lane && entry.n == n { found.append(ordinal) }
            guard entry.previous != 0, UInt64(entry.previous) <= ordinal else { break }
            ordinal -= UInt64(entry.previous)
        }
        return found
    }

    @inline(__always)
    private func slot(_ ordinal: UInt64) -> Int { Int(truncatingIfNeeded: ordinal & mask) }

    @inline(__always)
    private func headIndex(lane: UInt32, n: UInt64) -> Int {
        Int(truncatingIfNeeded: (n &+ UInt64(lane) &* 0x9E37_79B1) & headMask)
    }
}
