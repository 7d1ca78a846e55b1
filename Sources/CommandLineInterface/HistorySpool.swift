import Clients
import Foundation
import Histories
import RunRecords
import Runs
import Synchronization

/// Collects all records of a run for `history.jsonl`.
///
/// Bounded: `recordsMax` records (about 320 MB) are kept. Later ones are counted and left out, and
/// the history then has no drain record, so that a check of it finds losses *unknown*.
final class HistorySpool: Sendable {
    static let recordsMax = 2_000_000

    private struct Kept {
        var records: [HistoryRecord] = []
        var leftOut = 0
    }

    private let kept = Mutex(Kept())
    private let isOn: Bool

    init(isOn: Bool) {
        self.isOn = isOn
    }

    /// Takes batches of records from any thread; `nil` when no history is wanted.
    var sink: HistoryTap.Sink? {
        guard isOn else { return nil }
        return { [self] batch in
            kept.withLock { kept in
                let room = max(0, Self.recordsMax - kept.records.count)
                kept.records.append(contentsOf: batch.prefix(room))
                kept.leftOut += max(0, batch.count - room)
            }
        }
    }

    /// What the reader must know about the bound, if it was reached.
    var warning: String? {
        let leftOut = kept.withLock { $0.leftOut }
        guard leftOut > 0 else { return nil }
        return "history.jsonl ends after \(Self.recordsMax) records; \(leftOut) are left out"
    }

    /// All records in the order of time, as `history.jsonl`.
    func file(for result: RunResult) -> RunFolder.File {
        var (records, leftOut) = kept.withLock { kept in
            let taken = (kept.records, kept.leftOut)
            kept.records = []
            return taken
        }
        // Stable for equal times: each client's records came in its own order.
        let order = records.indices.sorted {
            (records[$0].time, $0) < (records[$1].time, $1)
        }
        var encoder = HistoryEncoder(names: result.historyNames)
        for place in order { encoder.append(records[place]) }
        records = []
        if leftOut == 0, let drained = result.drainRecord { encoder.append(drained) }
        return RunFolder.File(name: "history.jsonl", contents: Data(encoder.bytes))
    }
}
