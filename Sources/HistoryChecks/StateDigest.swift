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
        let word = hash.hash(id.rawValue, key.rawValue)
        let (high, low) = word.multipliedFullWidth(by: id.rawValue | 1)
        add(low: word, high: high ^ low)
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
