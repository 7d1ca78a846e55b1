/// Draws from a fixed discrete distribution in constant time: 8 bytes a value.
///
/// - Note: M. D. Vose, "A linear algorithm for generating random numbers with a given
///   distribution", IEEE TSE 17(9), 1991. Probabilities are rounded to multiples of 2^-32 / count.
struct AliasTable: Sendable {
    /// Tables for more values would leave the second-level cache (512 KiB).
    static let largest = 1 << 16

    /// Each slot: the threshold in the high half, the alias in the low half.
    private let slots: [UInt64]

    static let empty = AliasTable(slots: [])

    private init(slots: [UInt64]) {
        self.slots = slots
    }

    /// Index i with probability proportional to (i + 1)^-exponent.
    init(zipf count: Int, exponent: Double) {
        precondition(count >= 1 && count <= Self.largest, "an alias table has 1 ... 2^16 values")
        let weights = (1...count).map { rank in
            RepeatableMath.exp(max(-700, -exponent * RepeatableMath.log(Double(rank))))
        }
        self.init(weights: weights)
    }

    init(weights: [Double]) {
        let scale = Double(weights.count) / weights.reduce(0, +)
        var scaled = weights.map { $0 * scale }
        var small = scaled.indices.filter { scaled[$0] < 1 }
        var large = scaled.indices.filter { scaled[$0] >= 1 }
        var slots = weights.indices.map { Self.slot(keeping: 1, else: $0) }
        while let poor = small.popLast(), let rich = large.last {
            slots[poor] = Self.slot(keeping: scaled[poor], else: rich)
            scaled[rich] -= 1 - scaled[poor]
            if scaled[rich] < 1 {
                large.removeLast()
                small.append(rich)
            }
        }
        self.slots = slots
    }

    private static func slot(keeping share: Double, else alias: Int) -> UInt64 {
        let threshold = min(UInt64(UInt32.max), UInt64(max(0, share) * 0x1p32))
        return threshold << 32 | UInt64(alias)
    }

    /// The value that 64 random bits select.
    func index(for bits: UInt64) -> UInt64 {
        let (place, fraction) = bits.multipliedFullWidth(by: UInt64(slots.count))
        let slot = slots[Int(truncatingIfNeeded: place)]
        return fraction >> 32 < slot >> 32 ? place : slot & 0xFFFF_FFFF
    }
}
