import Histories

/// Consecutive events of one lane that a group was handed for the first time, in one reply.
struct FirstDeliveries: Sendable {
    var lane: LaneID
    /// The lane's number in the ledger of its partition's order.
    var laneNumber = 0
    var n: UInt64
    var count: UInt64
    /// When they were asked for.
    var invoked: Int64
    /// When the reply was there.
    var returned: Int64
    var consumer: UInt16
    /// If they began to cross before this, they may rightly come late, held back behind an earlier
    /// event of their key: one that came again, or that a member held which lost the partition.
    var mayWaitIfBegunBefore: Int64
}

/// Which member is handed a partition's events.
struct PartitionOwner: Sendable {
    var consumer: UInt16
    /// Until then a member that had the partition before may hold events that block their keys.
    var sharesUntil = Int64.min
}

/// The keys of which an event came again, so that later ones may have had to wait behind it.
struct RepeatedKeys: Sendable {
    private var keys: Set<UInt64> = []
    private static let limit = 1 << 20

    /// Whether every key is taken for repeated, because there were too many to remember.
    private(set) var isEvery = false

    var isEmpty: Bool { keys.isEmpty && !isEvery }

    func contains(_ key: UInt64) -> Bool { isEvery || keys.contains(key) }

    mutating func insert(_ key: UInt64) {
        if keys.count < Self.limit {
            keys.insert(key)
        } else {
            isEvery = true
        }
    }

    /// Takes every key for repeated from now on.
    mutating func insertEvery() { isEvery = true }
}
