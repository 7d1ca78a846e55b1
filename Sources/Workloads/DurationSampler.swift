public import Messaging

/// Draws durations; the same for the same seed and ordinal on every platform.
public struct DurationSampler: Sendable {
    private enum Form {
        case constant
        case uniform
        case exponential
    }

    private let form: Form
    private let lowest: Int64
    private let spread: UInt64
    private let mean: Double
    private let hash: KeyedHash

    /// Prepares to draw from `distribution`; `hash` belongs to this use alone.
    public init(_ distribution: DurationDistribution, hash: KeyedHash) {
        self.hash = hash
        mean = distribution.meanNanoseconds
        switch distribution {
        case .none: (form, lowest, spread) = (.constant, 0, 0)
        case .fixed(let duration):
            (form, lowest, spread) = (.constant, duration.wholeNanoseconds, 0)
        case .uniform(let first, let second):
            let low = min(first, second).wholeNanoseconds
            let high = max(first, second).wholeNanoseconds
            (form, lowest, spread) = (.uniform, low, UInt64(high &- low) &+ 1)
        case .exponential: (form, lowest, spread) = (.exponential, 0, 0)
        }
    }

    /// The length of draw number `ordinal`, in nanoseconds.
    ///
    /// Cost: up to 20 ns.
    public func nanoseconds(for ordinal: UInt64) -> Int64 {
        switch form {
        case .constant: return lowest
        case .uniform:
            let scaled = hash.hash(ordinal, 0).multipliedFullWidth(by: spread)
            return lowest &+ Int64(scaled.high)
        case .exponential:
            let drawn = mean * hash.exponential(ordinal, 0)
            return drawn < 0x1p62 ? Int64(drawn) : .max
        }
    }
}
