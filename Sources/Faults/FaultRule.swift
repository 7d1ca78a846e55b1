public import Messaging
public import Workloads

/// Where between worker and broker an event fault strikes.
public enum FaultSite: String, Hashable, Sendable, CaseIterable {
    /// Worker → broker: an event.
    case publish
    /// Broker → worker: what became of it.
    case confirm
    /// Broker → handler: a delivery.
    case deliver
    /// Handler → broker: ack, nack, extend, commit.
    case ack
    /// Inside the handler.
    case process
}

/// Whether a delayed item holds up those behind it.
public enum DelayOrder: String, Hashable, Sendable, CaseIterable {
    /// Later items of the same lane wait as well: order is kept.
    case hold
    /// Later items pass.
    case overtake
}

/// Where in its loop a consumer crashes.
///
/// The inbox mark commits with the effect, so that whatever comes after the effect leaves the same
/// behind: an applied event whose answer is never sent.
public enum CrashPoint: String, Hashable, Sendable, CaseIterable {
    /// After it was handed a delivery, before its effect.
    case beforeApply = "before-apply"
    /// After the effect.
    case afterApply = "after-apply"
    /// After the inbox mark.
    case afterInbox = "after-inbox"
    /// When the answer was about to be sent.
    case beforeAck = "before-ack"
}

/// What a rule does when it fires.
public enum FaultKind: Hashable, Sendable {
    /// The item vanishes, silently.
    case drop
    /// The item comes later.
    case delay(DurationDistribution, order: DelayOrder)
    /// The item comes once more, `extra` times.
    case duplicate(extra: Int)
    /// The handler refuses: for ever if `isPoison`, after its effect if `afterEffect`.
    case fail(isPoison: Bool, afterEffect: Bool)
    /// The handler takes no effect and never answers; the lease decides what comes next.
    case hang
    /// A consumer member stands still for so long, once, and then goes on where it was.
    case pause(Duration)
    /// A consumer member takes so much longer over each event.
    case slow(Duration)
    /// A consumer member loses its memory at `point` and comes back later.
    case crash(at: CrashPoint, restartAfter: Duration)

    /// The word that scenario files use.
    public var name: String {
        switch self {
        case .drop: "drop"
        case .delay: "delay"
        case .duplicate: "duplicate"
        case .fail(let isPoison, _): isPoison ? "poison" : "fail"
        case .hang: "hang"
        case .pause: "pause"
        case .slow: "slow"
        case .crash: "crash"
        }
    }
}

/// Which items a rule is about.
public struct FaultSelector: Hashable, Sendable {
    /// Probability with which it fires, drawn anew at every attempt; 1 for always.
    public var probability: Double
    /// Fires when (n + 1) is divisible by this, at the event's first passage only.
    public var every: UInt64?
    /// Fires at the nth eligible arrival of each lane only (from 1).
    ///
    /// Not reproducible live.
    public var nth: UInt64?
    /// Only this topic, by index in the session plan.
    public var topic: UInt16?
    /// Only this partition.
    public var partition: UInt16?
    /// Only this key.
    public var key: EventKey?
    /// Only these producer numbers.
    public var producers: Range<UInt16>?
    /// Only this group, by index in the session plan.
    public var group: UInt16?
    /// Only this member of `group`.
    public var member: UInt16?
    /// Only this attempt: the client's at publish and confirm, the broker's elsewhere.
    public var attempt: UInt32?
    /// Not before this time from the end of warm-up.
    public var from: Duration
    /// For so long; `nil` until draining begins.
    public var length: Duration?

    /// A selector that takes every item at all times.
    public init() {
        probability = 1
        from = .zero
    }
}

/// One declared fault.
public struct FaultRule: Hashable, Sendable {
    /// Its name in the scenario; unique.
    public var name: String
    /// What it does.
    public var kind: FaultKind
    /// Where; `nil` for faults of a client (crash, pause, slow).
    public var site: FaultSite?
    /// To which items.
    public var selector: FaultSelector
    /// Fired less often than this, the run proves nothing about the fault: *unknown*.
    public var minFired: UInt64
    /// How many items it may hold back at once; beyond, items pass and are counted.
    public var maxHeld: Int

    /// Makes a rule.
    public init(
        name: String,
        kind: FaultKind,
        site: FaultSite?,
        selector: FaultSelector = FaultSelector(),
        minFired: UInt64 = 1,
        maxHeld: Int = 65_536
    ) {
        self.name = name
        self.kind = kind
        self.site = site
        self.selector = selector
        self.minFired = minFired
        self.maxHeld = maxHeld
    }
}
