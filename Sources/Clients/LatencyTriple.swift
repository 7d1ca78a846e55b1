public import LatencyMetrics
public import Messaging

/// One latency in the three forms that are never mixed up.
public struct LatencyTriple {
    /// From the intended start: safe against coordinated omission. Empty in a closed loop.
    public var response = LatencyHistogram()
    /// From the actual send.
    public var service = LatencyHistogram()
    /// How late the send was.
    public var slip = LatencyHistogram()

    /// Empty histograms.
    public init() {}

    /// Records one event that was due and sent as `header` says and reached its end at `now`.
    mutating func record(_ header: EventHeader, until now: Instant, isOpenLoop: Bool) {
        service.record(now.nanoseconds(since: header.sent))
        guard isOpenLoop else { return }
        response.record(now.nanoseconds(since: header.due))
    }

    /// Adds what another client recorded.
    public mutating func merge(_ other: LatencyTriple) {
        response.merge(other.response)
        service.merge(other.service)
        slip.merge(other.slip)
    }
}
