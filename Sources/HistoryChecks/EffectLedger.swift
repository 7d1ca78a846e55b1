public import Histories
public import Messaging

/// One lane of an effect ledger.
struct EffectLane: Sendable {
    /// Events that a handler was called with.
    var handled = SequenceSet()
    /// Events that took effect at least once.
    var applied = SequenceSet()
    /// Effects of an event beyond its first.
    var extra: [UInt64: UInt64] = [:]
    var givenUp = IntervalSet()
    /// Events that the consumer moved to the dead letters.
    var deadLetters = IntervalSet()
    /// Events that the broker moved there; it may not know that they had taken effect.
    var brokerDeadLetters = IntervalSet()
}

/// Two events of one key whose last effects came the other way round.
struct EffectInversion: Sendable {
    var earlier: UInt64
    var later: UInt64
}

/// What the handlers of one group did.
///
/// One per group, fed under the caller's lock, in the order in which effects took place for each
/// key. In order and once, an event costs a comparison, and a look-up where order is checked.
public struct EffectLedger: Sendable {
    /// The group's index.
    public let group: UInt16

    /// The handler's own state, summed by the handler with the same hash at each state change;
    /// `nil` if no handler keeps one.
    public var handlerState: StateDigest?

    /// The state that the distinct applied events make.
    public private(set) var reference = StateDigest()

    /// How many events were given up.
    public private(set) var givenUp: UInt64 = 0

    let checksOrder: Bool
    private let hash: KeyedHash
    private let foldsState: Bool
    private(set) var index = LaneIndex()
    private(set) var lanes: [EffectLane] = []
    private var lastApplied = KeyTable()
    private(set) var inversions: [KeyRef: [EffectInversion]] = [:]
    private(set) var extraCount: UInt64 = 0
    private(set) var exhausted: Set<String> = []
    private(set) var appliedCount: UInt64 = 0

    private static let storeLimit = 1 << 20

    /// An empty ledger of `group`.
    ///
    /// `hash` is what handlers sum their state with; `nil` saves the work of the reference fold.
    /// `checksOrder` turns the check of A34 on.
    public init(group: UInt16, hash: KeyedHash?, checksOrder: Bool) {
        self.group = group
        self.hash = hash ?? KeyedHash(seed: 0)
        self.checksOrder = checksOrder
        foldsState = hash != nil
    }

    /// How many different events took effect.
    public var distinct: UInt64 { lanes.reduce(0) { $0 + $1.applied.count } }

    /// How many effects there were.
    public var count: UInt64 { appliedCount }

    /// Handlers were called with `batch[range]`; called for injected copies as well.
    public mutating func handled(
        _ batch: borrowing Batch<Delivery>,
        in range: Range<Int>,
        at now: Instant
    ) {
        for position in range {
            let delivery = batch[position]
            handled(Self.lane(of: delivery), n: delivery.header.n)
        }
    }

    /// Handlers were called with `batch[range]` and the events took effect, in this order, once
    /// each; `sum` is the digest of them all.
    ///
    /// `isRun` says that they are consecutive events of one lane. The next ones cost a comparison
    /// in all.
    public mutating func tookEffect(
        _ batch: borrowing Batch<Delivery>,
        in range: Range<Int>,
        isRun: Bool,
        sum: StateDigest,
        at now: Instant
    ) {
        guard let first = range.first else { return }
        let lane = Self.lane(of: batch[first])
        let n = batch[first].header.n
        let count = UInt64(range.count)
        let number = number(of: lane)
        guard isRun, !checksOrder, lanes[number].applied.insertNext(n, count: count)
        else {
            handled(batch, in: range, at: now)
            applied(batch, in: range, at: now)
            return
        }
        if !lanes[number].handled.insertNext(n, count: count) {
            lanes[number].handled.insert(n..<n &+ count)
        }
        appliedCount &+= count
        if foldsState { reference.add(sum) }
    }

