import Clients
import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging
public import RunRecords
import Scenarios
import Workloads

/// Puts a run on record: a pure function of its result but for the facts about the machine.
public struct RecordBuilder {
    let result: RunResult
    let findings: RunFindings

    /// A builder for `result`, judged by `findings`.
    public init(_ result: RunResult, _ findings: RunFindings) {
        self.result = result
        self.findings = findings
    }

    /// The whole record.
    ///
    /// - Parameters:
    ///   - startedAtMilliseconds: when the run began, since 1970 (UTC).
    ///   - command: the command line that repeats it.
    ///   - versions: what ran.
    /// - Returns: the record, its outcome and exit code included.
    public func record(
        startedAtMilliseconds: Int64,
        command: [String],
        versions: VersionRecord
    ) -> RunRecord {
        let plan = result.plan
        var record = RunRecord(
            scenario: plan.name,
            seed: plan.phases.seed,
            startedAtMilliseconds: startedAtMilliseconds
        )
        record.summary = plan.summary
        record.driver = plan.driver.kind
        record.command = command
        record.versions = versions
        record.environment = EnvironmentCapture.capture(result.placement)
        record.phases = phases
        record.isOpenLoop = plan.producers.contains { $0.arrivals.isOpenLoop }
        record.latencies = result.crew.histograms.filter { $0.histogram.total > 0 }
        record.totals = totals
        record.throughput = throughput
        record.timeline = timeline
        record.faults = faults(record.timeline)
        record.checks = findings.checks.map(CheckRecord.init)
        record.anomalies = findings.checks.flatMap(\.anomalies).map { anomaly($0) }
        record.metrics = metrics
        record.generator = generator(record.latencies)
        record.resources = resources
        record.notes = plan.notes
        conclude(&record)
        return record
    }

    private func conclude(_ record: inout RunRecord) {
        let health = record.generator
        let judge = ThresholdJudge(plan: result.plan, record: record)
        record.thresholds = judge.judge(
            voidedBecause: cutShort ?? (health.isHealthy ? nil : health.reason)
        )
        let (outcome, reason) = RunOutcome.of(
            findings,
            record.thresholds,
            failure: result.failure,
            wasInterrupted: result.ended.wasInterrupted
        )
        record.exitCode = outcome.rawValue
        record.exitReason = reason
        if !health.isHealthy { record.warnings.append(health.reason) }
        if case .unfinished(let reason) = result.ended.drain { record.warnings.append(reason) }
        if let failure = result.failure { record.warnings.append(failure.description) }
    }

    /// Why less was measured than planned; `nil` if it was not.
    private var cutShort: String? {
        guard result.ended.loadEnd < result.measured.end else { return nil }
        return result.failure == nil
            ? "the run was interrupted before its measured time was over"
            : "the broker was gone before the measured time was over"
    }

    private var phases: [PhaseRecord] {
        let (begin, end) = (result.measured.begin.nanoseconds, result.ended.loadEnd.nanoseconds)
        return [
            PhaseRecord(
                name: "warmup",
                startNanoseconds: 0,
                endNanoseconds: min(begin, end)
            ),
            PhaseRecord(
                name: "measured",
                startNanoseconds: min(begin, end),
                endNanoseconds: end
            ),
            PhaseRecord(
                name: "drain",
                startNanoseconds: end,
                endNanoseconds: result.ended.end.nanoseconds
            ),
        ]
    }

    var producers: ProducerCounts {
        result.crew.producers.reduce(into: ProducerCounts()) { $0.merge($1) }
    }

    var consumers: ConsumerCounts {
        result.crew.consumers.reduce(into: ConsumerCounts()) { $0.merge($1.counts) }
    }

