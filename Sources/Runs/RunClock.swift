import CGyreShims
public import Clients
public import Messaging
import Synchronization

/// The machine's monotonic clock, counted from the moment the run was started.
public final class RunClock: TimeSource {
    private let epoch: Atomic<Int64>

    /// A clock whose zero is now.
    public init() {
        epoch = Atomic(gyre_monotonic_nanoseconds())
    }

    /// Makes this moment the run's zero.
    ///
    /// Called once, before any worker reads the clock; starting a thread orders the two.
    public func start() {
        epoch.store(gyre_monotonic_nanoseconds(), ordering: .relaxed)
    }

    /// Nanoseconds since the run's zero.
    ///
    /// Cost: about 25 ns.
    public var now: Instant {
        Instant(
            nanoseconds: gyre_monotonic_nanoseconds() &- epoch.load(ordering: .relaxed)
        )
    }
}
