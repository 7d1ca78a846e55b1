import Clients
import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging
import RunRecords
import Scenarios
import Workloads

extension RecordBuilder {
    /// What became of each declared fault.
    func faults(_ timeline: [TimelineRecord]) -> [FaultRecord] {
        result.plan.faults.enumerated().map { number, rule in
            let counts = findings.faults[number]
            var record = FaultRecord(
                name: rule.name,
                fault: rule.kind.name,
                site: rule.site?.rawValue ?? ""
            )
            record.armed = Int64(clamping: counts.armed)
            record.eligible = Int64(clamping: counts.eligible)
            record.fired = Int64(clamping: counts.fired)
            record.effective = Int64(clamping: counts.effective)
            record.masked = Int64(clamping: findings.masked[number])
            record.minFired = Int64(clamping: rule.minFired)
            record.heldOverflow = Int64(clamping: counts.heldOverflow)
            record.firstNanoseconds = counts.first?.nanoseconds
            record.lastNanoseconds = counts.last?.nanoseconds
            record.recoveryNanoseconds = recovery(from: rule, counts, timeline)
            return record
        }
    }

    /// From the fault's end until throughput is back to 90 % of its median before the fault, for
    /// one whole interval.
    private func recovery(
        from rule: FaultRule,
        _ counts: FaultCounts,
        _ timeline: [TimelineRecord]
    ) -> Int64? {
        guard let first = counts.first, let last = counts.last else { return nil }
        var end = last.nanoseconds
        switch rule.kind {
        case .crash(_, let length), .pause(let length): end += length.wholeNanoseconds
        case .drop, .delay, .duplicate, .fail, .hang, .slow: break
        }
        let loaded = timeline.filter {
            $0.startNanoseconds >= result.measured.begin.nanoseconds
                && $0.startNanoseconds + $0.lengthNanoseconds
                    <= result.ended.loadEnd.nanoseconds
        }
        let before = loaded.filter {
            $0.startNanoseconds + $0.lengthNanoseconds <= first.nanoseconds
        }
        let usual = before.map(\.confirmed).sorted()
        guard !usual.isEmpty else { return nil }
        let wanted = Double(usual[usual.count / 2]) * 0.9
        let back = loaded.first {
            $0.startNanoseconds + $0.lengthNanoseconds > end && Double($0.confirmed) >= wanted
        }
        return back.map { max(0, $0.startNanoseconds - end) }
    }

    /// One anomaly, with names where indices were.
    func anomaly(_ anomaly: Anomaly) -> AnomalyRecord {
        let topic = anomaly.lane.map { result.plan.topics[Int($0.topic)].name } ?? ""
        var witness: [JSONValue] = [.string(anomaly.detail)]
        witness += anomaly.witnesses.map { witnessLine($0) }
        return AnomalyRecord(
            id: anomaly.guarantee.id,
            name: anomaly.name,
            side: FindingSide(anomaly.side),
            blame: RunRecords.Blame(anomaly.blame),
            topic: topic,
            partition: anomaly.lane.map { Int($0.partition) },
            key: result.plan.keyNames.name(of: anomaly.key),
            count: Int64(clamping: anomaly.count),
            witness: witness
        )
    }

    private func witnessLine(_ record: HistoryRecord) -> JSONValue {
        .object([
            "time": .integer(record.time.nanoseconds),
            "process": .integer(Int64(record.process)),
            "f": .string(record.kind.name),
            "type": .string(record.phase.name),
            "side": .string(record.side.letter),
            "producer": .integer(Int64(record.lane.producer)),
            "partition": .integer(Int64(record.partition)),
            "n": .integer(Int64(clamping: record.n)),
            "attempt": .integer(Int64(record.attempt)),
            "copy": .integer(Int64(record.copy)),
            "offset": .integer(record.offset),
        ])
    }

    /// Whether the load was what the scenario asked for.
    func generator(_ latencies: [LabelledHistogram]) -> GeneratorRecord {
        var health = GeneratorRecord()
        let counts = producers
        health.lateEvents = Int64(clamping: counts.late)
        var slip: HistogramSnapshot?
        for labelled in latencies {
            // Negative ones are counted as zeros.
            if labelled.kind == .service { health.clockAnomalies += labelled.histogram.zeros }
            guard labelled.stage == .publish, labelled.kind == .slip else { continue }
            slip = labelled.histogram
        }
        guard let slip, let p99 = slip.value(atPercentile: 99) else { return health }
        health.slipP99Nanoseconds = p99
        let allowed = slipAllowance
        let isLate = counts.sentInWindow > 0 && counts.late * 100 > counts.sentInWindow
        if p99 > allowed || isLate {
            health.isHealthy = false
            health.reason =
                "the generator could not keep its schedule (slip p99 \(p99 / 1000) us, allowed "
                + "\(allowed / 1000) us; \(counts.late) of \(counts.sentInWindow) sends late): "
                + "lower the rate or free the machine"
        }
        return health
    }

    /// 1 ms or ten intervals of the slowest producer, whichever is more.
    private var slipAllowance: Int64 {
        let rates = result.plan.producers.compactMap(\.arrivals.meanPerSecond)
        let slowest = rates.filter { $0 > 0 }.min() ?? 1e6
        return max(1_000_000, Int64(min(10 / slowest, 3_600) * 1e9))
    }

    /// Numbers of single groups.
    var metrics: [MetricRecord] {
        var metrics: [MetricRecord] = []
        for (number, group) in result.plan.groups.enumerated() {
            var counts = ConsumerCounts()
            for member in result.crew.consumers where Int(member.group) == number {
                counts.merge(member.counts)
            }
            let topic = result.plan.topics[group.topic].name
            let values: [(String, UInt64)] = [
                ("delivered", counts.delivered), ("acknowledged", counts.acknowledged),
                ("applied", counts.applied), ("dead_lettered", counts.deadLettered),
            ]
            for (name, value) in values {
                metrics.append(
                    MetricRecord(
                        name,
                        Double(value),
                        unit: "events",
                        topic: topic,
                        group: group.name
                    )
                )
            }
        }
        return metrics
    }
}

extension ArrivalProcess {
    /// The mean rate asked for; `nil` in a closed loop.
    var meanPerSecond: Double? {
        switch self {
        case .closedLoop: nil
        case .constant(let rate), .poisson(let rate): rate
        case .stages(let stages): stages.map(\.perSecond).max()
        }
    }
}

extension FindingSide {
    /// The side in the words of records.
    init(_ side: HistorySide) {
        self = side == .application ? .application : .broker
    }
}

extension RunRecords.Blame {
    /// The blame in the words of records.
    init(_ blame: HistoryChecks.Blame) {
        switch blame {
        case .broker: self = .broker
        case .client: self = .client
        case .injected: self = .injected
        case .undetermined: self = .undecided
        }
    }
}

extension CheckRecord {
    /// The verdict in the words of records.
    init(_ check: CheckResult) {
        var cases: UInt64 = 0
        var reason = ""
        let outcome: CheckOutcome
        switch check.verdict {
        case .valid(let judged):
            (outcome, cases) = (.valid, judged)
        case .violated(let anomalies, let total):
            (outcome, cases) = (.violated, total)
            reason = anomalies.first?.detail ?? ""
        case .unknown(let why):
            (outcome, reason) = (.unknown, why)
        }
        self.init(
            id: check.guarantee.id,
            name: check.guarantee.title,
            side: FindingSide(check.side),
            verdict: outcome,
            cases: Int64(clamping: cases),
            isRequired: check.isRequired,
            form: check.form.rawValue,
            reason: reason
        )
    }
}