    private var totals: RunTotals {
        let (sent, received) = (producers, consumers)
        var totals = RunTotals()
        totals.published = Int64(clamping: sent.sent)
        totals.confirmed = Int64(clamping: sent.confirmed)
        totals.refused = Int64(clamping: sent.refused)
        totals.unknown = Int64(clamping: sent.unknown)
        totals.resent = Int64(clamping: sent.retries)
        totals.delivered = Int64(clamping: received.delivered)
        totals.redelivered = Int64(
            clamping: result.crew.deliveries.reduce(0) { $0 + $1.redelivered }
        )
        totals.acknowledged = Int64(clamping: received.acknowledged)
        totals.applied = Int64(clamping: received.applied)
        totals.recognised = Int64(clamping: received.recognised)
        totals.deadLettered = Int64(clamping: received.deadLettered)
        totals.givenUp = Int64(clamping: received.givenUp)
        totals.lost = Int64(clamping: findings.count(of: .a4) + findings.missedApplies)
        totals.duplicated = Int64(clamping: findings.doubleApplies)
        totals.reordered = Int64(
            clamping: findings.count(of: .a11) + findings.count(of: .a34)
        )
        totals.unresolved = Int64(clamping: sent.unknown)
        totals.foreign = Int64(clamping: received.foreign)
        totals.corrupted = Int64(clamping: findings.count(of: .a2))
        totals.staleReceipts = Int64(clamping: received.stale)
        totals.spuriousConfirms = Int64(clamping: sent.spuriousConfirms)
        totals.declaredDrops = result.accounts.declaredDrops ?? 0
        totals.publishedBytes = Int64(clamping: sent.bytesInWindow)
        return totals
    }

    /// Seconds that were really measured.
    private var measuredSeconds: Double {
        max(
            1e-9,
            Double(result.ended.loadEnd.nanoseconds(since: result.measured.begin)) / 1e9
        )
    }

    private var throughput: ThroughputRecord {
        var rates = ThroughputRecord()
        rates.confirmedPerSecond = Double(producers.confirmedInWindow) / measuredSeconds
        rates.handledPerSecond = Double(consumers.handledInWindow) / measuredSeconds
        rates.bytesPerSecond = Double(producers.bytesInWindow) / measuredSeconds
        let asked = result.plan.producers.map(\.arrivals.meanPerSecond)
        if asked.allSatisfy({ $0 != nil }) {
            rates.targetPerSecond = asked.compactMap(\.self).reduce(0, +)
        }
        rates.conditions = conditions
        return rates
    }

    /// A ring larger than a core's cache carries several times as much: no rate without capacity.
    private var conditions: String {
        let capacities = Set(result.plan.topics.map(\.capacity)).sorted().map(String.init)
        let partitions = result.plan.topics.reduce(0) { $0 + $1.partitions }
        return "\(partitions) partition\(partitions == 1 ? "" : "s") of "
            + "\(capacities.joined(separator: " or ")) events, batches of up to "
            + "\(ProducerClient.batchCapacity)"
    }

    private var resources: ResourceRecord {
        var used = ResourceRecord()
        let events = producers.confirmedInWindow
        let known = result.crew.allocatedBytes.compactMap(\.self)
        if known.count == result.crew.allocatedBytes.count, events > 0 {
            used.bytesAllocatedPerEvent = Double(known.reduce(0, +)) / Double(events)
            used.allocationMethod = "jemalloc thread.allocated of the worker threads"
        } else {
            used.allocationMethod = "not counted: jemalloc is not the allocator"
        }
        let (before, after) = result.usage
        let processor =
            after.userNanoseconds + after.systemNanoseconds - before.userNanoseconds
            - before.systemNanoseconds
        used.processorSeconds = Double(processor) / 1e9
        used.workerProcessorSeconds = Double(result.crew.processorNanoseconds) / 1e9
        used.workers = result.crew.queuedShares.count
        let shares = result.crew.queuedShares.compactMap(\.self)
        if shares.count == used.workers { used.workerQueuedShare = shares.max() }
        used.residentBytesMax = after.residentBytesMax
        return used
    }

    private var timeline: [TimelineRecord] {
        var rows = TimelineRecord.rows(
            producers: Interval.merged(result.crew.producerIntervals),
            consumers: Interval.merged(result.crew.consumerIntervals),
            topics: result.plan.groups.map(\.topic),
            faults: activeStretches
        )
        let end = result.ended.end.nanoseconds
        rows.removeAll { $0.startNanoseconds >= end }
        // The last one ends with the run, early or late.
        if let last = rows.indices.last {
            rows[last].lengthNanoseconds = end - rows[last].startNanoseconds
        }
        return rows
    }

    private var activeStretches: [LatencyPhase] {
        zip(result.plan.faults, findings.faults).compactMap { rule, counts in
            guard let first = counts.first, let last = counts.last else { return nil }
            return LatencyPhase(
                name: rule.name,
                start: first.nanoseconds,
                end: last.nanoseconds + 1
            )
        }
    }
}
