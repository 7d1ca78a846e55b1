import Histories
public import Messaging

/// Everything the broker handed to one group, and what the group answered.
///
/// One per group, fed by whichever worker has something, under the caller's lock. To keep a true
/// justification ahead of what it justifies, feed `settleInvoked`, `crashed` and `closed` *before*
/// the driver is called; feed `delivered` and `settleEnded` after it returned. Bounded: beyond its
/// stores it says *unknown*, never *valid*.
public struct DeliveryLedger: Sendable {
    /// The group's index.
    public let group: UInt16
    /// The index of the topic that the group reads.
    public let topic: UInt16

    let profile: PromiseProfile
    let rules: DeliveryRules
    let lease: Int64
    let checksOrder: Bool
    /// Whether order goes beyond that of a key.
    let watchesOwners: Bool
    /// Whether first deliveries are kept for the order of the topic.
    let checksTotalOrder: Bool

    var index = LaneIndex()
    var lanes: [DeliveryLane] = []
    var partitions: [UInt16: Int] = [:]
    var offsets: [SequenceSet] = []
    var ring: InFlightRing
    /// Deliveries that left the ring before their fate was settled, by ordinal.
    var overflow: [UInt64: DeliveryEntry] = [:]
    var overflowOrdinals: [CopyRef: UInt64] = [:]
    /// No acknowledgement that left the ring was taken later than this.
    var retiredBefore = Int64.min

    var findings = Findings()
    /// What stands only if the event has a single copy.
    var conditional: [Anomaly] = []
    var order = KeyTable()
    var inversions: [Inversion] = []
    var repeatedKeys = RepeatedKeys()
    /// By partition number.
    var owners: [PartitionOwner] = []
    /// First deliveries that the order of the topic has not been told of.
    var firsts: [FirstDeliveries] = []
    var extraCopies: [CopyRef: UInt64] = [:]
    var missingAttempts: [CopyRef: Int64] = [:]
    var deadLetterTimes: [CopyRef: Int64] = [:]
    /// Deliveries whose event an older receipt may have settled, by ordinal.
    var usurped: [UInt64: Usurpation] = [:]
    /// How many acknowledgements came with the receipt of a delivery that a later one had replaced.
    var lateAnswers: UInt64 = 0
    /// The first deliveries that came from another partition than they were sent to.
    var misplaced: [Misplacement] = []
    /// Whether a store was full, and which.
    var exhausted: Set<String> = []

    var foreign: UInt64 = 0
    var strangers: UInt64 = 0
    var repeats: UInt64 = 0
    var answers: UInt64 = 0
    var nacks: UInt64 = 0
    /// How often something may have swallowed deliveries.
    var losses: UInt64 = 0
    /// Whether a member has left: what it held or was on its way to it comes to others.
    var hasDepartures = false

    /// Entries in each of the bounded stores.
    static let storeLimit = 1 << 20

    /// An empty ledger of `group`, which reads `topic`.
    public init(group: UInt16, topic: UInt16, profile: PromiseProfile, rules: DeliveryRules) {
        self.group = group
        self.topic = topic
        self.profile = profile
        self.rules = rules
        lease = rules.leaseNanoseconds ?? .max
        checksOrder = rules.ordering != .none
        watchesOwners = rules.ordering == .total || rules.ordering == .perProducer
        checksTotalOrder = rules.ordering == .total
        ring = InFlightRing(capacity: rules.inFlightCapacity)
        // An event that is given up at its first delivery holds its key back and leaves no trace.
        if rules.maxDeliveries == 1 { repeatedKeys.insertEvery() }
    }

    /// How many deliveries there were.
    public var count: UInt64 { ring.next }

    /// How many different events were delivered.
    public var distinct: UInt64 { lanes.reduce(0) { $0 + $1.delivered.count } }

    /// How many deliveries belonged to another run.
    public var foreignCount: UInt64 { foreign }

    /// How many deliveries were of a stored copy that had been delivered before.
    public var redelivered: UInt64 { repeats }

    /// The broker handed `batch[range]` to member `consumer`, by a call that returned at
    /// `returned`.
    ///
    /// The ordinals of the deliveries follow by ones.
    @discardableResult
    public mutating func delivered(
        _ batch: borrowing Batch<Delivery>,
        in range: Range<Int>,
        consumer: UInt16,
        returned: Instant
    ) -> DeliveredBatch {
        let first = ring.next
        let returned = returned.nanoseconds
        var position = range.lowerBound
        var isRun = false
        while position < range.upperBound {
            let rest = position..<range.upperBound
            let accepted = acceptRun(batch, in: rest, consumer: consumer, returned: returned)
            if accepted == range.count { isRun = true }
            position &+= accepted
            guard accepted == 0 else { continue }
            accept(batch[position], consumer: consumer, returned: returned)
            position &+= 1
        }
        return DeliveredBatch(ordinal: first, isRun: isRun)
    }

    /// The broker handed a single delivery to member `consumer`, by a call that returned at
    /// `returned`.
    ///
    /// Returns its ordinal.
    mutating func delivered(
        _ delivery: Delivery,
        consumer: UInt16,
        returned: Instant
    ) -> UInt64 {
        accept(delivery, consumer: consumer, returned: returned.nanoseconds)
        return ring.next &- 1
    }

