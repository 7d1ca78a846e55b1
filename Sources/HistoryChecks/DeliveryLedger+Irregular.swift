import Histories
import Messaging

extension DeliveryLedger {
    /// A delivery whose envelope or address is not what it should be.
    @inline(never)
    mutating func acceptOdd(_ delivery: Delivery, consumer: UInt16, returned: Int64) {
        let header = delivery.header
        if delivery.envelope == .foreign || delivery.envelope == .unrecognised {
            if delivery.envelope == .foreign { foreign += 1 }
            if delivery.envelope == .unrecognised {
                strangers += 1
                report(.a1, "unexpected", nil, "a delivery without this run's metadata")
            }
            return ring.append(.none)
        }
        if header.deadLetterReason != 0, header.producer == header.id.producer {
            // The broker's own dead letter: its lane is that of the topic it came from.
            return ring.append(.none)
        }
        guard delivery.topic == topic else {
            report(.a38, "misrouted", delivery, "arrived from topic number \(delivery.topic)")
            return ring.append(.none)
        }
        let lane = laneNumber(producer: header.producer, partition: header.partition)
        if header.partition != delivery.partition { noteMisplaced(delivery, lane: lane) }
        if delivery.envelope == .corrupted {
            report(.a2, "corrupted", delivery, "the digest differs from what crossed")
        }
        acceptIrregular(
            delivery,
            lane: lane,
            knowsN: false,
            knowsOffset: false,
            consumer: consumer,
            returned: returned
        )
    }

    private mutating func noteMisplaced(_ delivery: Delivery, lane: Int) {
        let (sent, found) = (delivery.header.partition, delivery.partition)
        report(.a38, "misrouted", delivery, "sent to partition \(sent), arrived from \(found)")
        guard misplaced.count < Misplacement.limit else { return }
        misplaced.append(Misplacement(lane: lane, n: delivery.header.n, partition: found))
    }

    /// A delivery that is not simply the next first one of its lane.
    ///
    /// `knowsN` and `knowsOffset` say that number and offset have been added, and were new.
    @inline(never)
    mutating func acceptIrregular(
        _ delivery: Delivery,
        lane: Int,
        knowsN: Bool,
        knowsOffset: Bool,
        consumer: UInt16,
        returned: Int64
    ) {
        let n = delivery.header.n
        let isNew = knowsN || lanes[lane].delivered.insert(n)
        var isNewCopy = isNew
        if delivery.offset >= 0 {
            let partition = partitionNumber(delivery.partition)
            let offset = UInt64(bitPattern: delivery.offset)
            isNewCopy = knowsOffset || offsets[partition].insert(offset)
        }
        var current = entry(delivery, lane: lane, consumer: consumer, returned: returned)
        if current.attempt == Delivery.notACount {
            report(.a21, "impossible-attempt", delivery, "its attempt is none that counts from 1")
            current.attempt = 0
        }
        if let limit = rules.maxDeliveries, current.attempt > limit {
            report(.a21, "over-retry", delivery, "attempt \(current.attempt) of at most \(limit)")
        }
        checkDeadLettered(current, delivery)
        if checksOrder, !isNew || current.attempt > 1 { noteRepeated(delivery.header.key) }
        if watchesOwners { noteOwner(consumer, of: lanes[lane].partition, at: returned) }
        switch (isNew, isNewCopy) {
        case (true, true): firstDelivery(delivery, current)
        case (true, false):
            report(
                .a14,
                "inconsistent-offsets",
                delivery,
                "offset \(delivery.offset) held another event before"
            )
        case (false, true): extraCopy(current)
        case (false, false): repeated(delivery, &current)
        }
        ring.append(current)
    }

    private mutating func firstDelivery(_ delivery: Delivery, _ entry: DeliveryEntry) {
        // What was handed out before and never seen is no first delivery, in whatever order.
        if entry.attempt > 1 { return noteMissingAttempts(entry, Int64(entry.attempt) - 1) }
        guard checksOrder else { return }
        if checksTotalOrder, !entry.isRedelivered {
            noteFirst(delivery, consumer: entry.consumer, returned: entry.returned)
        }
        let key = rules.ordering == .perKey ? delivery.header.key : .none
        guard key != .none || rules.ordering != .perKey else { return }
        let mayWait = watchesOwners && mayWaitIfBegunBefore(delivery) > .min
        noteOrder(entry, key: key, mayWait: mayWait)
    }

