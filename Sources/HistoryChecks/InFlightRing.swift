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
///
/// While deliveries come and are answered in runs, a run is all that is kept. Each of its
/// deliveries gets an entry of its own as soon as anything happens to one of them alone.
struct InFlightRing: Sendable {
    private var entries: [DeliveryEntry]
    private var heads: [UInt64]
    private let mask: UInt64
    private let headMask: UInt64
    /// The deliveries from `laid` on.
    private var runs: InFlightRuns
    /// Held deliveries below it have entries of their own.
    private var laid: UInt64 = 0

    /// The ordinal of the next delivery.
    private(set) var next: UInt64 = 0

    init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "capacity: a power of two")
        entries = Array(repeating: .none, count: capacity)
        heads = Array(repeating: .max, count: capacity * 2)
        mask = UInt64(capacity - 1)
        headMask = UInt64(capacity * 2 - 1)
        // Enough for half of what a worker receives at once.
        runs = InFlightRuns(capacity: max(16, capacity / 32))
    }

    /// The ordinals that it holds.
    var held: Range<UInt64> { next - min(next, mask + 1)..<next }

    /// The fate of the entry that the next `append` overwrites; `.closed` if there is none.
    @inline(__always)
    var evictedFate: DeliveryEntry.Fate { next > mask ? self[evictedOrdinal].fate : .closed }

    /// The ordinal of the entry that the next `append` overwrites.
    var evictedOrdinal: UInt64 { next &- mask &- 1 }

    /// The entry of a delivery that is held.
    subscript(ordinal: UInt64) -> DeliveryEntry {
        @inline(__always) get {
            if ordinal >= laid, let run = runs.index(holding: ordinal) {
                return runs[run].entry(ordinal)
            }
            return entries[slot(ordinal)]
        }
        _modify {
            layOut()
            yield &entries[slot(ordinal)]
        }
    }

    @inline(__always)
    mutating func append(_ entry: DeliveryEntry) {
        layOut()
        var entry = entry
        entry.previous = chain(next, lane: entry.lane, n: entry.n)
        entries[slot(next)] = entry
        next &+= 1
        laid = next
    }

    /// Appends up to `count` deliveries of the consecutive events of one lane from `first` on, and
    /// says how many: as far as what they overwrite is settled.
    ///
    /// `retired` becomes the latest time at which the broker took an overwritten acknowledgement.
    mutating func appendRun(
        _ first: DeliveryEntry,
        count: Int,
        retired: inout Int64
    ) -> Int {
        if runs.isFull { layOut() }
        let accepted = makeRoom(UInt64(truncatingIfNeeded: count), retired: &retired)
        guard accepted > 0 else { return 0 }
        runs.append(InFlightRun(ordinal: next, count: accepted, first: first))
        next &+= accepted
        return Int(truncatingIfNeeded: accepted)
    }

    /// Forgets the oldest deliveries, as far as they are settled, until `count` more can be held,
    /// and says how many more can.
    private mutating func makeRoom(_ count: UInt64, retired: inout Int64) -> UInt64 {
        let capacity = mask &+ 1
        let wanted = next &+ min(count, capacity)
        guard wanted > capacity else { return count }
        let limit = wanted &- capacity
        var evicted = held.lowerBound
        while evicted < min(limit, laid) {
            let entry = entries[slot(evicted)]
            guard entry.fate.isSettled else { return evicted &+ capacity &- next }
            if entry.fate == .acked { retired = max(retired, entry.answerEnded) }
            evicted &+= 1
        }
        while evicted < limit {
            let run = runs[0]
            guard run.first.fate.isSettled else { return evicted &+ capacity &- next }
            if run.first.fate == .acked { retired = max(retired, run.first.answerEnded) }
            evicted = min(limit, run.end)
            laid = evicted
            if evicted == run.end {
                runs.removeOldest()
            } else {
                runs[0].removeFirst(evicted &- run.ordinal)
            }
        }
        return wanted &- next
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
        let whole = advanceRuns(ordinals, from: from, to: to, at: time)
        guard whole < ordinals.upperBound else { return ordinals.count }
        layOut()
        let mask = mask
        var entries = entries.mutableSpan
        for ordinal in whole..<ordinals.upperBound {
            let slot = Int(truncatingIfNeeded: ordinal & mask)
            guard entries[slot].fate == from else {
                return Int(truncatingIfNeeded: ordinal &- ordinals.lowerBound)
            }
            entries[slot].advance(to: to, at: time)
        }
        return ordinals.count
    }

    /// Moves whole runs from the front of `ordinals`, and says where the rest begins.
    private mutating func advanceRuns(
        _ ordinals: Range<UInt64>,
        from: DeliveryEntry.Fate,
        to: DeliveryEntry.Fate,
        at time: Int64
    ) -> UInt64 {
        var ordinal = ordinals.lowerBound
        guard ordinal >= laid, var index = runs.index(holding: ordinal) else { return ordinal }
        while index < runs.count, runs[index].ordinal == ordinal,
            runs[index].end <= ordinals.upperBound, runs[index].first.fate == from
        {
            runs[index].first.advance(to: to, at: time)
            ordinal = runs[index].end
            index &+= 1
        }
        return ordinal
    }

    /// The ordinals of the deliveries of event `n` of lane number `lane`, latest first.
    func ordinals(lane: UInt32, n: UInt64) -> [UInt64] {
        var found: [UInt64] = []
        for index in (0..<runs.count).reversed() where runs[index].first.lane == lane {
            let step = n &- runs[index].first.n
            if step < runs[index].count { found.append(runs[index].ordinal &+ step) }
        }
        var ordinal = heads[headIndex(lane: lane, n: n)]
        while ordinal != .max, held.contains(ordinal) {
            let entry = entries[slot(ordinal)]
            if entry.lane == lane && entry.n == n { found.append(ordinal) }
            guard entry.previous != 0, UInt64(entry.previous) <= ordinal else { break }
            ordinal -= UInt64(entry.previous)
        }
        return found
    }

    /// Gives every delivery of the runs an entry of its own.
    private mutating func layOut() {
        if runs.count > 0 { layOutRuns() }
    }

    @inline(never)
    private mutating func layOutRuns() {
        for index in 0..<runs.count {
            let run = runs[index]
            for ordinal in run.ordinal..<run.end {
                var entry = run.entry(ordinal)
                entry.previous = chain(ordinal, lane: entry.lane, n: entry.n)
                entries[slot(ordinal)] = entry
            }
        }
        runs.removeAll()
        laid = next
    }

    /// Makes `ordinal` the head of the chain of its event, and says how far back the next one is.
    @inline(__always)
    private mutating func chain(_ ordinal: UInt64, lane: UInt32, n: UInt64) -> UInt32 {
        let head = headIndex(lane: lane, n: n)
        let before = heads[head]
        heads[head] = ordinal
        let distance = ordinal &- before
        return before == .max || distance > mask ? 0 : UInt32(truncatingIfNeeded: distance)
    }

    @inline(__always)
    private func slot(_ ordinal: UInt64) -> Int { Int(truncatingIfNeeded: ordinal & mask) }

    @inline(__always)
    private func headIndex(lane: UInt32, n: UInt64) -> Int {
        Int(truncatingIfNeeded: (n &+ UInt64(lane) &* 0x9E37_79B1) & headMask)
    }
}

extension DeliveryEntry.Fate {
    /// Whether nothing more is expected of the delivery.
    fileprivate var isSettled: Bool { self == .closed || self == .acked }
}

extension DeliveryEntry {
    @inline(__always)
    fileprivate mutating func advance(to fate: Fate, at time: Int64) {
        self.fate = fate
        if fate == .acked { answerEnded = time } else { answerInvoked = time }
    }
}
