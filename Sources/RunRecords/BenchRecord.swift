public import Foundation
public import LatencyMetrics

/// Everything that one comparison found out: what its table and files are a pure function of.
///
/// Stored as `bench.json`, with keys in snake case.
public struct BenchRecord: Codable, Hashable, Sendable {
    /// The version that this build writes.
    public static let currentFormatVersion = 1

    /// The version of the stored form.
    public var formatVersion = BenchRecord.currentFormatVersion
    /// When it began, in milliseconds since 1970 (UTC).
    public var startedAtMilliseconds: Int64
    /// The command line that repeats it.
    public var command: [String] = []
    /// What ran.
    public var versions = VersionRecord()
    /// Where it ran.
    public var environment = EnvironmentRecord()
    /// The scenario whose workload was run; empty if there was none.
    public var scenario = ""
    /// How often each candidate was to be measured.
    public var rounds: Int
    /// How long a sample was to take.
    public var sampleNanoseconds: Int64
    /// What was compared, in order.
    public var candidates: [BenchCandidate]
    /// Every measurement, in order.
    public var samples: [BenchSample] = []
    /// What the measurements come to, by placement, then in the order of candidates.
    public var rows: [BenchRow] = []
    /// Remarks for the reader.
    public var notes: [String] = []
    /// The exit code of the command.
    public var exitCode = 0
    /// Why that one: one sentence.
    public var exitReason = ""

    /// A comparison that has not begun.
    public init(
        startedAtMilliseconds: Int64,
        rounds: Int,
        sampleNanoseconds: Int64,
        candidates: [BenchCandidate]
    ) {
        self.startedAtMilliseconds = startedAtMilliseconds
        self.rounds = rounds
        self.sampleNanoseconds = sampleNanoseconds
        self.candidates = candidates
    }

    /// The stored form: the same bytes for the same record.
    public func encoded() throws(RunFolderError) -> Data { try RunRecord.stored(self) }
}

/// One of the things that are compared.
public struct BenchCandidate: Codable, Hashable, Sendable {
    /// Candidates of one group stand in one table.
    public var group: String
    /// Which ring or driver.
    public var subject: String
    /// Which threads; empty if the scenario says so.
    public var topology = ""
    /// How large an event is; `nil` if the scenario says so.
    public var payloadBytes: Int?
    /// How many events are handed over at a time; `nil` if the driver decides.
    public var batch: Int?
    /// How many events a ring holds; `nil` if the scenario says so.
    public var capacity: Int?
    /// What idle threads do; empty if the driver decides.
    public var wait = ""

    /// Makes a candidate.
    public init(group: String, subject: String) {
        self.group = group
        self.subject = subject
    }

    /// Everything but the subject.
    public var conditions: BenchCandidate {
        var conditions = self
        conditions.subject = ""
        return conditions
    }

    /// What it is, in a few words.
    public var name: String {
        var words = [subject, topology]
        if let payloadBytes { words.append("\(payloadBytes) B") }
        if let batch { words.append("x \(batch)") }
        if let capacity { words.append("in \(capacity)") }
        words.append(wait)
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }
}

/// One measurement of one candidate.
public struct BenchSample: Codable, Hashable, Sendable {
    /// Its candidate's place.
    public var candidate: Int
    /// In which round, counted from 1.
    public var round: Int
    /// How far apart the processors were before.
    public var placementBefore: PlacementReading
    /// And after.
    public var placementAfter: PlacementReading
    /// How many events went all the way.
    public var events: Int64 = 0
    /// How long that took.
    public var nanoseconds: Int64 = 0
    /// Events a second.
    public var eventsPerSecond: Double = 0
    /// Median round trip of a ring, or latency of a driver from send to first delivery.
    public var latencyP50Nanoseconds: Double?
    /// And what 99 % of them took at most.
    public var latencyP99Nanoseconds: Double?
    /// Processor time of the threads that did it.
    public var processorSeconds: Double = 0
    /// The largest share of its time, 0 to 1, that a thread waited for a processor; `nil` if the
    /// system does not say.
    public var queuedShare: Double?
    /// Whether there were more threads than processors.
    public var isCrowded = false
    /// Bytes that those threads allocated for each event; `nil` if nobody counts.
    public var bytesAllocatedPerEvent: Double?
    /// What was wrong.
    public var faults = BenchFaults()

