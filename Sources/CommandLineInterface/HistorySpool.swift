import Clients
import Foundation
import Histories
import Messaging
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
        /// As they came: one long array would be moved as it grows, with every worker waiting.
        var batches: [[HistoryRecord]] = []
        var count = 0
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
            let batch = Array(batch)
            kept.withLock { kept in
                let room = max(0, Self.recordsMax - kept.count)
                let taken = batch.count <= room ? batch : Array(batch.prefix(room))
                if !taken.isEmpty { kept.batches.append(taken) }
                kept.count += taken.count
                kept.leftOut += batch.count - taken.count
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
        var (batches, leftOut) = kept.withLock { kept in
            let taken = (kept.batches, kept.leftOut)
            kept.batches = []
            return taken
        }
        var encoder = HistoryEncoder(names: result.historyNames)
        for place in Self.order(of: batches) {
            encoder.append(batches[Int(place.batch)][Int(place.number)])
        }
        batches = []
        if leftOut == 0, let drained = result.drainRecord { encoder.append(drained) }
        return RunFolder.File(name: "history.jsonl", contents: Data(encoder.bytes))
    }

    /// Where a record is, and when it happened.
    private struct Place {
        var time: Instant
        var batch: UInt32
        var number: UInt32
    }

    /// Stable for equal times: each client's records came in its own order.
    private static func order(of batches: [[HistoryRecord]]) -> [Place] {
        var places: [Place] = []
        places.reserveCapacity(batches.reduce(0) { $0 + $1.count })
        for (batch, records) in batches.enumerated() {
            for (number, record) in records.enumerated() {
                places.append(
                    Place(time: record.time, batch: UInt32(batch), number: UInt32(number))
                )
            }
        }
        places.sort { ($0.time, $0.batch, $0.number) < ($1.time, $1.batch, $1.number) }
        return places
    }
}
