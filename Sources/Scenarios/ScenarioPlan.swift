public import Clients
public import Faults
public import HistoryChecks
public import Messaging

/// A validated scenario: every name resolved to an index, every unit to a number.
///
/// What `run` executes and `--plan` prints. Made by the parser and the OMB import alone.
public struct ScenarioPlan: Sendable, Equatable {
    /// The scenario's name.
    public var name: String
    /// The question it answers, from the file's comment or `description`; may be empty.
    public var summary: String
    /// Which driver, and its settings.
    public var driver: DriverChoice
    /// Topics, dead-letter topics included.
    public var topics: [TopicPlan]
    /// One entry per consumer group; `consumers[i].group == i`.
    public var groups: [GroupPlan]
    /// One entry per logical producer.
    public var producers: [ProducerSettings]
    /// One entry per consumer group.
    public var consumers: [ConsumerSettings]
    /// How keys are spelt.
    public var keyNames: KeyNames
    /// The declared faults.
    public var faults: [FaultRule]
    /// What must hold.
    public var expectations: Expectations
    /// What must be reached.
    public var thresholds: [Threshold]
    /// How long the parts of the run take, and the seed.
    public var phases: RunPhases
    /// Whether to hold consumers until a backlog has built up, then drain it; from OMB files.
    public var backlogBytes: Int64
    /// Whether the producers' rate is to be searched for; from OMB files.
    public var searchesRate: Bool
    /// Remarks for the reader: scaling, keys without effect, what may be flaky.
    public var notes: [String]

    /// A plan without topics, producers or consumers on the ring driver.
    public init(name: String) {
        self.name = name
        summary = ""
        driver = DriverChoice(kind: DriverChoice.standard, settings: [:])
        topics = []
        groups = []
        producers = []
        consumers = []
        keyNames = KeyNames()
        faults = []
        expectations = Expectations()
        thresholds = []
        phases = RunPhases()
        backlogBytes = 0
        searchesRate = false
        notes = []
    }

    /// How many producers publish to a topic, the writers of dead letters included.
    public func publishers(on topic: Int) -> Int {
        let writers = consumers.reduce(0) { sum, consumer in
            guard consumer.deadLetterTopic.map(Int.init) == topic else { return sum }
            return sum + groups[Int(consumer.group)].members
        }
        return writers + producers.count { Int($0.topic) == topic }
    }
}

/// A driver and the settings that the scenario gives it.
public struct DriverChoice: Sendable, Hashable {
    /// A setting's value.
    public enum Value: Sendable, Hashable {
        /// A text, number or truth value as it was written.
        case text(String)
        /// A list of texts.
        case list([String])
    }

    /// The driver of a scenario that names none.
    public static let standard = "ring"

    /// The driver's name.
    public var kind: String
    /// The other keys of the `driver` mapping.
    public var settings: [String: Value]

    /// Makes a choice.
    public init(kind: String, settings: [String: Value]) {
        self.kind = kind
        self.settings = settings
    }
}

/// How long the parts of a run take.
public struct RunPhases: Sendable, Hashable {
    /// Load without measurement and without faults.
    public var warmup: Duration
    /// Load, measured, with faults.
    public var duration: Duration
    /// The most that draining may take.
    public var drain: Duration
    /// What every random decision derives from.
    public var seed: UInt64

    /// The defaults of the scenario format.
    public init() {
        warmup = .seconds(1)
        duration = .seconds(10)
        drain = .seconds(10)
        seed = 1
    }
}

/// One line of `expect.thresholds`: METRIC OP VALUE [during FAULT].
public struct Threshold: Sendable, Hashable {
    /// What is measured.
    public enum Metric: Sendable, Hashable {
        /// `p99(apply.response{group=billing})`; `percentile` 100 is `max`, `nil` is `mean`.
        case latency(what: String, kind: String, percentile: Double?, group: String?)
        /// `throughput`, `lost`, …
        case named(String)
        /// `recovery(FAULT)`
        case recovery(fault: String)
    }

    /// How the value is compared.
    public enum Comparison: String, Sendable, Hashable, CaseIterable {
        /// Less.
        case below = "<"
        /// Less or equal.
        case atMost = "<="
        /// Greater.
        case above = ">"
        /// Greater or equal.
        case atLeast = ">="
        /// Equal.
        case equal = "=="
    }

    /// The line as it was written.
    public var text: String
    /// What is measured.
    public var metric: Metric
    /// How it is compared.
    public var comparison: Comparison
    /// With what: nanoseconds for latencies and recovery, else events, events/s or bytes.
    public var value: Double
    /// Only while this fault is active.
    public var during: String?

    /// Makes a threshold.
    public init(
        text: String,
        metric: Metric,
        comparison: Comparison,
        value: Double,
        during: String? = nil
    ) {
        self.text = text
        self.metric = metric
        self.comparison = comparison
        self.value = value
        self.during = during
    }
}
