/// Eight bytes of a line, looked at together.
///
/// - Note: as in Hacker's Delight (Warren, 2012), section 6-1, and in Daniel Lemire's "Quickly
///   parsing eight digits" (2018).
struct EightBytes {
    /// The first byte lowest.
    let bits: UInt64

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// Ten to the power of each index.
    static let powers: InlineArray<9, UInt64> = [
        1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
    ]

    /// The bytes from `place` on, which is one of `bytes`; zeros after their end.
    @inline(__always)
    init(_ bytes: Span<UInt8>, at place: Int) {
        guard bytes.count &- place >= 8 else {
            bits = Self.end(of: bytes, from: place)
            return
        }
        precondition(place >= 0, "no place of a line is below zero")
        // SAFETY: place ..< place + 8 is within the span, checked just now.
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: place,
            as: UInt64.self
        )
        bits = UInt64(littleEndian: word)
    }

    @inline(never)
    private static func end(of bytes: Span<UInt8>, from place: Int) -> UInt64 {
        var bits: UInt64 = 0
        for index in place..<bytes.count {
            bits |= UInt64(bytes[index]) << UInt64((index - place) * 8)
        }
        return bits
    }

    /// How many come before the first quote, backslash, control character or byte beyond ASCII.
    @inline(__always)
    var plainCount: Int {
        let quotes = Self.zeros(bits ^ Self.ones &* UInt64(UInt8(ascii: "\"")))
        let escapes = Self.zeros(bits ^ Self.ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (bits &- Self.ones &* 0x20) & ~bits
        return (quotes | escapes | controls & Self.tops | bits & Self.tops)
            .trailingZeroBitCount &>> 3
    }

    /// How many come before the first line break.
    @inline(__always)
    var countToLineEnd: Int {
        Self.zeros(bits ^ Self.ones &* UInt64(UInt8(ascii: "\n"))).trailingZeroBitCount &>> 3
    }

    /// How many come before the first that is no digit.
    @inline(__always)
    var digitCount: Int {
        let values = bits ^ Self.ones &* UInt64(UInt8(ascii: "0"))
        let others = ((values & ~Self.tops) &+ Self.ones &* (0x80 - 10) | values) & Self.tops
        return others.trailingZeroBitCount &>> 3
    }

    /// The number that the first `count` bytes, all of them digits, spell.
    @inline(__always)
    func decimal(_ count: Int) -> UInt64 {
        guard count > 0 else { return 0 }
        let shift = UInt64(truncatingIfNeeded: 64 &- count &* 8)
        var sum = (bits ^ Self.ones &* UInt64(UInt8(ascii: "0"))) &<< shift
        sum = (sum &* 10 &+ sum &>> 8) & 0x00FF_00FF_00FF_00FF
        sum = (sum &* 100 &+ sum &>> 16) & 0x0000_FFFF_0000_FFFF
        return (sum &* 10_000 &+ sum &>> 32) & 0xFFFF_FFFF
    }

    /// The top bit of every byte that is zero; right up to the first, which is what is asked for.
    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 {
        (word &- ones) & ~word & tops
    }
}
