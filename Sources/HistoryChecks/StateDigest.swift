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

    /// Adds one event, hashed under the key of `hash`.
    ///
    /// Two rounds of mixing: the second hides what structure sums of the first may have.
    @inlinable
    public mutating func add(id: EventID, key: EventKey, hash: KeyedHash) {
        let first = KeyedHash.fold(
            id.rawValue ^ hash.key,
            key.rawValue ^ 0xE703_7ED1_A0B4_28DB
        )
        let second = KeyedHash.fold(
            first ^ 0xA076_1D64_78BD_642F,
            id.rawValue ^ 0x8EBC_6AF0_9C88_C6E3
        )
        add(low: second, high: first)
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
