public import Messaging
import Workloads

/// What a rule looks at when it decides about one item.
@frozen
public struct FaultSubject: BitwiseCopyable {
    /// The event's header.
    public var header: EventHeader
    /// The topic's index.
    public var topic: UInt16
    /// The partition that the item belongs to.
    public var partition: UInt16
    /// The consumer group, or `none` on the producer's side.
    public var group: UInt16
    /// The member of the group.
    public var member: UInt16
    /// The client's attempt on the producer's side, the broker's delivery count on the other.
    public var attempt: UInt32

    /// Stands for *no group*.
    public static let none = UInt16.max

    /// Something on its way from a producer, or a confirmation on its way back.
    @inlinable
    public init(outbound header: EventHeader, topic: UInt16) {
        self.header = header
        self.topic = topic
        partition = header.partition
        group = Self.none
        member = Self.none
        attempt = UInt32(header.attempt)
    }

    /// A delivery to `member` of `group`, or the answer to one.
    @inlinable
    public init(inbound delivery: Delivery, group: UInt16, member: UInt16) {
        header = delivery.header
        topic = delivery.topic
        partition = delivery.partition
        self.group = group
        self.member = member
        attempt = max(1, delivery.attempt)
    }
}

/// Decides whether one rule fires on one item: a pure function of seed, rule and item.
///
/// Neither time nor arrival order enters, so that removing a rule leaves all others as they were
/// and the same decisions fall on every broker. (`nth` is the declared exception.)
///
/// What every item is asked stands here as plain numbers; the rule itself is for when it fires.
struct FaultDecision: Sendable {
    let rule: FaultRule
    let number: Int
    /// Fires at this arrival of each lane only.
    let nth: UInt64?
    let armed: ArmedSpan
    /// Poison is a property of the event, not of the attempt.
    private let isPoison: Bool
    /// Whether the rule has a `where`.
    private let isSelective: Bool
    private let every: UInt64?
    private let everyAttempt: Bool
    /// Fires where the 53 high bits of the draw are below this.
    private let threshold: UInt64
    private let hash: KeyedHash
    private let sampler: DurationSampler

    init(rule: FaultRule, number: Int, hash: KeyedHash, window: FaultWindow) {
        self.rule = rule
        self.number = number
        let selector = rule.selector
        nth = selector.nth
        armed = ArmedSpan(rule, in: window)
        isPoison = rule.isPoison
        isSelective = selector.isSelective
        every = selector.every
        everyAttempt = selector.attempt != nil || isPoison
        threshold = Self.threshold(selector.probability)
        // By name, not by number: removing a rule must not move the others' draws.
        let nameHash = rule.name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        self.hash = hash.derived(for: nameHash)
        var lengths = DurationDistribution.none
        if case .delay(let distribution, _) = rule.kind { lengths = distribution }
        sampler = DurationSampler(lengths, hash: self.hash)
    }

    /// As many of the 2⁵³ numbers of a draw as make the probability.
    private static func threshold(_ probability: Double) -> UInt64 {
        // Exact: the product only moves the exponent.
        UInt64((min(1, max(0, probability)) * 0x1p53).rounded(.up))
    }

    /// Whether the item is one that the rule's `where` speaks of.
    @inline(__always)
    func isEligible(_ subject: FaultSubject) -> Bool {
        !isSelective || isSelected(subject)
    }

    private func isSelected(_ subject: FaultSubject) -> Bool {
        let selector = rule.selector
        if let topic = selector.topic, topic != subject.topic { return false }
        if let partition = selector.partition, partition != subject.partition { return false }
        if let key = selector.key, key != subject.header.key { return false }
        if let producers = selector.producers, !producers.contains(subject.header.producer) {
            return false
        }
        if let group = selector.group, group != subject.group { return false }
        if let member = selector.member, member != subject.member { return false }
        if let attempt = selector.attempt, attempt != subject.attempt { return false }
        return true
    }

    /// Whether the rule, armed and eligible, fires on the item.
    @inline(__always)
    func fires(on subject: FaultSubject) -> Bool {
        if let every {
            guard (subject.header.n &+ 1).isMultiple(of: every) else { return false }
            if subject.attempt > 1, !everyAttempt { return false }
            if subject.header.copy > 0 { return false }
        }
        guard threshold < 1 << 53 else { return true }
        let attempt = isPoison ? 0 : UInt64(subject.attempt)
        let draw = hash.hash(
            subject.header.id.rawValue,
            attempt << 32 | UInt64(subject.header.copy) << 16,
            UInt64(subject.group)
        )
        return draw &>> 11 < threshold
    }

    /// The length of the delay that this rule gives the item.
    func delayNanoseconds(_ subject: FaultSubject) -> Int64 {
        sampler.nanoseconds(
            for: hash.hash(
                subject.header.id.rawValue,
                UInt64(subject.attempt),
                UInt64(subject.group)
            )
        )
    }
}

extension FaultSelector {
    /// Whether it speaks of some items only, whatever the time and the draw.
    fileprivate var isSelective: Bool {
        topic != nil || partition != nil || key != nil || producers != nil || group != nil
            || member != nil || attempt != nil
    }
}
