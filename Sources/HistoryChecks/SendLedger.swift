public import Histories
public import Messaging

/// What one producer worker sent, and what became of it.
///
/// One per worker and side. At the boundary a crossing is one event taken by the driver; for the
/// application it is one logical send.
public struct SendLedger: Sendable {
    /// Whose truth it keeps.
    public let side: HistorySide

    /// An empty ledger.
    ///
    /// `isIdempotent` says whether the broker may recognise this worker's repeats.
    public init(side: HistorySide, isIdempotent: Bool = false) {
        self.side = side
    }

    /// Events `n ..< n + count` of `lane` cross, in this order, once each.
    public mutating func crossed(_ lane: LaneID, n: UInt64, count: Int, at now: Instant) {}

    /// One crossing of each of `n ..< n + count` ended with `outcome`.
    ///
    /// `firstOffset` is that of event `n`; the others follow by ones; -1 where none is known.
    public mutating func ended(
        _ lane: LaneID,
        n: UInt64,
        count: Int,
        outcome: CrossingOutcome,
        firstOffset: Int64,
        at now: Instant
    ) {}

    /// A confirmation of a send that had been given up as unknown came after all.
    public mutating func resolvedLate(_ lane: LaneID, n: UInt64, at now: Instant) {}

    /// How many events it has seen cross at least once.
    public var sent: UInt64 { 0 }

    /// How many events have at least one confirmed crossing.
    public var confirmed: UInt64 { 0 }

    /// How many events have no confirmed crossing and at least one with an unknown end.
    public var unresolved: UInt64 { 0 }
}
