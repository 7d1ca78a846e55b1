public import Messaging

/// The stretch of a run whose events count for latency and rate.
public struct MeasuredWindow: Hashable, Sendable {
    /// The end of warm-up.
    public var begin: Instant
    /// The beginning of draining.
    public var end: Instant

    /// Makes a window.
    public init(begin: Instant, end: Instant) {
        self.begin = begin
        self.end = end
    }

    /// Whether an event with the intended time `due` is measured.
    @inlinable
    public func contains(_ due: Instant) -> Bool { begin <= due && due < end }
}

/// Where clients read the time: the machine's clock live, a virtual one in a simulation.
public protocol TimeSource: Sendable {
    /// The time since the run began; never goes back.
    var now: Instant { get }
}
