import DequeModule
import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging
import Synchronization
import Workloads

extension ConsumerClient {
    /// The common case: a batch that nothing interferes with takes effect and is answered whole.
    ///
    /// Says how many deliveries from the front: fewer than all when the inbox knows the next.
    mutating func handleWhole(
        _ condition: BatchCondition,
        _ delivered: DeliveredBatch,
        at now: Instant
    ) -> Int {
        let count = deliveries.count
        guard !condition.isIntact else { return applyWhole(0..<count, delivered, at: now) }
        var first = 0
        for index in 0...count {
            if index < count, deliveries[index].envelope == .intact { continue }
            if first < index {
                let applied = applyWhole(first..<index, delivered, at: now)
                guard first &+ applied == index else { return first &+ applied }
            }
            first = index + 1
            guard index < count else { break }
            let ordinal = delivered.ordinal &+ UInt64(index)
            let damaged = HandedDelivery(
                delivery: deliveries[index],
                ordinal: ordinal,
                copy: 0,
                arrived: now
            )
            reject(damaged, at: now)
        }
        return count
    }

    /// Lets the first of `deliveries[range]` take effect and answers them, as far as the inbox
    /// knows none, and says how many.
    private mutating func applyWhole(
        _ range: Range<Int>,
        _ delivered: DeliveredBatch,
        at now: Instant
    ) -> Int {
        let digest = run.digest
        // In one hold of the lock: effect and mark commit together.
        let (count, sum) = group.shared.withLock { shared in
            var sum = StateDigest()
            let count = shared.inbox?.markNew(deliveries, in: range, at: now) ?? range.count
            let taken = range.lowerBound..<range.lowerBound &+ count
            for index in taken {
                let header = deliveries[index].header
                sum.add(id: header.id, key: header.key, hash: digest)
            }
            shared.effects.tookEffect(
                deliveries,
                in: taken,
                isRun: delivered.isRun,
                sum: sum,
                at: now
            )
            return (count, sum)
        }
        guard count > 0 else { return 0 }
        let taken = range.lowerBound..<range.lowerBound &+ count
        let ordinal = delivered.ordinal &+ UInt64(truncatingIfNeeded: range.lowerBound)
        answers.acknowledge(deliveries, in: taken, ordinal: ordinal)
        state.add(sum)
        noteLatencies(taken, at: now)
        counts.handled &+= UInt64(count)
        counts.applied &+= UInt64(count)
        metrics.count(count, .applied)
        return count
    }

    /// The latencies of `deliveries[range]`, which took effect now, by runs that have the same.
    private mutating func noteLatencies(_ range: Range<Int>, at now: Instant) {
        var index = range.lowerBound
        while index < range.upperBound {
            let first = index
            let isFirst = deliveries[first].attempt <= 1
            let header = deliveries[first].header
            index &+= 1
            while index < range.upperBound, (deliveries[index].attempt <= 1) == isFirst,
                deliveries[index].header.hasMoments(of: header)
            {
                index &+= 1
            }
            let latency = LatencyRun(header, count: index &- first)
            guard window.contains(latency.due) else { continue }
            counts.handledInWindow &+= UInt64(latency.count)
            if isFirst { metrics.firstDelivered(latency, group: settings.group, at: now) }
            metrics.applied(latency, group: settings.group, at: now)
        }
    }

    /// Handles what waits, one after another, as far as processing times allow.
    mutating func workOff(at now: Instant) -> Bool {
        var hasWorked = false
        while let next = pending.first, downUntil == nil, answers.room > 2 {
            if let wait = waitForKey(next.delivery.header, at: now) {
                pending.removeFirst()
                answer(.nack, next, nanoseconds: wait, at: now)
                hasWorked = true
                continue
            }
            let begin = max(next.arrived, busyUntil)
            let length =
                sampler.nanoseconds(for: next.delivery.header.id.rawValue)
                + (memberFaults?.slowness(at: begin) ?? 0)
            let end = begin.advanced(byNanoseconds: length)
            guard end <= now else { break }
            memberFaults?.noteHandled(begunAt: begin)
            busyUntil = end
            pending.removeFirst()
            handle(next, at: now)
            hasWorked = true
        }
        return hasWorked
    }

    /// How long an event must wait for an earlier one of its key; `nil`: it may go.
    private func waitForKey(_ header: EventHeader, at now: Instant) -> Int64? {
        // Without faults in the handler nothing is ever refused.
        guard handlerFaults != nil else { return nil }
        return group.shared.withLock { shared in
            guard let wait = shared.blocked?.wait(of: header, at: now) else { return nil }
            shared.blocked?.block(header, until: now.advanced(byNanoseconds: wait))
            return wait
        }
    }

