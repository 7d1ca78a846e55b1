public import LatencyMetrics

/// Everything that one run found out: what every report is a pure function of.
///
/// Stored as `run.json`, with keys in snake case. Fields are only ever added within one format
/// version; added ones are optional.
public struct RunRecord: Codable, Hashable, Sendable {
    /// The version that this build writes, and the newest that it reads.
    public static let currentFormatVersion = 1

    /// The version of the stored form.
    public var formatVersion = RunRecord.currentFormatVersion
    /// The scenario's name, as written; may hold any character.
    public var scenario: String
    /// The question that the scenario answers; may be empty.
    public var summary = ""
    /// The resolved plan.
    public var plan = JSONValue.null
    /// The driver's name.
    public var driver = ""
    /// What every random decision derived from.
    public var seed: UInt64
    /// When the run began, in milliseconds since 1970 (UTC).
    public var startedAtMilliseconds: Int64
    /// The command line that repeats the run.
    public var command: [String] = []
    /// What ran.
    public var versions = VersionRecord()
    /// Where it ran.
    public var environment = EnvironmentRecord()
    /// The parts of the run, in order: warm-up, measured, drain.
    public var phases: [PhaseRecord] = []
    /// Counts over the whole run.
    public var totals = RunTotals()
    /// Rates in the measured window.
    public var throughput = ThroughputRecord()
    /// Further numbers, for one topic, group, producer or phase.
    public var metrics: [MetricRecord] = []
    /// Whether producers had a schedule; if not, there are no response times.
    public var isOpenLoop = false
    /// Every latency distribution.
    public var latencies: [LabelledHistogram] = []
    /// What happened in each interval, one second long unless the run was long.
    public var timeline: [TimelineRecord] = []
    /// What became of each declared fault.
    public var faults: [FaultRecord] = []
    /// The verdict on each guarantee.
    public var checks: [CheckRecord] = []
    /// What was found to be wrong, worst first.
    public var anomalies: [AnomalyRecord] = []
    /// What became of each threshold.
    public var thresholds: [ThresholdRecord] = []
    /// Whether the load was what the scenario asked for.
    public var generator = GeneratorRecord()
    /// What the run used.
    public var resources = ResourceRecord()
    /// Remarks for the reader.
    public var notes: [String] = []
    /// What the reader should not overlook.
    public var warnings: [String] = []
    /// The exit code of the command.
    public var exitCode = 0
    /// Why that one: one sentence.
    public var exitReason = ""

    /// A record without any findings.
    public init(scenario: String, seed: UInt64, startedAtMilliseconds: Int64) {
        self.scenario = scenario
        self.seed = seed
        self.startedAtMilliseconds = startedAtMilliseconds
    }
}

/// What ran.
public struct VersionRecord: Codable, Hashable, Sendable {
    /// Gyre's own version.
    public var gyre = ""
    /// The compiler's version.
    public var swift = ""
    /// `release` or `debug`.
    public var build = ""
    /// The broker's version; empty if it does not say.
    public var broker = ""

    /// Unknown versions.
    public init() {}
}

/// One part of a run.
public struct PhaseRecord: Codable, Hashable, Sendable {
    /// `warmup`, `measured` or `drain`.
    public var name: String
    /// Where it began, on the run's clock.
    public var startNanoseconds: Int64
    /// Where it ended.
    public var endNanoseconds: Int64

    /// Makes a phase.
    public init(name: String, startNanoseconds: Int64, endNanoseconds: Int64) {
        self.name = name
        self.startNanoseconds = startNanoseconds
        self.endNanoseconds = endNanoseconds
    }
}

/// A number that belongs to one topic, group, producer or phase.
public struct MetricRecord: Codable, Hashable, Sendable {
    /// What is counted.
    public var metric: String
    /// How much.
    public var value: Double
    /// In what.
    public var unit: String
    /// Of which topic; empty for all.
    public var topic: String
    /// Of which group; empty for all.
    public var group: String
    /// Of which producer; empty for all.
    public var producer: String
    /// In which phase; empty for the whole run.
    public var phase: String

    /// Makes a metric.
    public init(
        _ metric: String,
        _ value: Double,
        unit: String,
        topic: String = "",
        group: String = "",
        producer: String = "",
        phase: String = ""
    ) {
        self.metric = metric
        self.value = value
        self.unit = unit
        self.topic = topic
        self.group = group
        self.producer = producer
        self.phase = phase
    }
}
