import Messaging

/// Events that were due and sent at the same moments, and so have one latency: recorded in one go.
///
/// In a closed loop a whole batch is one run.
struct LatencyRun: BitwiseCopyable {
    private(set) var due = Instant.zero
    private(set) var sent = Instant.zero
    private(set) var count = 0

    init() {}

    init(_ header: EventHeader, count: Int = 1) {
        due = header.due
        sent = header.sent
        self.count = count
    }

    /// Takes the event in if its moments are those of the run.
    @inline(__always)
    mutating func extends(_ header: EventHeader) -> Bool {
        guard count > 0, header.due == due, header.sent == sent else { return false }
        count &+= 1
        return true
    }
}

extension EventHeader {
    /// Whether the event was due and sent when `other` was.
    @inline(__always)
    func hasMoments(of other: EventHeader) -> Bool {
        // One test for both, where a test each would cost a branch each.
        (due.nanoseconds ^ other.due.nanoseconds) | (sent.nanoseconds ^ other.sent.nanoseconds) == 0
    }
}
