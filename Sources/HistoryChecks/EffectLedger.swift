public import Histories
public import Messaging

/// A commutative digest of a multiset of events: a sum modulo 2^128.
@frozen
public struct StateDigest: Hashable, Sendable, BitwiseCopyable {
    /// The sum's low word.
    public var low: UInt64
    /// The sum's high word.
    public var high: UInt64

    /// The digest of no events.
    @inlinable
    public init() {
        low = 0
        high = 0
    }

    /// Adds one event, hashed by `hash`.
    @inlinable
    public mutating func add(id: EventID, key: EventKey, hash: KeyedHash) {
        let first = hash.hash(id.rawValue, key.rawValue)
        add(low: first, high: hash.hash(first, id.rawValue))
    }

    /// Adds another digest.
    @inlinable
    public mutating func add(_ other: StateDigest) {
        add(low: other.low, high: other.high)
    }

    @inlinable
    mutating func add(low word: UInt64, high upper: UInt64) {
        let (sum, carry) = low.addingReportingOverflow(word)
        low = sum
        high = high &+ upper &+ (carry ? 1 : 0)
    }
}

/// What the handlers of one group did.
///
/// One per group, fed under the caller's lock.
public struct EffectLedger: Sendable {
    /// The group's index.
    public let group: UInt16

    /// The handler's own state, summed by the handler with the same hash at each state change;
    /// `nil` if no handler keeps one.
    public var handlerState: StateDigest?

    /// An empty ledger of `group`.
    ///
    /// `hash` is what handlers sum their state with; `checksOrder` turns the check of A34 on.
    public init(group: UInt16, hash: KeyedHash, checksOrder: Bool) {
        self.group = group
    }

    /// Handlers were called with `batch[range]`; called for injected copies as well.
    public mutating func handled(
        _ batch: borrowing Batch<Delivery>,
        in range: Range<Int>,
        at now: Instant
    ) {}

    /// The events of `batch[range]` took effect, in this order, once each.
    public mutating func applied(
        _ batch: borrowing Batch<Delivery>,
        in range: Range<Int>,
        at now: Instant
    ) {}

    /// One event took effect once.
    public mutating func applied(
        _ lane: LaneID,
        n: UInt64,
        id: EventID,
        key: EventKey,
        at now: Instant
    ) {}

    /// The client gave event `n` of `lane` up: acknowledged without effect.
    public mutating func gaveUp(_ lane: LaneID, n: UInt64) {}

    /// The client or the broker moved event `n` of `lane` to the dead letters.
    public mutating func deadLettered(_ lane: LaneID, n: UInt64) {}
}
