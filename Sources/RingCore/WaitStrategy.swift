internal import CGyreShims

/// What a thread does between two attempts that found nothing to do.
///
/// `idle()` after every attempt in vain, `reset()` after one that got something. Only for threads
/// of one's own, never inside a `Task`: the cooperative pool has as many threads as cores.
public protocol WaitStrategy: Sendable {
    /// Waits a little, usually longer the more often it is called in a row.
    mutating func idle()
    /// Starts again with the shortest wait.
    mutating func reset()
}

/// Spins with the processor's pause hint, 25 to 40 ns a call.
///
/// For threads with a core each. With more threads than cores it wastes whole time slices; use
/// `AdaptiveWait` there.
@frozen
public struct SpinningWait: WaitStrategy {
    /// Creates the strategy, which has no state.
    @inlinable
    public init() {}

    /// Pauses once.
    public mutating func idle() {
        gyre_cpu_pause()
    }

    /// Does nothing, since every wait is as short as the first.
    @inlinable
    public mutating func reset() {}
}

/// Spins at first, then yields, then parks for growing spans up to a bound.
///
/// Right when threads outnumber cores: a thread that waits for one that is not running soon gives
/// the core away. It is never woken, so `parkNanosecondsMax` also bounds how late it notices.
@frozen
public struct AdaptiveWait: WaitStrategy {
    /// Calls that pause: 16 × 25–40 ns is the 0.6 µs that a yield costs.
    public static let spins = 16
    /// Calls that yield before the first park.
    public static let yields = 16
    /// The first park; the kernel's timer slack makes anything shorter last about as long.
    public static let parkNanosecondsMin: Int64 = 50_000

    /// The longest park in nanoseconds.
    public let parkNanosecondsMax: Int64
    @usableFromInline var attempts = 0
    @usableFromInline var park = AdaptiveWait.parkNanosecondsMin

    /// Creates a strategy that parks for at most `parkNanosecondsMax`.
    public init(parkNanosecondsMax: Int64 = 1_000_000) {
        precondition(parkNanosecondsMax > 0, "a park has a length")
        self.parkNanosecondsMax = parkNanosecondsMax
    }

    /// What the next `idle()` will do.
    public var nextStep: Step {
        if attempts < Self.spins { return .pause }
        if attempts < Self.spins + Self.yields { return .yield }
        return .park(nanoseconds: Swift.min(park, parkNanosecondsMax))
    }

    /// Pauses, yields or parks, as `nextStep` says.
    public mutating func idle() {
        switch nextStep {
        case .pause:
            gyre_cpu_pause()
            attempts += 1
        case .yield:
            gyre_yield_thread()
            attempts += 1
        case .park(let nanoseconds):
            gyre_park_nanoseconds(nanoseconds)
            park = Swift.min(nanoseconds * 2, parkNanosecondsMax)
        }
    }

    /// Starts again with pauses.
    @inlinable
    public mutating func reset() {
        attempts = 0
        park = Self.parkNanosecondsMin
    }

    /// One way to wait.
    public enum Step: Hashable, Sendable {
        /// The processor's pause hint.
        case pause
        /// Giving the core to another runnable thread.
        case yield
        /// Sleeping for a span.
        case park(nanoseconds: Int64)
    }
}