    /// Notes the delivery for its key, and whether a later event of the key came surely earlier.
    ///
    /// Only called while the lane has holes, or has just lost its last one: without a hole below
    /// it no later delivery can invert this one.
    private mutating func noteOrder(_ entry: DeliveryEntry, key: EventKey, mayWait: Bool) {
        guard let (place, isNew) = order.findOrAdd(lane: entry.lane, key: key.rawValue) else {
            exhausted.insert("keys under watch")
            return
        }
        guard !isNew, entry.n < order[place].n else {
            return order[place].advance(to: entry, isNew: isNew)
        }
        guard !mayWait,
            let later = order[place].later(before: entry, rules.clockErrorNanoseconds)
        else {
            findings.undecided[.a11, default: 0] += 1
            return
        }
        if inversions.count < Self.storeLimit {
            inversions.append(
                Inversion(lane: Int(entry.lane), key: key, earlier: entry.n, later: later)
            )
        } else {
            exhausted.insert("order inversions")
        }
    }

    private mutating func extraCopy(_ entry: DeliveryEntry) {
        if lanes[Int(entry.lane)].delivered.isExhausted { return }
        let event = CopyRef(lane: entry.lane, n: entry.n, offset: -1)
        guard extraCopies.count < Self.storeLimit || extraCopies[event] != nil else {
            exhausted.insert("stored duplicates")
            return
        }
        extraCopies[event, default: 0] += 1
        if entry.attempt > 1 { noteMissingAttempts(entry, Int64(entry.attempt) - 1) }
    }

    mutating func noteMissingAttempts(_ entry: DeliveryEntry, _ change: Int64) {
        // Those who left may have taken attempts along.
        if hasDepartures, change > 0 {
            findings.undecided[.a21, default: 0] += 1
            return
        }
        let copy = copy(of: entry)
        guard missingAttempts.count < Self.storeLimit || missingAttempts[copy] != nil else {
            exhausted.insert("skipped attempts")
            return
        }
        let sum = missingAttempts[copy, default: 0] + change
        missingAttempts[copy] = sum == 0 ? nil : sum
    }

    private mutating func checkDeadLettered(_ entry: DeliveryEntry, _ delivery: Delivery) {
        let event = CopyRef(lane: entry.lane, n: entry.n, offset: -1)
        guard !deadLetterTimes.isEmpty, let time = deadLetterTimes[event],
            time &+ rules.clockErrorNanoseconds < entry.invoked
        else { return }
        // A dead letter does not say which stored copy it was.
        suspect(
            .a21,
            "delivered-after-dead-letter",
            delivery,
            entry,
            "it was dead-lettered before",
            showsCopy: false
        )
    }

    /// Reports what is certain.
    mutating func report(
        _ guarantee: Guarantee,
        _ name: String,
        _ delivery: Delivery?,
        _ detail: String
    ) {
        findings.add(anomaly(guarantee, name, delivery, detail))
    }

    /// Reports what is certain if the offset shows the copy, else what more copies could explain.
    mutating func suspect(
        _ guarantee: Guarantee,
        _ name: String,
        _ delivery: Delivery,
        _ entry: DeliveryEntry,
        _ detail: String,
        showsCopy: Bool = true
    ) {
        let anomaly = anomaly(guarantee, name, delivery, detail)
        guard entry.offset < 0 || !showsCopy else { return findings.add(anomaly) }
        guard conditional.count < Self.storeLimit else {
            exhausted.insert("suspicious redeliveries")
            return
        }
        conditional.append(anomaly)
    }

    private func anomaly(
        _ guarantee: Guarantee,
        _ name: String,
        _ delivery: Delivery?,
        _ detail: String
    ) -> Anomaly {
        Anomaly(
            guarantee,
            name,
            side: .boundary,
            blame: .broker,
            lane: delivery.map {
                LaneID(
                    producer: $0.header.producer,
                    topic: $0.topic,
                    partition: $0.header.partition
                )
            },
            group: group,
            key: delivery?.header.key ?? .none,
            n: delivery?.header.n ?? 0,
            detail: detail
        )
    }
}

extension KeyTable.Slot {
    /// Takes in a delivery with a higher number than any before.
    fileprivate mutating func advance(to entry: DeliveryEntry, isNew: Bool) {
        if !isNew {
            olderN = n
            olderTime = time
            olderConsumer = consumer
        }
        n = entry.n
        time = entry.returned
        consumer = entry.consumer
    }

    /// The number of a later event that was surely delivered before `entry`, if there is one.
    ///
    /// A member receives one reply after another and reads each from its front, so what it was
    /// handed needs no clock; what two members were handed does.
    fileprivate func later(before entry: DeliveryEntry, _ error: Int64) -> UInt64? {
        if consumer == entry.consumer || time &+ error < entry.invoked { return n }
        guard olderTime != .max, olderN > entry.n else { return nil }
        return olderConsumer == entry.consumer || olderTime &+ error < entry.invoked ? olderN : nil
    }
}
