public import Histories
public import Messaging

/// What is needed to tell whether everybody saw the events of one topic in one order, the order in
/// which they were sent.
///
/// One per topic, fed by the producers at the boundary and by the groups that read the topic,
/// under the caller's lock. Crossings and deliveries may be fed in any order as long as each
/// member's own deliveries come in theirs. Bounded: what it forgets makes the verdict *unknown*.
public struct OrderLedger: Sendable {
    /// The topic's index.
    public let topic: UInt16

    private let error: Int64
    private let capacity: Int
    private var numbers: [UInt16: Int] = [:]
    private(set) var partitions: [PartitionOrder] = []

    /// An empty ledger of `topic`; time stamps of different threads may be wrong by
    /// `clockErrorNanoseconds`.
    public init(topic: UInt16, clockErrorNanoseconds: Int64 = 0) {
        self.init(topic: topic, clockErrorNanoseconds: clockErrorNanoseconds, capacity: 1 << 16)
    }

    /// A ledger that keeps `capacity` runs of each lane.
    init(topic: UInt16, clockErrorNanoseconds: Int64, capacity: Int) {
        self.topic = topic
        self.capacity = capacity
        error = clockErrorNanoseconds
    }

    /// Events `n ..< n + count` of `lane` cross, once each.
    public mutating func crossed(_ lane: LaneID, n: UInt64, count: Int, at now: Instant) {
        let partition = number(of: lane.partition)
        partitions[partition].crossed(lane, n..<n + UInt64(count), at: now.nanoseconds)
    }

    /// One crossing of each of `n ..< n + count` ended with `outcome`, at the latest at `now`.
    public mutating func ended(
        _ lane: LaneID,
        n: UInt64,
        count: Int,
        outcome: CrossingOutcome,
        at now: Instant
    ) {
        let partition = number(of: lane.partition)
        partitions[partition].ended(lane, n..<n + UInt64(count), outcome, at: now.nanoseconds)
    }

    /// The group was handed these for the first time.
    mutating func delivered(_ delivery: FirstDeliveries, to group: UInt16) {
        partitions[number(of: delivery.lane.partition)].delivered(delivery, to: group)
    }

    /// Forgets what was handed out; what crossed stays.
    mutating func forgetDeliveries() {
        for index in partitions.indices { partitions[index].forgetDeliveries() }
    }

    /// The ledger after everything was fed: what still waits is judged without more.
    func finished() -> OrderLedger {
        var finished = self
        for index in finished.partitions.indices { finished.partitions[index].finish() }
        return finished
    }

    private mutating func number(of partition: UInt16) -> Int {
        if let known = numbers[partition] { return known }
        numbers[partition] = partitions.count
        partitions.append(PartitionOrder(error: error, capacity: capacity))
        return partitions.count - 1
    }
}

/// The order of one partition.
struct PartitionOrder: Sendable {
    /// What one group has seen of it.
    struct GroupView: Sendable {
        let group: UInt16
        /// Against the order in which events were sent.
        var realTime: OrderWatch
        /// Against the order that the leading group saw.
        var agreement: OrderWatch
        var chain = OrderChain()
    }

    private let error: Int64
    private let capacity: Int
    private var laneNumbers: [UInt16: Int] = [:]
    private var crossings: [CrossingTimes] = []
    private var agreed: AgreedOrder
    /// The groups; the first to be handed anything leads.
    private(set) var views: [GroupView] = []

    init(error: Int64, capacity: Int) {
        self.error = error
        self.capacity = capacity
        agreed = AgreedOrder(error: error, capacity: capacity)
    }

    /// Whether crossings were forgotten that were not the oldest.
    var isExhausted: Bool { crossings.contains(where: \.isExhausted) }

    mutating func crossed(_ lane: LaneID, _ range: Range<UInt64>, at time: Int64) {
        crossings[number(of: lane)].crossed(range, at: time)
    }

