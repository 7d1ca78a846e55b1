/// The order in which the leading group was handed the events of a partition.
struct AgreedOrder: Sendable {
    /// Per lane, by how much an event's position is ahead of its number; `nil` where the leading
    /// group was handed it at no certain position.
    private var shifts: [RunList<Int64?>] = []
    private var next: Int64 = 0
    private var returned: [(consumer: UInt16, at: Int64)] = []
    private let error: Int64

    private let capacity: Int

    init(error: Int64, capacity: Int) {
        self.error = error
        self.capacity = capacity
    }

    mutating func addLane() { shifts.append(RunList(capacity: capacity)) }

    /// Gives the events of `delivery`, the leading group's next, the next positions.
    mutating func place(_ delivery: FirstDeliveries, isHeld: Bool) {
        let isCertain = note(delivery) && !isHeld
        let shift = next &- Int64(bitPattern: delivery.n)
        let range = delivery.n..<delivery.n + delivery.count
        shifts[delivery.laneNumber].insert(range, isCertain ? shift : nil)
        next &+= Int64(bitPattern: delivery.count)
    }

    /// What the order says of the first of `delivery`, `most` at most.
    func place(of delivery: FirstDeliveries, most: UInt64) -> OrderWatch.Place {
        let lane = shifts[delivery.laneNumber]
        guard let (shift, end) = lane.find(delivery.n) else {
            guard delivery.n >= lane.forgottenBelow else { return .forgotten(count: 1) }
            // What the leading group has passed over may be lost to it, and is no blind spot.
            let isMissed = delivery.n >= lane.reached
            return .pending(high: nil, count: 1, isMissed: isMissed)
        }
        let count = min(most, delivery.count, end - delivery.n)
        guard let shift else { return .known(low: nil, high: nil, step: 1, count: count) }
        let low = Int64(bitPattern: delivery.n) &+ shift
        return .known(low: low, high: low + Int64(count) - 1, step: 1, count: count)
    }

    /// Whether what the other members of the leading group had was there before this was asked for.
    private mutating func note(_ delivery: FirstDeliveries) -> Bool {
        var isAfter = true
        var isNew = true
        for index in returned.indices {
            if returned[index].consumer == delivery.consumer {
                returned[index].at = delivery.returned
                isNew = false
            } else if returned[index].at &+ error >= delivery.invoked {
                isAfter = false
            }
        }
        if isNew { returned.append((delivery.consumer, delivery.returned)) }
        return isAfter
    }
}
