import Histories

/// A chained hash over everything that a group was handed first, in order.
///
/// Two groups with the same chain after the same number of events have seen the same order, however
/// far one was behind the other.
struct OrderChain: Sendable {
    private(set) var count: UInt64 = 0
    private var hash: UInt64 = 0
    private var checkpoints: [UInt64] = []

    private static let stride: UInt64 = 1024
    private static let kept = 1024

    mutating func append(_ delivery: FirstDeliveries) {
        let lane = delivery.lane.packed &* 0xD6E8_FEB8_6659_FD93
        for step in 0..<delivery.count {
            hash = ((hash &<< 5 | hash &>> 59) ^ (delivery.n &+ step) ^ lane)
            hash = hash &* 0x9E37_79B9_7F4A_7C15
            count &+= 1
            if count % Self.stride == 0 { checkpoint() }
        }
    }

    private mutating func checkpoint() {
        let place = Int(truncatingIfNeeded: (count / Self.stride &- 1) % UInt64(Self.kept))
        if place < checkpoints.count {
            checkpoints[place] = hash
        } else {
            checkpoints.append(hash)
        }
    }

    /// After how many events, at the latest that can be told, this chain and `other` were the same.
    func agreement(with other: OrderChain) -> UInt64 {
        if count == other.count, hash == other.hash { return count }
        var checked = min(count, other.count) / Self.stride
        let oldest = max(count, other.count) / Self.stride
        while checked > 0, checked + UInt64(Self.kept) > oldest {
            let place = Int(truncatingIfNeeded: (checked - 1) % UInt64(Self.kept))
            if checkpoints[place] == other.checkpoints[place] { return checked * Self.stride }
            checked -= 1
        }
        return 0
    }
}
