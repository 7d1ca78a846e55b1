public import Histories
public import Messaging

/// Who is to be blamed for an anomaly.
public enum Blame: String, Sendable, Hashable, CaseIterable, Codable {
    /// The broker's own records convict it.
    case broker
    /// The broker kept its promises; a policy of the application broke this one.
    case client
    /// A declared fault that fired on the event explains it.
    case injected
    /// What fired where is no longer known.
    case undetermined
}

/// An event by its place among those of its producer.
public struct EventPlace: Sendable, Hashable {
    /// The lane.
    public var lane: LaneID
    /// The number within the lane.
    public var n: UInt64

    /// Event `n` of `lane`.
    public init(lane: LaneID, n: UInt64) {
        self.lane = lane
        self.n = n
    }
}

/// A broken promise, with who, where and what.
public struct Anomaly: Sendable, Hashable {
    /// The promise.
    public var guarantee: Guarantee
    /// The published name of this way to break it.
    public var name: String
    /// Which records convict.
    public var side: HistorySide
    /// Who is to be blamed.
    public var blame: Blame
    /// The lane of the event, if it is about one event or one lane.
    public var lane: LaneID?
    /// The group's index, if it is about one group.
    public var group: UInt16?
    /// The event's key.
    public var key: EventKey
    /// The event's number within the lane, the first of `count`.
    public var n: UInt64
    /// The other event, if it takes two to break the promise.
    public var rival: EventPlace?
    /// How many cases it stands for.
    public var count: UInt64
    /// One sentence of particulars.
    public var detail: String
    /// The records that prove it; filled from flight recorders by whoever has them.
    public var witnesses: [HistoryRecord]

    /// An anomaly of one case without witnesses.
    public init(
        _ guarantee: Guarantee,
        _ name: String,
        side: HistorySide,
        blame: Blame,
        lane: LaneID? = nil,
        group: UInt16? = nil,
        key: EventKey = .none,
        n: UInt64 = 0,
        rival: EventPlace? = nil,
        count: UInt64 = 1,
        detail: String
    ) {
        self.guarantee = guarantee
        self.name = name
        self.side = side
        self.blame = blame
        self.lane = lane
        self.group = group
        self.key = key
        self.n = n
        self.rival = rival
        self.count = count
        self.detail = detail
        witnesses = []
    }
}

/// What a check has found.
public enum Verdict: Sendable, Hashable {
    /// Held in every one of `cases` cases.
    case valid(cases: UInt64)
    /// Broken `total` times; `anomalies` are the first of them.
    case violated(anomalies: [Anomaly], total: UInt64)
    /// Not decided, and why.
    case unknown(reason: String)
}

/// Where a check took place.
public enum CheckForm: String, Sendable, Hashable, CaseIterable, Codable {
    /// In the workers, per batch.
    case inline
    /// Over recorded history.
    case records
}

/// The verdict on one guarantee.
public struct CheckResult: Sendable, Hashable {
    /// The promise.
    public var guarantee: Guarantee
    /// Whose records it was judged by.
    public var side: HistorySide
    /// What was found.
    public var verdict: Verdict
    /// Whether the run fails by it; otherwise a violation is *observed, not promised*.
    public var isRequired: Bool
    /// Where the check took place.
    public var form: CheckForm
    /// How many cases were too close in time to decide either way.
    public var undecided: UInt64

    /// Makes a result.
    public init(
        _ guarantee: Guarantee,
        side: HistorySide,
        verdict: Verdict,
        isRequired: Bool,
        form: CheckForm,
        undecided: UInt64 = 0
    ) {
        self.guarantee = guarantee
        self.side = side
        self.verdict = verdict
        self.isRequired = isRequired
        self.form = form
        self.undecided = undecided
    }

    /// Whether it fails the run: a required guarantee that was violated.
    public var isViolation: Bool {
        if case .violated = verdict { isRequired } else { false }
    }

    /// Whether it leaves the run inconclusive: a required guarantee without an answer.
    public var isInconclusive: Bool {
        if case .unknown = verdict { isRequired } else { false }
    }

    /// The anomalies that it lists.
    public var anomalies: [Anomaly] {
        if case .violated(let anomalies, _) = verdict { anomalies } else { [] }
    }
}
