package import Messaging

/// Confirmations that wait to be polled: bounded, and neighbours that say the same are merged.
package struct ConfirmationQueue {
    private var entries: [Confirmation]
    private var head = 0
    private var count = 0

    /// A queue of at most `capacity` ranges, a power of two.
    package init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "not a power of two")
        let vacant = Confirmation(
            firstCrossing: 0,
            count: 0,
            outcome: .indeterminate,
            firstOffset: -1
        )
        entries = Array(repeating: vacant, count: capacity)
    }

    /// Whether another range may not fit.
    package var isFull: Bool { count == entries.count }

    /// Adds a range behind the others.
    package mutating func append(_ confirmation: Confirmation) {
        if count > 0 {
            let last = (head &+ count &- 1) & (entries.count &- 1)
            if entries[last].isFollowed(by: confirmation) {
                entries[last].count &+= confirmation.count
                return
            }
        }
        precondition(!isFull, "confirmation queue is full")
        entries[(head &+ count) & (entries.count &- 1)] = confirmation
        count &+= 1
    }

    /// Moves what fits into `batch`.
    package mutating func drain(into batch: inout Batch<Confirmation>) {
        while count > 0, !batch.isFull {
            batch.append(entries[head])
            head = (head &+ 1) & (entries.count &- 1)
            count &-= 1
        }
    }
}

extension Confirmation {
    fileprivate func isFollowed(by next: Confirmation) -> Bool {
        let offsetsFollow =
            firstOffset < 0
            ? next.firstOffset < 0 : next.firstOffset == firstOffset &+ Int64(count)
        return outcome == next.outcome && offsetsFollow
            && next.firstCrossing == firstCrossing &+ UInt64(count)
            && UInt64(count) &+ UInt64(next.count) <= UInt64(UInt32.max)
    }
}
