import Histories
import Messaging

extension OrderLedger {
    /// Takes a send or publish record.
    mutating func feed(_ record: HistoryRecord) {
        let (lane, n, count) = (record.lane, record.n, Int(record.count))
        guard let outcome = record.crossingOutcome else {
            return crossed(lane, n: n, count: count, at: record.time)
        }
        ended(lane, n: n, count: count, outcome: outcome, at: record.time)
    }
}

extension SendLedger {
    /// Takes a send or publish record.
    mutating func feed(_ record: HistoryRecord) {
        let count = Int(record.count)
        guard let outcome = record.crossingOutcome else {
            return crossed(record.lane, n: record.n, count: count, at: record.time)
        }
        ended(
            record.lane,
            n: record.n,
            count: count,
            outcome: outcome,
            firstOffset: record.offset,
            at: record.time
        )
    }
}

extension HistoryRecord {
    /// How a crossing ended, or `nil` where it begins.
    fileprivate var crossingOutcome: CrossingOutcome? {
        switch phase {
        case .invoke: nil
        case .ok: .confirmed
        case .fail: .refused
        case .info: .indeterminate
        }
    }

    var settlementOutcome: SettlementResult.Outcome {
        switch phase {
        case .ok: .settled
        case .fail: .staleReceipt
        case .invoke, .info: .indeterminate
        }
    }
}