    /// A sample that has measured nothing yet.
    public init(
        candidate: Int,
        round: Int,
        placement: (before: PlacementReading, after: PlacementReading)
    ) {
        self.candidate = candidate
        self.round = round
        placementBefore = placement.before
        placementAfter = placement.after
    }

    /// What a sample may lose without standing out: less than samples differ anyway.
    private static let queuedShareMax = 0.05

    /// Whether other programs held it up.
    public var disturbance: Disturbance {
        if isCrowded { return .crowded }
        guard let queuedShare else { return .unknown }
        return queuedShare > Self.queuedShareMax ? .disturbed : .none
    }

    /// Whether other programs certainly did.
    public var isDisturbed: Bool { disturbance == .disturbed }

    /// The placement that holds for the whole sample.
    public var placement: PlacementLabel {
        PlacementReading.label(before: placementBefore, after: placementAfter)
    }
}

/// Whether other programs held a sample up, by how long its threads waited for a processor.
public enum Disturbance: String, Hashable, Sendable {
    /// No thread waited for longer than samples differ anyway.
    case none
    /// A thread did, although there was a processor for each.
    case disturbed
    /// Threads outnumbered processors: they wait for one another, whatever other programs do.
    case crowded
    /// The system does not say how long threads wait.
    case unknown
}

/// What consumers found wrong.
public struct BenchFaults: Codable, Hashable, Sendable {
    /// Events that came after a later one of their producer or key.
    public var orderViolations: Int64 = 0
    /// Events that never came.
    public var lost: Int64 = 0
    /// Events that came too often.
    public var duplicated: Int64 = 0
    /// Events that were not whole.
    public var damaged: Int64 = 0
    /// Whether events stood still until the sample was given up.
    public var isStuck = false
    /// What a scenario's checks say; empty if nothing was violated.
    public var violated = ""

    /// Nothing wrong.
    public init() {}

    /// Whether nothing is wrong.
    public var isNone: Bool { self == BenchFaults() }

    /// Adds what else was found; of several verdicts the first is kept.
    public mutating func add(_ other: BenchFaults) {
        orderViolations += other.orderViolations
        lost += other.lost
        duplicated += other.duplicated
        damaged += other.damaged
        isStuck = isStuck || other.isStuck
        if violated.isEmpty { violated = other.violated }
    }
}

/// What the samples of one candidate at one placement come to.
public struct BenchRow: Codable, Hashable, Sendable {
    /// Its candidate's place.
    public var candidate: Int
    /// The place of the candidate that it is compared with.
    public var baseline: Int
    /// The placement of all its samples.
    public var placement: PlacementLabel
    /// Events a second.
    public var eventsPerSecond: SampleSpread
    /// Median rate over that of the baseline at this placement; `nil` if there is none, or one of
    /// the two is at fault.
    public var ratio: Double?
    /// Median latencies.
    public var latencyP50Nanoseconds: SampleSpread?
    /// 99th percentiles of latency.
    public var latencyP99Nanoseconds: SampleSpread?
    /// Processor time.
    public var processorSeconds: SampleSpread
    /// Bytes allocated for each event; `nil` if nobody counts.
    public var bytesAllocatedPerEvent: SampleSpread?
    /// What was wrong in any sample of the candidate, at whatever placement.
    public var faults: BenchFaults

    /// Makes a row.
    public init(
        candidate: Int,
        baseline: Int,
        placement: PlacementLabel,
        eventsPerSecond: SampleSpread,
        processorSeconds: SampleSpread,
        faults: BenchFaults
    ) {
        self.candidate = candidate
        self.baseline = baseline
        self.placement = placement
        self.eventsPerSecond = eventsPerSecond
        self.processorSeconds = processorSeconds
        self.faults = faults
    }
}
