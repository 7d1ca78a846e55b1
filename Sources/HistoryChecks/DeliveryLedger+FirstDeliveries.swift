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
        guard repeatedKeys.isEmpty else {
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
                isHeld: mayHaveWaited(header.key)
            )
        )
    }

    /// Whether a broker that keeps the order of keys may have held back an event of this one
    /// behind another that had to come again, while other keys went on.
    func mayHaveWaited(_ key: EventKey) -> Bool {
        key != .none && !repeatedKeys.isEmpty && repeatedKeys.contains(key.rawValue)
    }

    /// An event of `key` came again.
    mutating func noteRepeated(_ key: EventKey) {
        guard key != .none, rules.ordering != .perKey else { return }
        repeatedKeys.insert(key.rawValue)
    }
}
