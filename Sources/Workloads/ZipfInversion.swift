import Messaging

/// Draws from a Zipf distribution of any size without a table.
///
/// - Note: W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from monotone
///   discrete distributions", ACM TOMACS 6(3), 1996. Expected draws per value: below 1.1.
struct ZipfInversion: Sendable {
    private let count: Double
    private let exponent: Double
    private let lowest: Double
    private let highest: Double
    /// A rank this close above the inverse is accepted without computing the density.
    private let squeeze: Double

    init(count: Int, exponent: Double) {
        self.count = Double(count)
        self.exponent = exponent
        lowest = Self.integral(1.5, exponent) - 1
        highest = Self.integral(Double(count) + 0.5, exponent)
        let second = Self.integral(2.5, exponent) - Self.density(2, exponent)
        squeeze = 2 - Self.inverse(second, exponent)
    }

    /// The index (from 0) for event number `n`.
    func index(_ hash: KeyedHash, _ n: UInt64) -> UInt64 {
        var trial: UInt64 = 0
        while true {
            let u = highest + hash.hash(n, trial).unitInterval * (lowest - highest)
            let x = Self.inverse(u, exponent)
            let rank = min(max(1, (x + 0.5).rounded(.down)), count)
            if rank - x <= squeeze
                || u >= Self.integral(rank + 0.5, exponent) - Self.density(rank, exponent)
            {
                return UInt64(rank) - 1
            }
            trial &+= 1
        }
    }

    /// x^-s.
    private static func density(_ x: Double, _ exponent: Double) -> Double {
        RepeatableMath.exp(max(-700, -exponent * RepeatableMath.log(x)))
    }

    /// (x^(1 − s) − 1) / (1 − s), or ln x at s = 1: an antiderivative of the density.
    private static func integral(_ x: Double, _ exponent: Double) -> Double {
        let logarithm = RepeatableMath.log(x)
        return RepeatableMath.expm1OverX(max(-700, (1 - exponent) * logarithm)) * logarithm
    }

    private static func inverse(_ u: Double, _ exponent: Double) -> Double {
        // Rounding may push the argument of the logarithm out of its domain.
        let scaled = max(-1 + 0x1p-53, u * (1 - exponent))
        return RepeatableMath.exp(RepeatableMath.log1pOverX(scaled) * u)
    }
}
