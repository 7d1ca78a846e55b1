import Histories
import Messaging

extension DeliveryLedger {
    /// Tells `order` of the first deliveries since the last time.
    public mutating func passFirstDeliveries(to order: inout OrderLedger) {
        for delivery in firsts { order.delivered(delivery, to: group) }
        firsts.removeAll(keepingCapacity: true)
    }

    /// `batch[range]` are the next events of one lane, handed out for the first time.
    mutating func noteFirsts(
        _ batch: borrowing Batch<Delivery>,
        in range: Range<Int>,
        consumer: UInt16,
        returned: Int64
    ) {
        let isShared = owners.contains { $0.sharesUntil > .min }
        guard repeatedKeys.isEmpty, !isShared else {
            for index in range { noteFirst(batch[index], consumer: consumer, returned: returned) }
            return
        }
        let count = UInt64(range.count)
        noteFirst(batch[range.lowerBound], count: count, consumer: consumer, returned: returned)
    }

    /// `delivery`, and the `count - 1` events after it, were handed out for the first time.
    mutating func noteFirst(
        _ delivery: Delivery,
        count: UInt64 = 1,
        consumer: UInt16,
        returned: Int64
    ) {
        let header = delivery.header
        guard header.partition == delivery.partition, header.deadLetterReason == 0 else { return }
        firsts.append(
            FirstDeliveries(
                lane: LaneID(
                    producer: header.producer,
                    topic: topic,
                    partition: header.partition
                ),
                n: header.n,
                count: count,
                invoked: delivery.invoked.nanoseconds,
                returned: returned,
                consumer: consumer,
                mayWaitIfBegunBefore: mayWaitIfBegunBefore(delivery)
            )
        )
    }

    /// Whether a broker that keeps the order of keys may have held back this event behind another,
    /// while other keys went on: only if it began to cross before this.
    func mayWaitIfBegunBefore(_ delivery: Delivery) -> Int64 {
        let key = delivery.header.key
        guard key != .none else { return .min }
        if !repeatedKeys.isEmpty, repeatedKeys.contains(key.rawValue) { return .max }
        guard let partition = partitions[delivery.header.partition], partition < owners.count else {
            return .min
        }
        return owners[partition].sharesUntil
    }

    /// Member `consumer` was handed events of a partition, which another may have had before.
    @inline(__always)
    mutating func noteOwner(_ consumer: UInt16, of partition: Int, at returned: Int64) {
        if partition < owners.count, owners[partition].consumer == consumer { return }
        changeOwner(to: consumer, of: partition, at: returned)
    }

    @inline(never)
    private mutating func changeOwner(to consumer: UInt16, of partition: Int, at returned: Int64) {
        while owners.count <= partition { owners.append(PartitionOwner(consumer: .max)) }
        let isFirst = owners[partition].consumer == .max
        owners[partition].consumer = consumer
        guard !isFirst else { return }
        let (end, overflow) = returned.addingReportingOverflow(lease)
        let until = overflow ? Int64.max : end
        owners[partition].sharesUntil = max(owners[partition].sharesUntil, until)
    }

    /// An event of `key` came again.
    mutating func noteRepeated(_ key: EventKey) {
        guard key != .none, rules.ordering != .perKey else { return }
        repeatedKeys.insert(key.rawValue)
    }
}
