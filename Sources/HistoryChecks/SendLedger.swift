public import Histories
public import Messaging

/// What one producer worker sent, and what became of it.
///
/// One per worker and side. At the boundary a crossing is one event taken by the driver; for the
/// application it is one logical send. In order and confirmed, an event costs nothing to keep.
public struct SendLedger: Sendable {
    /// Whose truth it keeps.
    public let side: HistorySide
    /// Whether the broker may recognise this worker's repeats.
    public let isIdempotent: Bool

    private(set) var index = LaneIndex()
    private(set) var lanes: [SendLane] = []

    /// An empty ledger.
    public init(side: HistorySide, isIdempotent: Bool = false) {
        self.side = side
        self.isIdempotent = isIdempotent
    }

    /// Events `n ..< n + count` of `lane` cross, in this order, once each.
    public mutating func crossed(_ lane: LaneID, n: UInt64, count: Int, at now: Instant) {
        guard count > 0 else { return }
        lanes[number(of: lane)].crossed(n, count: UInt64(count), at: now.nanoseconds)
    }

    /// One crossing of each of `n ..< n + count` ended with `outcome`.
    ///
    /// `firstOffset` is that of event `n`; the others follow by ones; -1 where none is known.
    public mutating func ended(
        _ lane: LaneID,
        n: UInt64,
        count: Int,
        outcome: CrossingOutcome,
        firstOffset: Int64,
        at now: Instant
    ) {
        guard count > 0 else { return }
        lanes[number(of: lane)].ended(
            n,
            count: UInt64(count),
            outcome: outcome,
            firstOffset: firstOffset,
            at: now.nanoseconds
        )
    }

    /// A confirmation of a send that had been given up as unknown came after all.
    public mutating func resolvedLate(_ lane: LaneID, n: UInt64, at now: Instant) {
        lanes[number(of: lane)].resolvedLate(n)
    }

    /// How many events have crossed at least once.
    public var sent: UInt64 {
        lanes.reduce(0) { $0 + $1.reached - $1.skipped.count }
    }

    /// How many events have at least one confirmed crossing.
    public var confirmed: UInt64 {
        lanes.reduce(0) { $0 + $1.confirmed.count }
    }

    /// How many events have crossed, are not confirmed, and were not refused at every crossing.
    public var unresolved: UInt64 {
        lanes.reduce(0) { $0 + $1.unresolved }
    }

    @inline(__always)
    private mutating func number(of lane: LaneID) -> Int {
        let (number, isNew) = index.findOrAdd(lane)
        if isNew { lanes.append(SendLane()) }
        return number
    }
}

extension SendLane {
    /// How many events have an unknown fate.
    var unresolved: UInt64 {
        let known = skipped.count + confirmed.count + refused.count + refusedIrregular
        return reached > known ? reached - known : 0
    }

    private var refusedIrregular: UInt64 {
        irregular.values.reduce(0) { $0 + ($1.isRefused ? 1 : 0) }
    }

    /// Whether event `n` crossed at least once.
    func wasSent(_ n: UInt64) -> Bool {
        n < reached && !skipped.contains(n)
    }

    /// How many copies of event `n` the broker may hold; `.max` if that was forgotten.
    ///
    /// `window` is how many numbers back the broker recognises a repeat; 0 for never.
    func possibleCopies(of n: UInt64, deduplicationWindow window: Int) -> UInt64 {
        guard wasSent(n) else { return 0 }
        guard let record = irregular[n] else {
            return forgetsIrregular ? .max : refused.contains(n) ? 0 : 1
        }
        let copies = UInt64(record.crossings - min(record.crossings, record.refused))
        let isInWindow = window > 0 && record.last.reached - n <= UInt64(window)
        return isInWindow ? min(1, copies) : copies
    }

    /// The events whose every crossing was refused, in order.
    var refusedRanges: [Range<UInt64>] {
        let irregularOnes = irregular.filter { $0.value.isRefused }.map { $0.key..<$0.key + 1 }
        return (refused.ranges(in: 0..<reached) + irregularOnes)
            .sorted { $0.lowerBound < $1.lowerBound }
    }

    /// The events that are neither confirmed nor refused nor skipped, in order.
    var unresolvedRanges: [Range<UInt64>] {
        let known = (skipped.ranges(in: 0..<reached) + refusedRanges)
            .sorted { $0.lowerBound < $1.lowerBound }
        var cut = 0
        return confirmed.missingRanges(in: 0..<reached).flatMap { missing in
            var start = missing.lowerBound
            var open: [Range<UInt64>] = []
            while cut < known.count, known[cut].upperBound <= start { cut += 1 }
            var next = cut
            while next < known.count, known[next].lowerBound < missing.upperBound {
                if start < known[next].lowerBound { open.append(start..<known[next].lowerBound) }
                start = max(start, known[next].upperBound)
                next += 1
            }
            if start < missing.upperBound { open.append(start..<missing.upperBound) }
            return open
        }
    }

    func firstCrossing(of n: UInt64) -> CrossingPosition {
        irregular[n]?.first ?? CrossingPosition(reached: n, ordinal: .max)
    }

    func lastCrossing(of n: UInt64) -> CrossingPosition {
        irregular[n]?.last ?? CrossingPosition(reached: n, ordinal: .max)
    }
}

extension IrregularCrossings {
    /// Whether every crossing was refused.
    var isRefused: Bool { crossings > 0 && refused == crossings }
}
