import Histories
import Messaging

/// What a ledger has found so far: totals per guarantee and the first few in full.
struct Findings: Sendable {
    /// How many anomalies of one guarantee are kept in full.
    static let limit = 100

    private(set) var listed: [Anomaly] = []
    private var totals: [Guarantee: UInt64] = [:]
    private var listedCounts: [Guarantee: Int] = [:]

    /// How many cases of each guarantee were too close in time to decide.
    var undecided: [Guarantee: UInt64] = [:]

    mutating func add(_ anomaly: Anomaly) {
        totals[anomaly.guarantee, default: 0] += anomaly.count
        guard listedCounts[anomaly.guarantee, default: 0] < Self.limit else { return }
        listedCounts[anomaly.guarantee, default: 0] += 1
        listed.append(anomaly)
    }

    /// Counts cases of which no particulars were kept.
    mutating func addUnlisted(_ guarantee: Guarantee, _ count: UInt64) {
        guard count > 0 else { return }
        totals[guarantee, default: 0] += count
    }

    mutating func merge(_ other: Findings) {
        for anomaly in other.listed where listedCounts[anomaly.guarantee, default: 0] < Self.limit {
            listedCounts[anomaly.guarantee, default: 0] += 1
            listed.append(anomaly)
        }
        totals.merge(other.totals, uniquingKeysWith: +)
        undecided.merge(other.undecided, uniquingKeysWith: +)
    }

    func total(_ guarantee: Guarantee) -> UInt64 { totals[guarantee] ?? 0 }

    func anomalies(_ guarantee: Guarantee) -> [Anomaly] {
        listed.filter { $0.guarantee == guarantee }
    }
}
