/// The side of the boundary that a finding is about.
public enum FindingSide: String, Codable, Hashable, Sendable, CaseIterable {
    /// What crossed to and from the broker.
    case broker
    /// What the handlers did, injected faults included.
    case application
}

/// What a check found.
public enum CheckOutcome: String, Codable, Hashable, Sendable, CaseIterable {
    /// The guarantee held in every case.
    case valid
    /// It was broken.
    case violated
    /// Nobody can tell.
    case unknown
}

/// Who broke a guarantee.
public enum Blame: String, Codable, Hashable, Sendable, CaseIterable {
    /// The broker under test.
    case broker
    /// The way the application uses it: retries, memory, acknowledgements.
    case client
    /// A fault that the scenario injected.
    case injected
    /// It cannot be told.
    case undecided
}

/// The verdict on one guarantee.
public struct CheckRecord: Codable, Hashable, Sendable {
    /// Its number, such as `A4`.
    public var id: String
    /// Its name.
    public var name: String
    /// Which side it was judged on.
    public var side: FindingSide
    /// What was found.
    public var verdict: CheckOutcome
    /// How many cases were judged.
    public var cases: Int64
    /// Whether the scenario or the driver demands it.
    public var isRequired: Bool
    /// Which algorithm judged: `inline` or `history`.
    public var form: String
    /// Why it is unknown, or what was broken first; may be empty.
    public var reason: String

    /// Makes a verdict.
    public init(
        id: String,
        name: String,
        side: FindingSide,
        verdict: CheckOutcome,
        cases: Int64,
        isRequired: Bool,
        form: String,
        reason: String
    ) {
        self.id = id
        self.name = name
        self.side = side
        self.verdict = verdict
        self.cases = cases
        self.isRequired = isRequired
        self.form = form
        self.reason = reason
    }
}

/// One thing that was found to be wrong.
public struct AnomalyRecord: Codable, Hashable, Sendable {
    /// The guarantee that it breaks.
    public var id: String
    /// The published name of the anomaly.
    public var name: String
    /// Which side it was seen on.
    public var side: FindingSide
    /// Who did it.
    public var blame: Blame
    /// Where; empty if it has no one place.
    public var topic: String
    /// Where; `nil` if it has no one place.
    public var partition: Int?
    /// Which key; `nil` for none.
    public var key: String?
    /// How often.
    public var count: Int64
    /// The events that prove it.
    public var witness: [JSONValue]

    /// Makes an anomaly.
    public init(
        id: String,
        name: String,
        side: FindingSide,
        blame: Blame,
        topic: String,
        partition: Int?,
        key: String?,
        count: Int64,
        witness: [JSONValue]
    ) {
        self.id = id
        self.name = name
        self.side = side
        self.blame = blame
        self.topic = topic
        self.partition = partition
        self.key = key
        self.count = count
        self.witness = witness
    }
}

/// What became of one threshold.
public struct ThresholdRecord: Codable, Hashable, Sendable {
    /// How it ended.
    public enum Outcome: String, Codable, Hashable, Sendable, CaseIterable {
        /// Reached.
        case met
        /// Not reached.
        case missed
        /// Not to be judged: the generator was unhealthy, or there is no such number.
        case void
    }

    /// The line as it was written.
    public var text: String
    /// The value that was measured; `nil` if there is none.
    public var measured: Double?
    /// Its unit: `ns`, `events/s`, `events`, `bytes`.
    public var unit: String
    /// How it ended.
    public var outcome: Outcome
    /// Why it is void; else empty.
    public var reason: String

    /// Makes a result.
    public init(text: String, measured: Double?, unit: String, outcome: Outcome, reason: String) {
        self.text = text
        self.measured = measured
        self.unit = unit
        self.outcome = outcome
        self.reason = reason
    }
}

/// What became of one declared fault.
public struct FaultRecord: Codable, Hashable, Sendable {
    /// The rule's name.
    public var name: String
    /// What it does: `drop`, `delay`, ….
    public var fault: String
    /// Where; empty for faults of a client.
    public var site: String
    /// Whether it was armed at all.
    public var armed: Int64 = 0
    /// Items that the rule is about.
    public var eligible: Int64 = 0
    /// Items that it struck.
    public var fired: Int64 = 0
    /// Strikes that changed what was recorded.
    public var effective: Int64 = 0
    /// Effective strikes that retries, de-duplication or memory absorbed.
    public var masked: Int64 = 0
    /// Fired less often than this, the run proves nothing about it.
    public var minFired: Int64 = 1
    /// Items that passed because too many were held back already.
    public var heldOverflow: Int64 = 0
    /// The first strike, on the run's clock.
    public var firstNanoseconds: Int64?
    /// The last one.
    public var lastNanoseconds: Int64?
    /// From the end of the fault until throughput had recovered; `nil` if it has no end or did not.
    public var recoveryNanoseconds: Int64?

    /// A fault that never fired.
    public init(name: String, fault: String, site: String) {
        self.name = name
        self.fault = fault
        self.site = site
    }
}