    /// Calls the handler with one delivery.
    private mutating func handle(_ handed: HandedDelivery, at now: Instant) {
        noteHandled(handed, at: now)
        guard handed.delivery.envelope == .intact else { return reject(handed, at: now) }
        let id = handed.delivery.header.id
        let isKnown = group.shared.withLock { shared in
            let isKnown = shared.inbox?.contains(id, at: now) ?? false
            if isKnown { shared.conclude(handed.delivery.header) }
            return isKnown
        }
        guard !isKnown else {
            counts.recognised &+= 1
            return answerProcessed(handed, at: now)
        }
        var subject = FaultSubject(
            inbound: handed.delivery,
            group: settings.group,
            member: member
        )
        // Where the broker tells no attempt the handler's own count stands for it, else every
        // repetition would meet the same draw.
        if handed.delivery.attempt == 0, handlerFaults != nil {
            subject.attempt = UInt32(group.shared.withLock { $0.attempts.failures(of: id) } + 1)
        }
        let fate = handlerFaults?.fate(of: subject, at: now) ?? .succeeds
        noteStrikes(handlerFaults?.takeStrikes() ?? [], at: now)
        switch fate {
        case .succeeds:
            takeEffect(handed, at: now)
            answerProcessed(handed, at: now)
        case .fails:
            refuse(handed, at: now)
        case .failsAfterEffect:
            takeEffect(handed, at: now)
            refuse(handed, at: now)
        case .hangs:
            hang(handed, at: now)
        case .crashes(let point, let restartAfter):
            crash(at: point, handed, restartAfterNanoseconds: restartAfter, now)
        }
    }

    private mutating func noteHandled(_ handed: HandedDelivery, at now: Instant) {
        counts.handled &+= 1
        let header = handed.delivery.header
        record(
            .handle,
            handed.delivery,
            side: .application,
            at: now,
            ordinal: handed.ordinal,
            copy: handed.copy
        )
        withSingle(handed.delivery) { shared, batch in
            shared.effects.handled(batch, in: 0..<1, at: now)
        }
        guard window.contains(header.due), handed.copy == 0 else { return }
        counts.handledInWindow &+= 1
        let wasDropped = droppedFirst.remove(header.id) != nil
        guard handed.delivery.attempt <= 1 || wasDropped else { return }
        metrics.firstDelivered(LatencyRun(header), group: settings.group, at: now)
    }

    private mutating func withSingle(
        _ delivery: Delivery,
        _ body: (inout GroupState.Shared, borrowing Batch<Delivery>) -> Void
    ) {
        deliveries.removeAll()
        deliveries.append(delivery)
        group.shared.withLock { shared in body(&shared, deliveries) }
    }

    /// The state change, and the inbox mark that commits with it.
    private mutating func takeEffect(_ handed: HandedDelivery, at now: Instant) {
        let header = handed.delivery.header
        counts.applied &+= 1
        metrics.count(1, .applied)
        state.add(id: header.id, key: header.key, hash: run.digest)
        record(
            .apply,
            handed.delivery,
            side: .application,
            at: now,
            ordinal: handed.ordinal,
            copy: handed.copy
        )
        withSingle(handed.delivery) { shared, batch in
            shared.effects.applied(batch, in: 0..<1, at: now)
            shared.inbox?.mark(header.id, at: now)
            shared.conclude(header)
        }
        guard window.contains(header.due) else { return }
        metrics.applied(LatencyRun(header), group: settings.group, at: now)
    }

    private mutating func answerProcessed(_ handed: HandedDelivery, at now: Instant) {
        if settings.ack == .afterProcessing { answer(.ack, handed, at: now) }
    }

    /// The handler failed: try again later, or give the event up.
    private mutating func refuse(_ handed: HandedDelivery, at now: Instant) {
        let header = handed.delivery.header
        // The answer to a copy never crosses, so it is no attempt either.
        guard handed.copy == 0 else { return answer(.nack, handed, at: now) }
        guard settings.ack == .afterProcessing else { return giveUp(handed, at: now) }
        let attempt = group.shared.withLock { $0.attempts.fail(header.id) }
        guard attempt >= settings.retry.attempts else {
            let draw = hash.hash(header.id.rawValue, UInt64(attempt), 0x6E61).unitInterval
            let wait = settings.retry.backoff.nanoseconds(afterAttempt: attempt, draw: draw)
            let due = now.advanced(byNanoseconds: wait)
            group.shared.withLock { $0.blocked?.block(header, until: due) }
            return answer(.nack, handed, nanoseconds: wait, at: now)
        }
        group.shared.withLock { $0.conclude(header) }
        bury(handed, reason: .attemptsExhausted, attempts: attempt, at: now)
    }

