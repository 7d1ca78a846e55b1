import Messaging

/// What a delivery ledger says of a batch.
public struct DeliveredBatch: Sendable {
    /// The ordinal of the first delivery; the others follow by ones.
    public var ordinal: UInt64
    /// Whether they are the next events of one lane, one after another.
    public var isRun: Bool
}

/// One lane of a delivery ledger.
struct DeliveryLane: Sendable {
    /// The events delivered at least once.
    var delivered = SequenceSet()
    /// Number of the lane's partition among those of the ledger.
    var partition: Int
    /// Events whose answer nobody knows and that are no longer in the fast store.
    var unclear = IntervalSet()
    /// Events that went to the dead letters.
    var deadLetters = IntervalSet()
}

/// One stored copy of an event, by lane number and offset; offset -1 where none is shown.
struct CopyRef: Hashable, Sendable {
    var lane: UInt32
    var n: UInt64
    var offset: Int64
}

/// An event of one partition that was delivered from another.
struct Misplacement: Sendable {
    var lane: Int
    var n: UInt64
    var partition: UInt16

    /// How many a ledger keeps.
    static let limit = 1 << 10
}

/// Two events of one key whose first deliveries came the other way round.
struct Inversion: Sendable {
    var lane: Int
    var key: EventKey
    var earlier: UInt64
    var later: UInt64
}
