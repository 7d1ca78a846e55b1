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
struct FaultDecision: Sendable {
    let rule: FaultRule
    let number: Int
    private let hash: KeyedHash
    private let sampler: DurationSampler

    init(rule: FaultRule, number: Int, hash: KeyedHash) {
        self.rule = rule
        self.number = number
        // By name, not by number: removing a rule must not move the others' draws.
        let nameHash = rule.name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        self.hash = hash.derived(for: nameHash)
        var lengths = DurationDistribution.none
        if case .delay(let distribution, _) = rule.kind { lengths = distribution }
        sampler = DurationSampler(lengths, hash: self.hash)
    }

    /// Whether the item is one that the rule's `where` speaks of.
    func isEligible(_ subject: FaultSubject) -> Bool {
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
    func fires(on subject: FaultSubject) -> Bool {
        let selector = rule.selector
        if let every = selector.every {
            guard (subject.header.n &+ 1).isMultiple(of: every) else { return false }
            if selector.attempt == nil, subject.attempt > 1, !isPoison { return false }
            if subject.header.copy > 0 { return false }
        }
        guard selector.probability < 1 else { return true }
        // Poison is a property of the event, not of the attempt.
        var attempt = UInt64(subject.attempt)
        if isPoison { attempt = 0 }
        let draw = hash.hash(
            subject.header.id.rawValue,
            attempt << 32 | UInt64(subject.header.copy) << 16,
            UInt64(subject.group)
        )
        return draw.unitInterval < selector.probability
    }

    private var isPoison: Bool {
        if case .fail(isPoison: true, _) = rule.kind { return true }
        return false
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
