import DequeModule
import Messaging

/// Knows which request has waited too long for its reply.
///
/// Counts only time in which somebody listened: a gap between two visits counts as a fifth of the
/// limit at most, so that a broker is not blamed because Gyre itself stood still.
struct Patience {
    /// How long a reply may take, in nanoseconds.
    let limit: Int64

    private var listened: Int64 = 0
    private var lastVisit: Instant?
    private var awaited = Deque<(id: UInt64, since: Int64)>()
    private var stalledSince: Int64?

    /// Makes one that waits for `limit` nanoseconds.
    init(limit: Int64) {
        self.limit = limit
    }

    /// Somebody is about to listen.
    mutating func visit(at now: Instant) {
        let last = lastVisit ?? now
        listened += min(max(0, now.nanoseconds(since: last)), limit / 5)
        lastVisit = max(last, now)
    }

    /// Request `id` has been written as a whole.
    mutating func expectReply(to id: UInt64) {
        awaited.append((id, listened))
    }

    /// Says whether the broker takes in what is written.
    mutating func noteWriting(isStalled: Bool) {
        stalledSince = isStalled ? stalledSince ?? listened : nil
    }

    /// The oldest request that was written too long ago and `isPending`.
    mutating func overdue(isPending: (UInt64) -> Bool) -> UInt64? {
        while let oldest = awaited.first {
            guard !isPending(oldest.id) else {
                return listened - oldest.since > limit ? oldest.id : nil
            }
            awaited.removeFirst()
        }
        return nil
    }

    /// Whether the broker has not taken in anything for too long.
    var hasStalled: Bool {
        stalledSince.map { listened - $0 > limit } ?? false
    }
}