    mutating func ended(
        _ lane: LaneID,
        _ range: Range<UInt64>,
        _ outcome: CrossingOutcome,
        at time: Int64
    ) {
        crossings[number(of: lane)].ended(range, outcome, at: time)
    }

    mutating func delivered(_ delivery: FirstDeliveries, to group: UInt16) {
        var delivery = delivery
        delivery.laneNumber = number(of: delivery.lane)
        let view = viewNumber(group)
        views[view].chain.append(delivery)
        let through = views[view].chain.count
        views[view].realTime.append(delivery, through: through)
        if view == 0 {
            let times = crossings[delivery.laneNumber]
            agreed.place(delivery, isHeld: times.mayHaveWaited(delivery))
        } else {
            views[view].agreement.append(delivery, through: through)
        }
        settle(view, isComing: true)
    }

    mutating func forgetDeliveries() {
        views = []
        agreed = AgreedOrder(error: error, capacity: capacity)
        for _ in crossings { agreed.addLane() }
    }

    mutating func finish() {
        for view in views.indices { settle(view, isComing: false) }
    }

    private mutating func settle(_ view: Int, isComing: Bool) {
        let (crossings, agreed, error) = (crossings, agreed, error)
        views[view].realTime.settle(isComing: isComing) { delivery in
            crossings[delivery.laneNumber].place(of: delivery, error)
        }
        guard view > 0 else { return }
        views[view].agreement.settle(isComing: isComing) { delivery in
            let times = crossings[delivery.laneNumber]
            // Which of its stored copies a group saw first says nothing of the order.
            if times.isIrregular(delivery.n) { return .unplaced }
            guard !times.mayHaveWaited(delivery) else {
                return agreed.place(of: delivery, most: 1).withoutLow
            }
            return agreed.place(of: delivery, most: times.hasIrregular ? 1 : delivery.count)
        }
    }

    private mutating func number(of lane: LaneID) -> Int {
        if let known = laneNumbers[lane.producer] { return known }
        laneNumbers[lane.producer] = crossings.count
        crossings.append(CrossingTimes(capacity: capacity))
        agreed.addLane()
        return crossings.count - 1
    }

    private mutating func viewNumber(_ group: UInt16) -> Int {
        if let known = views.firstIndex(where: { $0.group == group }) { return known }
        views.append(
            GroupView(
                group: group,
                realTime: OrderWatch(error: error),
                agreement: OrderWatch(error: error)
            )
        )
        return views.count - 1
    }
}

extension CrossingTimes {
    /// Whether the first of `delivery` may have been held back behind its key.
    fileprivate func mayHaveWaited(_ delivery: FirstDeliveries) -> Bool {
        guard delivery.mayWaitIfBegunBefore > .min else { return false }
        guard case .times(let times, _) = known(delivery.n) else { return true }
        return times.began < delivery.mayWaitIfBegunBefore
    }

    /// The place of `delivery` in real time: it was surely stored at one moment; whatever began to
    /// cross only later belongs behind it.
    fileprivate func place(of delivery: FirstDeliveries, _ error: Int64) -> OrderWatch.Place {
        switch known(delivery.n) {
        case .notYet: return .pending(high: nil, count: 1, isMissed: true)
        case .forgotten: return .forgotten(count: 1)
        case .times(let times, let end):
            let count = min(delivery.count, end - delivery.n)
            if times.isOpen { return .pending(high: times.began, count: count, isMissed: false) }
            let mayWait = times.began < delivery.mayWaitIfBegunBefore
            let stored = mayWait ? nil : times.surelyStored.map { $0 &+ error }
            return .known(low: stored, high: times.began, step: 0, count: count)
        }
    }
}

extension OrderWatch.Place {
    /// One event that has no place in the order.
    fileprivate static var unplaced: Self { .known(low: nil, high: nil, step: 0, count: 1) }

    /// The same, but itself not to be judged.
    fileprivate var withoutLow: Self {
        guard case .known(_, let high, let step, let count) = self else { return self }
        return .known(low: nil, high: high, step: step, count: count)
    }
}