    /// A handler was called with one event.
    public mutating func handled(_ lane: LaneID, n: UInt64) {
        lanes[number(of: lane)].handled.insert(n)
    }

    /// The events of `batch[range]` took effect, in this order, once each.
    public mutating func applied(
        _ batch: borrowing Batch<Delivery>,
        in range: Range<Int>,
        at now: Instant
    ) {
        for position in range {
            let delivery = batch[position]
            let header = delivery.header
            applied(
                Self.lane(of: delivery),
                n: header.n,
                id: header.id,
                key: header.key,
                at: now
            )
        }
    }

    /// One event took effect once.
    @inline(__always)
    public mutating func applied(
        _ lane: LaneID,
        n: UInt64,
        id: EventID,
        key: EventKey,
        at now: Instant
    ) {
        let number = number(of: lane)
        appliedCount &+= 1
        if lanes[number].applied.insert(n) {
            if foldsState { reference.add(id: id, key: key, hash: hash) }
        } else {
            appliedAgain(number, n)
        }
        if checksOrder, key != .none { noteOrder(number, n, key) }
    }

    /// The client gave event `n` of `lane` up: acknowledged without effect.
    public mutating func gaveUp(_ lane: LaneID, n: UInt64) {
        givenUp += 1
        lanes[number(of: lane)].givenUp.insert(n..<n + 1)
    }

    /// The consumer, or the broker by itself, moved event `n` of `lane` to the dead letters.
    public mutating func deadLettered(_ lane: LaneID, n: UInt64, byBroker: Bool = false) {
        let number = number(of: lane)
        if byBroker {
            lanes[number].brokerDeadLetters.insert(n..<n + 1)
        } else {
            lanes[number].deadLetters.insert(n..<n + 1)
        }
    }

    @inline(__always)
    private static func lane(of delivery: Delivery) -> LaneID {
        LaneID(
            producer: delivery.header.producer,
            topic: delivery.topic,
            partition: delivery.header.partition
        )
    }

    @inline(__always)
    private mutating func number(of lane: LaneID) -> Int {
        let (number, isNew) = index.findOrAdd(lane)
        if isNew { lanes.append(EffectLane()) }
        return number
    }

    @inline(never)
    private mutating func appliedAgain(_ lane: Int, _ n: UInt64) {
        extraCount += 1
        guard lanes[lane].extra.count < Self.storeLimit || lanes[lane].extra[n] != nil else {
            exhausted.insert("repeated effects")
            return
        }
        lanes[lane].extra[n, default: 0] += 1
    }

    /// Keeps the highest event of the key that took effect.
    @inline(__always)
    private mutating func noteOrder(_ lane: Int, _ n: UInt64, _ key: EventKey) {
        let number = UInt32(truncatingIfNeeded: lane)
        if let place = lastApplied.find(lane: number, key: key.rawValue) {
            if lastApplied[place].n < n {
                lastApplied[place].n = n
            } else {
                noteInversion(number, n, highest: lastApplied[place].n, key)
            }
        } else if let (place, _) = lastApplied.findOrAdd(lane: number, key: key.rawValue) {
            lastApplied[place].n = n
        } else {
            exhausted.insert("keys of the effect order")
        }
    }

    /// An effect below the key's highest is inverted until the higher event takes effect again.
    @inline(never)
    private mutating func noteInversion(
        _ lane: UInt32,
        _ n: UInt64,
        highest: UInt64,
        _ key: EventKey
    ) {
        let place = KeyRef(lane: lane, key: key)
        inversions[place]?.removeAll { n == highest ? $0.later == n : $0.earlier == n }
        guard n < highest else { return }
        guard inversions.count < Self.storeLimit || inversions[place] != nil else {
            exhausted.insert("inverted effects")
            return
        }
        guard inversions[place, default: []].count < Findings.limit else { return }
        inversions[place, default: []].append(EffectInversion(earlier: n, later: highest))
    }
}

/// One key of a lane.
struct KeyRef: Hashable, Sendable {
    var lane: UInt32
    var key: EventKey
}
