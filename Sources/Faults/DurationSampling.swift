import Messaging
import Workloads

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Draws lengths of time from a hash.
struct DurationSampling: Sendable {
    let distribution: DurationDistribution

    /// The length that belongs to `word`, a uniformly distributed hash.
    func nanoseconds(_ word: UInt64) -> Int64 {
        switch distribution {
        case .none: 0
        case .fixed(let length): length.wholeNanoseconds
        case .uniform(let low, let high):
            low.wholeNanoseconds
                + Int64(
                    Double(high.wholeNanoseconds - low.wholeNanoseconds) * word.unitInterval
                )
        case .exponential(let mean):
            Int64(-log1p(-word.unitInterval) * Double(mean.wholeNanoseconds))
        }
    }
}
