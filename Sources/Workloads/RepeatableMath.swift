import Messaging

/// Logarithm and exponential with the same bits on every platform.
///
/// The C library's `log` and `exp` are not correctly rounded and differ between systems, so a seed
/// would give other keys and pauses elsewhere. These use nothing but IEEE 754 addition,
/// multiplication and division, which Swift neither reorders nor fuses. Error below 2e-15,
/// relative.
enum RepeatableMath {
    private static let naturalLogOf2 = 0x1.62E42FEFA39EFp-1
    private static let squareRootOf2 = 0x1.6A09E667F3BCDp0

    /// The natural logarithm of a positive, normal number.
    static func log(_ value: Double) -> Double {
        var exponent = Double(value.exponent)
        var mantissa = value.significand
        if mantissa > squareRootOf2 {
            mantissa /= 2
            exponent += 1
        }
        // ln m = 2 artanh s; |s| < 0.172, so eleven terms reach below one unit in the last place.
        let s = (mantissa - 1) / (mantissa + 1)
        let square = s * s
        var series = 0.0
        var divisor = 21.0
        while divisor >= 3 {
            series = (series + 1 / divisor) * square
            divisor -= 2
        }
        return exponent * naturalLogOf2 + (2 * s + 2 * s * series)
    }

    /// e to the power of `value`, for |value| < 700.
    static func exp(_ value: Double) -> Double {
        let power = (value / naturalLogOf2).rounded(.toNearestOrEven)
        let rest = value - power * naturalLogOf2
        return Double(sign: .plus, exponent: Int(power), significand: 1 + rest * expm1OverX(rest))
    }

    /// (e^x − 1) / x, continued by 1 at x = 0; accurate near zero, for |x| < 700.
    static func expm1OverX(_ x: Double) -> Double {
        guard x.magnitude < 0.35 else { return (exp(x) - 1) / x }
        // The Taylor series; 0.35^14 / 15! is below 1e-18.
        var series = 1.0
        var divisor = 15.0
        while divisor >= 2 {
            series = 1 + series * x / divisor
            divisor -= 1
        }
        return series
    }

    /// ln(1 + x) / x, continued by 1 at x = 0; accurate near zero, for x > −1.
    static func log1pOverX(_ x: Double) -> Double {
        guard x.magnitude < 0.2 else { return log(1 + x) / x }
        // 2 artanh(x / (2 + x)) / x.
        let s = x / (2 + x)
        let square = s * s
        var series = 0.0
        var divisor = 21.0
        while divisor >= 3 {
            series = (series + 1 / divisor) * square
            divisor -= 2
        }
        return 2 / (2 + x) * (1 + series)
    }
}

extension KeyedHash {
    /// A draw from the exponential distribution with mean 1.
    func exponential(_ first: UInt64, _ second: UInt64) -> Double {
        // 1 − u lies in (0, 1], so the logarithm is finite: at most 36.7.
        -RepeatableMath.log(1 - hash(first, second).unitInterval)
    }
}
