import Histories
import Messaging

/// Where in a lane's crossings one crossing lies.
///
/// Between crossings of the events that came in order, those that came late are numbered on.
struct CrossingPosition: Comparable, Sendable {
    /// How many numbers the lane had reached.
    var reached: UInt64
    /// Orders late crossings at the same reach; the crossing that extends the reach is last.
    var ordinal: UInt64

    static func < (left: CrossingPosition, right: CrossingPosition) -> Bool {
        (left.reached, left.ordinal) < (right.reached, right.ordinal)
    }
}

/// The crossings of an event that crossed late or more than once.
struct IrregularCrossings: Sendable {
    var crossings: UInt32 = 0
    var confirmed: UInt32 = 0
    var refused: UInt32 = 0
    var indeterminate: UInt32 = 0
    var first: CrossingPosition
    var last: CrossingPosition
    /// The offset that the first confirmation named, or -1.
    var offset: Int64 = -1
    /// When the first crossing began that was not refused before the next one.
    var possibleSince = Int64.min
}

/// One lane of a send ledger.
struct SendLane: Sendable {
    /// One more than the highest number that crossed.
    var reached: UInt64 = 0
    private var lateCrossings: UInt64 = 0
    /// Events with a confirmed crossing.
    var confirmed = SequenceSet()
    /// Events whose only crossing was refused.
    var refused = IntervalSet()
    /// Events whose only crossing ended without an answer.
    var indeterminate = IntervalSet()
    /// Numbers below `reached` that never crossed.
    var skipped = IntervalSet()
    var irregular: [UInt64: IrregularCrossings] = [:]
    /// Events that were confirmed at two offsets: number and the offsets.
    var contradictions: [(n: UInt64, first: Int64, second: Int64)] = []
    private(set) var offsets = OffsetRuns()
    private(set) var forgetsIrregular = false

    private static let irregularLimit = 1 << 20
    private static let contradictionLimit = 100
    private(set) var contradictionCount: UInt64 = 0

    var isExhausted: Bool {
        forgetsIrregular || confirmed.isExhausted || refused.isExhausted
            || indeterminate.isExhausted || skipped.isExhausted
    }

    @inline(__always)
    mutating func crossed(_ n: UInt64, count: UInt64, at time: Int64) {
        if n == reached {
            reached &+= count
            return
        }
        crossedIrregularly(n, count: count, at: time)
    }

    @inline(never)
    private mutating func crossedIrregularly(_ n: UInt64, count: UInt64, at time: Int64) {
        let end = n + count
        if n < reached {
            for late in n..<min(end, reached) { crossedLate(late, at: time) }
            reached = max(reached, end)
        } else {
            skipped.insert(reached..<n)
            reached = end
        }
    }

    private mutating func crossedLate(_ n: UInt64, at time: Int64) {
        lateCrossings += 1
        let position = CrossingPosition(reached: reached, ordinal: lateCrossings)
        if var record = irregular[n] {
            if record.isRefused { record.possibleSince = time }
            record.crossings += 1
            record.last = position
            irregular[n] = record
            return
        }
        let isFirst = skipped.remove(n)
        guard irregular.count < Self.irregularLimit else {
            forgetsIrregular = true
            refused.remove(n)
            return
        }
        var record = IrregularCrossings(crossings: 1, first: position, last: position)
        if !isFirst {
            record.crossings = 2
            record.first = CrossingPosition(reached: n, ordinal: .max)
            if refused.remove(n) {
                record.refused = 1
                record.possibleSince = time
            }
            if indeterminate.remove(n) { record.indeterminate = 1 }
            if confirmed.contains(n) {
                record.confirmed = 1
                record.offset = offsets.offset(of: n)
            }
        }
        irregular[n] = record
    }

    mutating func ended(
        _ n: UInt64,
        count: UInt64,
        outcome: CrossingOutcome,
        firstOffset: Int64,
        at time: Int64
    ) {
        let unseen = max(n, reached)
        if n + count > reached { crossed(unseen, count: n + count - unseen, at: time) }
        if outcome == .confirmed, firstOffset >= 0 {
            offsets.append(n: n, count: count, offset: firstOffset)
        }
        guard !irregular.isEmpty else {
            return endedRegular(n..<n + count, outcome: outcome)
        }
        for index in 0..<count {
            let offset = firstOffset < 0 ? -1 : firstOffset + Int64(index)
            if irregular[n + index] != nil {
                endedIrregular(n + index, outcome: outcome, offset: offset)
            } else {
                endedRegular(n + index..<n + index + 1, outcome: outcome)
            }
        }
    }

    private mutating func endedRegular(_ range: Range<UInt64>, outcome: CrossingOutcome) {
        switch outcome {
        case .confirmed:
            // A confirmation after all of what had been given up as unknown.
            if !indeterminate.isEmpty { for n in range { indeterminate.remove(n) } }
            confirmed.insert(range)
        case .refused: refused.insert(range)
        case .indeterminate: indeterminate.insert(range)
        }
    }

    private mutating func endedIrregular(_ n: UInt64, outcome: CrossingOutcome, offset: Int64) {
        guard var record = irregular[n] else { return }
        switch outcome {
        case .refused: record.refused += 1
        case .indeterminate: record.indeterminate += 1
        case .confirmed:
            record.confirmed += 1
            confirmed.insert(n)
            if record.offset < 0 {
                record.offset = offset
            } else if offset >= 0, offset != record.offset {
                contradictionCount += 1
                if contradictions.count < Self.contradictionLimit {
                    contradictions.append((n, record.offset, offset))
                }
            }
        }
        irregular[n] = record
    }

    mutating func resolvedLate(_ n: UInt64) {
        if var record = irregular[n] {
            if record.indeterminate > 0 { record.indeterminate -= 1 }
            record.confirmed += 1
            irregular[n] = record
        } else {
            indeterminate.remove(n)
        }
        confirmed.insert(n)
    }
}

/// The offsets of the latest confirmations, as runs; the oldest are overwritten.
struct OffsetRuns: Sendable {
    struct Run {
        var n: UInt64
        var count: UInt64
        var offset: Int64
    }

    private(set) var runs: [Run] = []
    private var next = 0
    private static let limit = 1024

    mutating func append(n: UInt64, count: UInt64, offset: Int64) {
        let last = next == 0 ? runs.count &- 1 : next &- 1
        if !runs.isEmpty, runs[last].n &+ runs[last].count == n,
            runs[last].offset &+ Int64(runs[last].count) == offset
        {
            runs[last].count &+= count
            return
        }
        let run = Run(n: n, count: count, offset: offset)
        if runs.count < Self.limit {
            runs.append(run)
        } else {
            runs[next] = run
            next = (next + 1) % Self.limit
        }
    }

    /// The offset of event `n`, or -1 if it is no longer known.
    func offset(of n: UInt64) -> Int64 {
        for run in runs where run.n <= n && n - run.n < run.count {
            return run.offset + Int64(n - run.n)
        }
        return -1
    }
}
