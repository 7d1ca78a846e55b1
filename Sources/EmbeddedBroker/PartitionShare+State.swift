internal import Messaging
internal import RingCore

extension PartitionShare.State {
    /// Becomes nobody's, with everything unanswered given back.
    mutating func giveBack(at now: Instant) {
        group.handOver(at: now, events)
        release()
        owner = nil
    }

    /// Goes to `member`, or to nobody yet; what the owner before holds keeps its lease.
    mutating func takeOver(by member: Int?, at now: Instant) {
        group.takeOver(at: now, events)
        release()
        owner = member
    }

    /// The owner has forgotten what it holds.
    mutating func abandon(at now: Instant) {
        group.abandon(at: now, events)
        release()
    }

    /// Claims up to `limit` events into `handOuts`.
    mutating func claim(_ limit: Int, from partition: Partition, at now: Instant) {
        handOuts.removeAll()
        let limit = min(limit, handOuts.capacity)
        if group.claimed < start { _ = skip(below: start) }
        let wanted = partition.oldestWanted
        if group.claimed < wanted { group.countDrops(skip(below: wanted)) }
        // Blocked events do not count as claimed: look a bitmap further when there are any.
        let ahead = group.hasBlockedKeys ? limit &+ LeaseLedger.longestBatch : limit
        let published = events.reader.available(from: group.claimed, max: ahead).upperBound
        group.claim(limit, published: published, at: now, from: events, into: &handOuts)
    }

    /// How many events ahead lines are asked for.
    private static var prefetchDistance: UInt64 { 6 }

    /// Turns `handOuts` into deliveries.
    borrowing func fill(_ deliveries: inout Batch<Delivery>, _ context: DeliveryContext) {
        for index in 0..<handOuts.count {
            let handOut = handOuts[index]
            let location = handOut.slot < 0 ? EventLocation.ring : .shelf(handOut.slot)
            let last = handOut.first &+ UInt64(handOut.count &- 1)
            for offset in handOut.offsets {
                events.prefetch(min(last, offset &+ Self.prefetchDistance))
                // SAFETY: handed out just now, so it lies there until it is settled or moved; all
                // of the delivery is written.
                let slot = unsafe events.slot(offset, at: location)
                let delivery = unsafe deliveries.grow()
                unsafe events.shelved.layout.read(slot, into: delivery)
                unsafe delivery.pointee.receipt = UInt64(handOut.attempt)
                unsafe delivery.pointee.offset = Int64(offset)
                unsafe delivery.pointee.invoked = context.invoked
                unsafe delivery.pointee.attempt = handOut.attempt
                unsafe delivery.pointee.topic = context.topic
                unsafe delivery.pointee.partition = context.partition
                unsafe delivery.pointee.isRedelivered = handOut.attempt > 1
                let isOurs = unsafe slot.load(as: EventHeader.self).run == context.run
                unsafe delivery.pointee.envelope = isOurs ? .intact : .foreign
            }
        }
    }

    /// Settles the first of `settlements[range]`, a run as `endOfRun` makes it, and says how many.
    mutating func settle(
        _ settlements: borrowing Batch<Settlement>,
        in range: Range<Int>,
        at now: Instant,
        into results: inout SettlementQueue
    ) -> Int {
        let first = settlements[range.lowerBound]
        let offset = UInt64(bitPattern: first.offset)
        if first.isPlain {
            let done = group.acknowledge(offset..<offset &+ UInt64(range.count), at: now)
            if done > 0 {
                results.append(done, .settled)
                return done
            }
        }
        results.append(1, settle(first, at: now) ? .settled : .staleReceipt)
        return 1
    }

    /// Gives the ring back what the group needs no more.
    mutating func release() {
        let watermark = group.watermark
        if watermark > events.reader.released { events.reader.release(below: watermark) }
    }

    private mutating func settle(_ settlement: Settlement, at now: Instant) -> Bool {
        let receipt = Receipt(
            offset: UInt64(bitPattern: settlement.offset),
            attempt: UInt32(truncatingIfNeeded: settlement.receipt)
        )
        switch settlement.kind {
        case .ack:
            return group.settle(receipt, .acknowledge, at: now, events)
        case .nack:
            return group.settle(
                receipt,
                .refuse(delay: settlement.nanoseconds),
                at: now,
                events
            )
        case .extend:
            return group.settle(receipt, .extend(by: settlement.nanoseconds), at: now, events)
        case .commit, .deadLetter:
            // Not declared, so nobody may send them; they touch nothing.
            return false
        }
    }

    private mutating func skip(below limit: UInt64) -> Int {
        let distance = Int(clamping: limit &- group.claimed)
        let reached = events.reader.available(from: group.claimed, max: distance).upperBound
        return group.skip(below: reached)
    }
}
