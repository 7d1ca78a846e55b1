package import Messaging

/// Outcomes of settlements that wait to be polled: neighbours that are equal are merged.
///
/// Bounded; at the bound further outcomes are told as one range of `indeterminate`, which is true
/// of whoever never asks.
package struct SettlementQueue {
    private var entries: [SettlementResult]
    private var head = 0
    private var count = 0
    private var next: UInt64 = 0

    /// A queue of at most `capacity` ranges, a power of two of 2 or more.
    package init(capacity: Int) {
        precondition(capacity > 1 && capacity & (capacity - 1) == 0, "not a power of two")
        let vacant = SettlementResult(first: 0, count: 0, outcome: .indeterminate)
        entries = Array(repeating: vacant, count: capacity)
    }

    /// Adds the outcome of the next `added` settlements.
    package mutating func append(_ added: Int, _ outcome: SettlementResult.Outcome) {
        let isLastRoom = count == entries.count &- 1
        let told = isLastRoom || count == entries.count ? .indeterminate : outcome
        defer { next &+= UInt64(added) }
        if count > 0 {
            let last = (head &+ count &- 1) & (entries.count &- 1)
            if entries[last].outcome == told || count == entries.count {
                entries[last].count &+= UInt32(added)
                return
            }
        }
        entries[(head &+ count) & (entries.count &- 1)] = SettlementResult(
            first: next,
            count: UInt32(added),
            outcome: told
        )
        count &+= 1
    }

    /// Moves what fits into `batch`.
    package mutating func drain(into batch: inout Batch<SettlementResult>) {
        while count > 0, !batch.isFull {
            batch.append(entries[head])
            head = (head &+ 1) & (entries.count &- 1)
            count &-= 1
        }
    }
}