    /// Takes the first of `batch[range]` together, as far as they are the next events of one lane,
    /// and says how many: 0 if even the first is anything else.
    private mutating func acceptRun(
        _ batch: borrowing Batch<Delivery>,
        in range: Range<Int>,
        consumer: UInt16,
        returned: Int64
    ) -> Int {
        let first = batch[range.lowerBound]
        guard isPlain(first) else { return 0 }
        let n = first.header.n
        let lane = laneNumber(producer: first.header.producer, partition: first.header.partition)
        let partition = lanes[lane].partition
        guard !lanes[lane].delivered.hasHoles, lanes[lane].delivered.isNext(n),
            first.offset < 0 || offsets[partition].isNext(UInt64(bitPattern: first.offset))
        else { return 0 }
        let end = batch.endOfRun(from: range.lowerBound, below: range.upperBound)
        let accepted = ring.appendRun(
            entry(first, lane: lane, consumer: consumer, returned: returned),
            count: end &- range.lowerBound,
            retired: &retiredBefore
        )
        _ = lanes[lane].delivered.insertNext(n, count: UInt64(accepted))
        if watchesOwners { noteOwner(consumer, of: partition, at: returned) }
        if checksTotalOrder {
            let firstOnes = range.lowerBound..<range.lowerBound &+ accepted
            noteFirsts(batch, in: firstOnes, consumer: consumer, returned: returned)
        }
        guard first.offset >= 0 else { return accepted }
        let offset = UInt64(bitPattern: first.offset)
        _ = offsets[partition].insertNext(offset, count: UInt64(accepted))
        return accepted
    }

    @inline(__always)
    private func isPlain(_ delivery: Delivery) -> Bool {
        delivery.envelope == .intact && delivery.topic == topic && delivery.attempt <= 1
            && delivery.header.partition == delivery.partition
            && delivery.header.deadLetterReason == 0
    }

    @inline(__always)
    private mutating func accept(_ delivery: Delivery, consumer: UInt16, returned: Int64) {
        let header = delivery.header
        if ring.evictedFate != .closed { retire() }
        guard delivery.envelope == .intact, delivery.topic == topic,
            header.partition == delivery.partition, header.deadLetterReason == 0
        else {
            acceptOdd(delivery, consumer: consumer, returned: returned)
            return
        }
        let lane = laneNumber(producer: header.producer, partition: header.partition)
        let partition = lanes[lane].partition
        let isInOrder = lanes[lane].delivered.insertWithoutHoles(header.n)
        let isNextOffset =
            delivery.offset < 0
            || isInOrder
                && offsets[partition].insertNext(UInt64(bitPattern: delivery.offset))
        if !(isInOrder && isNextOffset && delivery.attempt <= 1) {
            acceptIrregular(
                delivery,
                lane: lane,
                knowsN: isInOrder,
                knowsOffset: isNextOffset,
                consumer: consumer,
                returned: returned
            )
            return
        }
        ring.append(entry(delivery, lane: lane, consumer: consumer, returned: returned))
        if watchesOwners { noteOwner(consumer, of: partition, at: returned) }
        if checksTotalOrder { noteFirst(delivery, consumer: consumer, returned: returned) }
    }

    @inline(__always)
    func entry(
        _ delivery: Delivery,
        lane: Int,
        consumer: UInt16,
        returned: Int64
    ) -> DeliveryEntry {
        let invoked = delivery.invoked.nanoseconds
        let (end, overflow) = invoked.addingReportingOverflow(lease)
        return DeliveryEntry(
            n: delivery.header.n,
            offset: delivery.offset,
            invoked: invoked,
            returned: returned,
            answerInvoked: 0,
            answerEnded: 0,
            leaseEnd: overflow ? .max : end,
            delay: 0,
            extendedEnd: 0,
            lane: UInt32(truncatingIfNeeded: lane),
            attempt: delivery.attempt,
            previous: 0,
            consumer: consumer,
            fate: .open,
            isRedelivered: delivery.isRedelivered
        )
    }

    @inline(__always)
    mutating func laneNumber(producer: UInt16, partition: UInt16) -> Int {
        let lane = LaneID(producer: producer, topic: topic, partition: partition)
        let (number, isNew) = index.findOrAdd(lane)
        if isNew { lanes.append(DeliveryLane(partition: partitionNumber(partition))) }
        return number
    }

    mutating func partitionNumber(_ partition: UInt16) -> Int {
        if let known = partitions[partition] { return known }
        partitions[partition] = offsets.count
        offsets.append(SequenceSet())
        return offsets.count - 1
    }

    /// Takes the entry that the ring is about to overwrite into the slower stores.
    @inline(__always)
    private mutating func retire() {
        let entry = ring[ring.evictedOrdinal]
        switch entry.fate {
        case .closed: break
        case .acked, .deadLettered: retiredBefore = max(retiredBefore, entry.answerEnded)
        default: retireUnsettled(entry)
        }
    }

    @inline(never)
    private mutating func retireUnsettled(_ entry: DeliveryEntry) {
        // From here on it stands in one place only: its repetition may be what takes its slot.
        ring[ring.evictedOrdinal].fate = .closed
        if entry.fate == .unclear {
            lanes[Int(entry.lane)].unclear.insert(entry.n..<entry.n + 1)
        } else if overflow.count < Self.storeLimit {
            overflow[ring.evictedOrdinal] = entry
            overflowOrdinals[copy(of: entry)] = ring.evictedOrdinal
        } else {
            exhausted.insert("unanswered deliveries")
        }
    }

    func copy(of entry: DeliveryEntry) -> CopyRef {
        CopyRef(lane: entry.lane, n: entry.n, offset: entry.offset)
    }
}
