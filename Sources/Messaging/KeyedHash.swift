/// The hash behind every seeded decision and every payload digest.
///
/// A pure function of its inputs on every platform: equal seeds give equal runs. Not
/// cryptographic: it finds accidents and broken brokers, not forgers.
/// - Note: mixing by folded 64 × 64 → 128-bit multiplication, as in wyhash (Wang Yi, 2019) and
///   the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
@frozen
public struct KeyedHash: Hashable, Sendable, BitwiseCopyable {
    /// What makes this function differ from that of other seeds.
    public let key: UInt64

    /// The hash function of `seed`.
    @inlinable
    public init(seed: UInt64) {
        key = Self.finalise(seed &+ 0x9E37_79B9_7F4A_7C15)
    }

    /// The hash function for one use (`purpose`) under this one's seed.
    @inlinable
    public func derived(for purpose: UInt64) -> KeyedHash {
        KeyedHash(seed: hash(purpose, 0x6779_7265))
    }

    /// A uniformly distributed 64-bit function of two words.
    @inlinable
    public func hash(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let folded = Self.fold(
            first ^ key ^ 0xA076_1D64_78BD_642F,
            second ^ 0xE703_7ED1_A0B4_28DB
        )
        return Self.finalise(folded ^ key)
    }

    /// A uniformly distributed 64-bit function of three words.
    @inlinable
    public func hash(_ first: UInt64, _ second: UInt64, _ third: UInt64) -> UInt64 {
        hash(hash(first, second), third)
    }

    /// The digest of an event: moves if its identifier, key or any payload byte moves.
    ///
    /// `body` is `digest(ofBody:)` of its payload. With one identifier and key, two bodies have one
    /// digest only if their own digests are equal.
    @inlinable
    public func digest(id: EventID, key eventKey: EventKey, body: UInt64) -> UInt64 {
        let envelope = Self.fold(
            id.rawValue ^ key ^ 0xA076_1D64_78BD_642F,
            eventKey.rawValue ^ 0x8EBC_6AF0_9C88_C6E3
        )
        return Self.finalise(envelope ^ body)
    }

    /// The digest of a payload alone, which is the same under every seed.
    ///
    /// Whoever sends the same bodies again and again needs it once each. Not mixed to the end: that
    /// comes with the event.
    ///
    /// Cost: about 1 ns and 0.1 ns a byte. Never allocates.
    /// - Safety: `payload` is readable for the length of the call.
    @inlinable @inline(__always)
    @unsafe
    public static func digest(ofBody payload: UnsafeRawBufferPointer) -> UInt64 {
        // Two chains side by side: a processor multiplies both at once.
        var left: UInt64 = 0xE703_7ED1_A0B4_28DB
        var right: UInt64 = 0x2D35_8DCC_AA6C_78A5
        guard var next = payload.baseAddress else { return left ^ right }
        let count = payload.count
        right ^= UInt64(truncatingIfNeeded: count)
        // SAFETY: whole blocks of 32 bytes end at or before the payload's end.
        let rest = unsafe next + count & ~31
        while unsafe next != rest {
            // SAFETY: 32 bytes from here on lie before `rest`.
            let first = unsafe next.loadUnaligned(as: UInt64.self)
            let second = unsafe next.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let third = unsafe next.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            let fourth = unsafe next.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            left = fold(left ^ first, second ^ 0x5899_65CC_7537_4CC3)
            right = fold(right ^ third, fourth ^ 0x1D8E_4E27_C47D_124F)
            unsafe next += 32
        }
        if count & 31 != 0 {
            // SAFETY: so many bytes of the payload are left.
            (left, right) = unsafe digest(
                ofRest: UnsafeRawBufferPointer(start: rest, count: count & 31),
                left,
                right
            )
        }
        return left ^ right
    }

    @inlinable
    @unsafe
    static func digest(
        ofRest payload: UnsafeRawBufferPointer,
        _ start: UInt64,
        _ other: UInt64
    ) -> (UInt64, UInt64) {
        var (left, right, offset) = (start, other, 0)
        while offset &+ 16 <= payload.count {
            // SAFETY: offset + 16 <= count, checked by the loop.
            let first = unsafe payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let second = unsafe payload.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
            left = fold(left ^ first, right ^ second ^ 0x5899_65CC_7537_4CC3)
            right = right &+ 0x1D8E_4E27_C47D_124F ^ second
            offset &+= 16
        }
        while offset < payload.count {
            // SAFETY: offset < count, checked by the loop.
            left = fold(left ^ UInt64(unsafe payload[offset]) ^ 0xEB44_ACCA_B455_D165, right | 1)
            right = right &+ left
            offset &+= 1
        }
        return (left, right)
    }

    /// The two halves of a product, one upon the other: one round of mixing.
    @inlinable
    public static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (high, low) = left.multipliedFullWidth(by: right)
        return high ^ low
    }

    @inlinable
    static func finalise(_ word: UInt64) -> UInt64 {
        var mixed = word
        mixed = (mixed ^ mixed &>> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed &>> 31
    }
}

extension UInt64 {
    /// This hash as a number in 0 ..< 1, from its 53 high bits.
    @inlinable
    public var unitInterval: Double {
        Double(self &>> 11) * 0x1p-53
    }
}
