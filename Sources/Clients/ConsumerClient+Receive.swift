import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging
import Synchronization
import Workloads

extension ConsumerClient {
    /// Receives what is at hand and passes it through the deliver site.
    mutating func receive(at now: Instant) throws(DriverFailure) -> Bool {
        deliveries.removeAll()
        let room = min(plan.prefetch - waiting, Self.batchCapacity, answers.room)
        guard room > 0 else { return false }
        try end.receive(into: &deliveries, max: room, at: now)
        guard !deliveries.isEmpty else { return false }
        let condition = verifyBodies()
        let returned = time.now
        let delivered = noteDelivered(condition, returned: returned)
        counts.delivered &+= UInt64(deliveries.count)
        metrics.count(deliveries.count, .delivered)
        let handled =
            canHandleWhole ? handleWhole(condition, delivered, at: returned) : 0
        for index in handled..<deliveries.count {
            enter(deliveries[index], ordinal: delivered.ordinal &+ UInt64(index), at: returned)
        }
        metrics.observe(held: waiting)
        return true
    }

    /// Compares each body with its digest, at once: later the memory may belong to another event.
    private mutating func verifyBodies() -> BatchCondition {
        var condition = BatchCondition()
        let digests = run.digest
        for index in 0..<deliveries.count {
            // SAFETY: used before anything is added to the batch or removed.
            let delivery = unsafe deliveries.address(index)
            if unsafe delivery.pointee.attempt > 1 { condition.hasRepeats = true }
            guard unsafe delivery.pointee.envelope == .intact else {
                condition.isIntact = false
                continue
            }
            // SAFETY: the delivery was received in this call, so its body is still pinned.
            let body = unsafe KeyedHash.digest(ofBody: delivery.pointee.payload.bytes)
            let header = unsafe delivery.pointee.header
            let found = digests.digest(id: header.id, key: header.key, body: body)
            if unsafe found != header.digest
                || Int(header.payloadBytes) != delivery.pointee.payload.count
            {
                deliveries[index].envelope = .corrupted
                condition.isIntact = false
            }
        }
        return condition
    }

    private mutating func noteDelivered(
        _ condition: BatchCondition,
        returned: Instant
    ) -> DeliveredBatch {
        let delivered = group.shared.withLock { shared in
            let delivered = shared.deliveries.delivered(
                deliveries,
                in: 0..<deliveries.count,
                consumer: member,
                returned: returned
            )
            group.order?.note { shared.deliveries.passFirstDeliveries(to: &$0) }
            return delivered
        }
        guard recorder.isFull || condition.hasRepeats else { return delivered }
        for index in 0..<deliveries.count where recorder.isFull || deliveries[index].attempt > 1 {
            if deliveries[index].attempt > 1 { counts.redelivered &+= 1 }
            record(
                .deliver,
                deliveries[index],
                side: .boundary,
                at: returned,
                ordinal: delivered.ordinal &+ UInt64(index)
            )
        }
        return delivered
    }

    /// Whether a received batch can go straight through the handler.
    private var canHandleWhole: Bool {
        deliverFaults == nil && handlerFaults == nil && ackFaults == nil && memberFaults == nil
            && pending.isEmpty && settings.processing == .none && settings.ack == .afterProcessing
            && !recorder.isFull
    }

    /// One delivery on its way to the handler.
    private mutating func enter(_ delivery: Delivery, ordinal: UInt64, at now: Instant) {
        let handed = HandedDelivery(
            delivery: delivery,
            ordinal: ordinal,
            copy: 0,
            arrived: now
        )
        // Without answers, delivery itself settles: that is what at-most-once means.
        if settings.ack == .never {
            answers.append(Settlement(.ack, of: delivery), ordinal: ordinal)
        }
        guard deliverFaults != nil else { return queue(handed, at: now) }
        deliverFaults?.pass(
            handed,
            FaultSubject(inbound: delivery, group: settings.group, member: member),
            at: now,
            lane: Int(delivery.partition),
            copy: { item, number in
                var copied = item
                copied.copy = UInt8(clamping: number)
                return copied
            },
            into: &passedDeliveries
        )
        if passedDeliveries.isEmpty, delivery.attempt <= 1, droppedFirst.count < 1 << 16 {
            droppedFirst.insert(delivery.header.id)
        }
        movePassedDeliveries(at: now)
    }

    /// One more delivery waits for the handler; answered at once where receipt is the answer.
    private mutating func queue(_ handed: HandedDelivery, at now: Instant) {
        var arrived = handed
        arrived.arrived = now
        pending.append(arrived)
        if settings.ack == .onReceive { answer(.ack, arrived, at: now) }
    }

    /// Moves what came through the deliver site to the handler's queue.
    mutating func movePassedDeliveries(at now: Instant) {
        noteStrikes(deliverFaults?.takeStrikes() ?? [], at: now)
        for handed in passedDeliveries { queue(handed, at: now) }
        passedDeliveries.removeAll(keepingCapacity: true)
    }

    /// Lets go what the sites hold back and is due.
    mutating func releaseHeld(at now: Instant) {
        if let release = deliverFaults?.nextRelease, release <= now {
            deliverFaults?.release(at: now, into: &passedDeliveries)
            movePassedDeliveries(at: now)
        }
        if let release = ackFaults?.nextRelease, release <= now {
            ackFaults?.release(at: now, into: &passedAnswers)
        }
        movePassedAnswers(at: now)
    }

    mutating func noteStrikes(_ struck: [FaultStrike], at now: Instant) {
        guard !struck.isEmpty else { return }
        if strikes.count < StrikeLimit.perClient { strikes.append(contentsOf: struck) }
        for strike in struck where recorder.isOn {
            var entry = HistoryRecord(.fault, .info, side: .application, at: now)
            entry.describe(strike.subject.header, topic: strike.subject.topic)
            entry.group = settings.group
            entry.consumer = member
            entry.rule = UInt16(clamping: strike.rule)
            recorder.append(entry)
        }
    }

    mutating func record(
        _ kind: HistoryRecord.Kind,
        _ delivery: Delivery,
        side: HistorySide,
        at now: Instant,
        ordinal: UInt64 = 0,
        nanoseconds: Int64 = 0,
        copy: UInt8 = 0,
        phase: HistoryRecord.Phase = .ok
    ) {
        guard recorder.isOn else { return }
        var entry = HistoryRecord(kind, phase, side: side, at: now)
        entry.describe(delivery.header, topic: delivery.topic)
        entry.group = settings.group
        entry.consumer = member
        entry.partition = delivery.partition
        entry.attempt = delivery.attempt
        entry.isRedelivered = delivery.isRedelivered
        entry.envelope = delivery.envelope
        entry.offset = delivery.offset
        entry.invoked = delivery.invoked
        entry.delivery = ordinal
        entry.nanoseconds = nanoseconds
        entry.copy = copy
        recorder.append(entry)
    }
}

/// What a look at each delivery of a received batch has shown.
struct BatchCondition {
    /// Whether each is what was sent.
    var isIntact = true
    /// Whether some were delivered before.
    var hasRepeats = false
}
