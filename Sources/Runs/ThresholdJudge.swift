import Faults
import HistoryChecks
import LatencyMetrics
import Messaging
import RunRecords
import Scenarios

/// Compares what was measured with the thresholds of a scenario.
struct ThresholdJudge {
    let plan: ScenarioPlan
    let record: RunRecord

    /// What became of each threshold; all void where `reason` says why the load was not as asked.
    func judge(voidedBecause reason: String?) -> [ThresholdRecord] {
        plan.thresholds.map { threshold in
            let unit = unit(of: threshold.metric)
            let measured = value(of: threshold)
            let outcome: ThresholdRecord.Outcome
            var why = ""
            if let reason {
                (outcome, why) = (.void, reason)
            } else if let measured {
                outcome = threshold.holds(for: measured) ? .met : .missed
            } else {
                (outcome, why) = (.void, "nothing was measured")
            }
            return ThresholdRecord(
                text: threshold.text,
                measured: measured,
                unit: unit,
                outcome: outcome,
                reason: why
            )
        }
    }

    private func unit(of metric: Threshold.Metric) -> String {
        switch metric {
        case .latency, .recovery: "ns"
        case .named("throughput"), .named("delivery-throughput"): "events/s"
        case .named("bytes-per-event"): "bytes"
        case .named: "events"
        }
    }

    private func value(of threshold: Threshold) -> Double? {
        switch threshold.metric {
        case .latency(let what, let kind, let percentile, let group):
            return latency(what, kind, percentile, group, phase: threshold.during ?? "measured")
        case .recovery(let fault):
            return record.faults.first { $0.name == fault }?.recoveryNanoseconds.map(Double.init)
        case .named(let name):
            return number(name)
        }
    }

    private func latency(
        _ what: String,
        _ kind: String,
        _ percentile: Double?,
        _ group: String?,
        phase: String
    ) -> Double? {
        var all: HistogramSnapshot?
        for labelled in record.latencies {
            guard labelled.stage.rawValue == what, labelled.kind.rawValue == kind,
                labelled.phase == phase, group == nil || labelled.group == group
            else { continue }
            if all == nil {
                all = labelled.histogram
            } else {
                all?.merge(labelled.histogram)
            }
        }
        guard let all, all.total > 0 else { return nil }
        guard let percentile else { return all.mean }
        if percentile >= 100 { return all.highest.map(Double.init) }
        return all.value(atPercentile: percentile).map(Double.init)
    }

    private func number(_ name: String) -> Double? {
        let totals = record.totals
        return switch name {
        case "throughput": record.throughput.confirmedPerSecond
        case "delivery-throughput": record.throughput.handledPerSecond
        case "lost": Double(totals.lost)
        case "duplicated": Double(totals.duplicated)
        case "reordered": Double(totals.reordered)
        case "dead-lettered": Double(totals.deadLettered)
        case "unresolved": Double(totals.unresolved)
        case "deliveries-per-event":
            totals.confirmed > 0 ? Double(totals.delivered) / Double(totals.confirmed) : nil
        case "bytes-per-event": record.resources.bytesAllocatedPerEvent
        case "lag": record.timeline.map(\.lag).max().map(Double.init)
        default: nil
        }
    }
}

extension Threshold {
    /// Whether `measured` is on the wanted side of the value.
    func holds(for measured: Double) -> Bool {
        switch comparison {
        case .below: measured < value
        case .atMost: measured <= value
        case .above: measured > value
        case .atLeast: measured >= value
        case .equal: measured == value
        }
    }
}