    /// The handler never comes back: no effect, no answer, until the lease is over.
    private mutating func hang(_ handed: HandedDelivery, at now: Instant) {
        guard handed.copy == 0, settings.ack == .afterProcessing else { return }
        let due = now.advanced(byNanoseconds: plan.leaseNanoseconds)
        group.shared.withLock { $0.blocked?.block(handed.delivery.header, until: due) }
    }

    /// A delivery whose body or header is not what was sent: no attempt can mend it.
    mutating func reject(_ handed: HandedDelivery, at now: Instant) {
        switch handed.delivery.envelope {
        case .foreign:
            counts.foreign &+= 1
            if settings.ack == .afterProcessing { answer(.ack, handed, at: now) }
        case .unrecognised:
            if settings.ack == .afterProcessing { answer(.ack, handed, at: now) }
        case .corrupted, .intact:
            giveUp(handed, at: now)
        }
    }

    /// Moves the event to the dead letters if the group has some, else gives it up.
    private mutating func bury(
        _ handed: HandedDelivery,
        reason: DeadLetterReason,
        attempts: Int,
        at now: Instant
    ) {
        guard settings.deadLetterTopic != nil else { return giveUp(handed, at: now) }
        if profile.capabilities.contains(.deadLetter) {
            noteDeadLettered(handed, at: now)
            answer(.deadLetter, handed, at: now)
        } else {
            deadLetters?.add(handed, reason: reason, attempts: attempts)
        }
    }

    private mutating func giveUp(_ handed: HandedDelivery, at now: Instant) {
        guard handed.copy == 0 else { return answerProcessed(handed, at: now) }
        counts.givenUp &+= 1
        let lane = lane(of: handed.delivery)
        let header = handed.delivery.header
        group.shared.withLock { shared in
            shared.effects.gaveUp(lane, n: header.n)
            shared.conclude(header)
        }
        if settings.ack == .afterProcessing { answer(.ack, handed, at: now) }
    }

    /// Acknowledges the deliveries whose dead letters are written.
    mutating func stepDeadLetters(at now: Instant) throws(DriverFailure) -> Bool {
        guard let deadLetters else { return false }
        let end = self.end
        let written = try deadLetters.step(at: now) { end.payload(of: $0, at: now) }
        guard !written.isEmpty else { return false }
        for handed in written {
            noteDeadLettered(handed, at: now)
            answer(.ack, handed, at: now)
        }
        return true
    }

    private mutating func noteDeadLettered(_ handed: HandedDelivery, at now: Instant) {
        counts.deadLettered &+= 1
        record(
            .deadLetter,
            handed.delivery,
            side: .application,
            at: now,
            ordinal: handed.ordinal
        )
        let lane = lane(of: handed.delivery)
        let n = handed.delivery.header.n
        group.shared.withLock { $0.effects.deadLettered(lane, n: n) }
    }

    func lane(of delivery: Delivery) -> LaneID {
        LaneID(
            producer: delivery.header.producer,
            topic: delivery.topic,
            partition: delivery.header.partition
        )
    }

    /// Everything that the member has in memory vanishes; leases run out by themselves.
    private mutating func crash(
        at point: CrashPoint,
        _ handed: HandedDelivery,
        restartAfterNanoseconds: Int64,
        _ now: Instant
    ) {
        switch point {
        case .beforeApply: break
        case .afterApply, .afterInbox, .beforeAck: takeEffect(handed, at: now)
        }
        counts.crashes &+= 1
        record(.crash, handed.delivery, side: .boundary, at: now, phase: .info)
        pending.removeAll()
        deliverFaults?.removeAllHeld()
        ackFaults?.removeAllHeld()
        // What was answered on receipt left before the handler ran.
        if settings.ack == .afterProcessing {
            passedAnswers.removeAll()
            answers.removeUnsent()
        }
        deadLetters?.removeAll()
        group.shared.withLock { shared in
            shared.deliveries.crashed(consumer: member, at: now)
            if shared.inbox?.isDurable == false { shared.inbox?.removeAll() }
        }
        downUntil = now.advanced(byNanoseconds: restartAfterNanoseconds)
    }
}
