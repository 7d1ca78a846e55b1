import Clients
import HistoryChecks
import LatencyMetrics
import Messaging
public import RingTrials
public import RunRecords

extension RingTrial {
    private static let probeMilliseconds = 5

    /// What the trial is, for the record.
    public func candidate(in group: String) -> BenchCandidate {
        var candidate = BenchCandidate(group: group, subject: kind.rawValue)
        candidate.topology = topology.rawValue
        candidate.payloadBytes = payload.bytes
        candidate.batch = batch
        candidate.capacity = capacity
        candidate.wait = wait.rawValue
        return candidate
    }

    /// Runs the trial once between two readings of the placement.
    public func measured(
        as candidate: Int,
        round: Int,
        for length: Duration,
        isInterrupted: () -> Bool
    ) throws(TrialError) -> BenchSample {
        let before = PlacementProbe.read(milliseconds: Self.probeMilliseconds)
        let trial = try sample(for: length, isInterrupted: isInterrupted)
        let after = PlacementProbe.read(milliseconds: Self.probeMilliseconds)
        var sample = BenchSample(candidate: candidate, round: round, placement: (before, after))
        sample.events = Int64(clamping: trial.items)
        sample.nanoseconds = trial.nanoseconds
        sample.eventsPerSecond = Double(trial.items) * 1e9 / Double(max(1, trial.nanoseconds))
        sample.latencyP50Nanoseconds = trial.roundTrip?.medianNanoseconds
        sample.latencyP99Nanoseconds = trial.roundTrip?.p99Nanoseconds
        sample.processorSeconds = Double(trial.processorNanoseconds) / 1e9
        sample.queuedShare = trial.queuedShare
        sample.isCrowded = topology.threads > PlacementProbe.usableProcessors()
        if let bytes = trial.allocatedBytes, trial.items > 0 {
            sample.bytesAllocatedPerEvent = Double(bytes) / Double(trial.items)
        }
        sample.faults = BenchFaults(trial.faults)
        return sample
    }
}

extension BenchFaults {
    fileprivate init(_ faults: TrialFaults) {
        self.init()
        orderViolations = Int64(clamping: faults.inversions)
        lost = Int64(clamping: faults.lost)
        duplicated = Int64(clamping: faults.surplus)
        damaged = Int64(clamping: faults.damaged)
        isStuck = faults.isStuck
    }
}

extension BenchSample {
    /// What a whole run measured, checks on; its placement is that of the run.
    ///
    /// A driver that owes nothing is not blamed for what the scenario expects.
    /// A broker in a process of its own wants a processor besides those of the workers.
    public init(
        candidate: Int,
        round: Int,
        of record: RunRecord,
        owesDelivery: Bool,
        brokerProcesses: Int
    ) {
        let unknown = PlacementReading(label: .mixed, roundTrip: nil)
        self.init(
            candidate: candidate,
            round: round,
            placement: (
                record.environment.placementBefore ?? unknown,
                record.environment.placementAfter ?? unknown
            )
        )
        if let window = record.phases.first(where: { $0.name == "measured" }) {
            nanoseconds = window.endNanoseconds - window.startNanoseconds
        }
        eventsPerSecond = record.throughput.confirmedPerSecond
        events = Int64((eventsPerSecond * Double(nanoseconds) / 1e9).rounded())
        let latency = record.latencies.filter {
            $0.stage == .endToEnd && $0.kind == (record.isOpenLoop ? .response : .service)
                && $0.phase == "measured"
        }
        .map(\.histogram)
        if var all = latency.first {
            for other in latency.dropFirst() { all.merge(other) }
            latencyP50Nanoseconds = all.value(atPercentile: 50).map(Double.init)
            latencyP99Nanoseconds = all.value(atPercentile: 99).map(Double.init)
        }
        processorSeconds = record.resources.workerProcessorSeconds
        queuedShare = record.resources.workerQueuedShare
        isCrowded = record.resources.workers + brokerProcesses > record.environment.processors
        bytesAllocatedPerEvent = record.resources.bytesAllocatedPerEvent
        guard owesDelivery, record.exitCode == RunOutcome.violated.rawValue else { return }
        faults.orderViolations = record.totals.reordered
        faults.lost = record.totals.lost
        faults.duplicated = record.totals.duplicated
        faults.damaged = record.totals.corrupted
        faults.violated = record.exitReason
    }
}
