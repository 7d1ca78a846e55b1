/// A point on the run's monotonic clock: nanoseconds since the run began.
///
/// Live runs read it from `CLOCK_MONOTONIC`, simulated ones from a virtual clock; nothing below
/// `Runs` reads a clock. Lengths of time on the hot path are plain `Int64` nanoseconds, named so.
@frozen
public struct Instant: Comparable, Hashable, Sendable, BitwiseCopyable {
    /// Nanoseconds since the run began; negative for times before it.
    public var nanoseconds: Int64

    /// Makes the instant that lies `nanoseconds` after the run's beginning.
    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The run's beginning.
    @inlinable
    public static var zero: Instant { Instant(nanoseconds: 0) }

    /// Later than every instant of a run.
    @inlinable
    public static var distantFuture: Instant { Instant(nanoseconds: .max) }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant `nanoseconds` later; stays at `distantFuture` instead of overflowing.
    @inlinable
    public func advanced(byNanoseconds nanoseconds: Int64) -> Instant {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }

    /// Nanoseconds from `earlier` to this instant; negative if `earlier` is later.
    @inlinable
    public func nanoseconds(since earlier: Instant) -> Int64 {
        nanoseconds &- earlier.nanoseconds
    }
}

extension Duration {
    /// The whole nanoseconds of this duration, clamped to what `Int64` holds (292 years).
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carried ? .max : sum
    }
}
