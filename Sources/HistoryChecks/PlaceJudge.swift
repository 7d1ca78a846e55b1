import Histories
import Messaging

/// Holds deliveries that are still remembered against what was said of the same events when they
/// were published.
///
/// A sample, the latest deliveries of each group, so that neither side keeps a word per event.
struct PlaceJudge {
    private let bench: Bench
    private let ledger: DeliveryLedger
    /// What was found.
    private(set) var anomalies: [Anomaly] = []
    private var known: [LaneID: OffsetTable] = [:]

    init(bench: Bench, ledger: DeliveryLedger) {
        self.bench = bench
        self.ledger = ledger
        guard !bench.boundary.isEmpty else { return }
        for ordinal in ledger.ring.held { judge(ledger.ring[ordinal]) }
        for found in ledger.misplaced { judge(found) }
    }

    private mutating func judge(_ entry: DeliveryEntry) {
        guard entry.lane != .max else { return }
        let lane = ledger.index.lanes[Int(entry.lane)]
        guard let sends = bench.boundary[lane] else { return }
        guard let record = sends.irregular[entry.n] else {
            return judgeOffset(entry, lane, sends)
        }
        // The return of one thread against the invocation of another.
        let error = ledger.rules.clockErrorNanoseconds
        guard record.possibleSince > .min, entry.returned < record.possibleSince &- error else {
            return
        }
        let detail = "every attempt that was made before it was delivered had been refused"
        add(.a3, "aborted-read", lane, entry.n, detail)
    }

    /// A6: what crossed once lies in one place, the one that its confirmation named.
    private mutating func judgeOffset(_ entry: DeliveryEntry, _ lane: LaneID, _ sends: SendLane) {
        guard entry.offset >= 0, let offset = confirmedOffset(entry.n, lane, sends),
            offset != entry.offset
        else { return }
        let detail = "confirmed at offset \(offset), delivered from offset \(entry.offset)"
        add(.a6, "duplicate", lane, entry.n, detail)
    }

    /// A6 likewise: the confirmation named an offset of the partition that the event was sent to.
    private mutating func judge(_ found: Misplacement) {
        let lane = ledger.index.lanes[found.lane]
        guard let sends = bench.boundary[lane], sends.irregular[found.n] == nil,
            confirmedOffset(found.n, lane, sends) != nil
        else { return }
        let detail = "confirmed in partition \(lane.partition), delivered from \(found.partition)"
        add(.a6, "duplicate", lane, found.n, detail)
    }

    private mutating func confirmedOffset(
        _ n: UInt64,
        _ lane: LaneID,
        _ sends: SendLane
    ) -> Int64? {
        guard sends.confirmed.contains(n) else { return nil }
        if known[lane] == nil { known[lane] = OffsetTable(sends.offsets) }
        return known[lane]?.offset(of: n)
    }

    private mutating func add(
        _ guarantee: Guarantee,
        _ name: String,
        _ lane: LaneID,
        _ n: UInt64,
        _ detail: String
    ) {
        anomalies.append(
            Anomaly(
                guarantee,
                name,
                side: .boundary,
                blame: .broker,
                lane: lane,
                group: ledger.group,
                n: n,
                detail: detail
            )
        )
    }
}

/// The offsets of confirmed events, ready for many questions.
private struct OffsetTable {
    private let runs: [OffsetRuns.Run]

    init(_ offsets: OffsetRuns) {
        runs = offsets.runs.sorted { $0.n < $1.n }
    }

    /// The offset of event `n`, or `nil` if it is not known.
    func offset(of n: UInt64) -> Int64? {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].n <= n { low = middle + 1 } else { high = middle }
        }
        guard low > 0, n - runs[low - 1].n < runs[low - 1].count else { return nil }
        return runs[low - 1].offset + Int64(n - runs[low - 1].n)
    }
}
