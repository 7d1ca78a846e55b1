import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging
import Workloads

/// An event on its way through the publish site, and the send it belongs to.
struct StagedEvent {
    var event: OutboundEvent
    var ticket: SendTicket
}

extension ProducerClient {
    /// Makes the events that are due, as far as the limits allow.
    mutating func produce(at now: Instant) {
        factory.beginBatch()
        let room = min(
            Self.batchCapacity,
            log.room / max(1, staged.capacity / Self.batchCapacity),
            repeatWindow?.batchMax ?? .max
        )
        guard repeatWindow?.admits(room, made: factory.made, sends: sends) ?? true else { return }
        var made = 0
        var run = LaneRun()
        while made < room, !sends.isFull, let due = pacer.take(dueBy: now) {
            made &+= 1
            let event = factory.make(due: due, at: now)
            let deadline = now.advanced(byNanoseconds: settings.confirmTimeoutNanoseconds)
            let ticket = sends.take(event.header, payload: event.payload, wakeAt: deadline)
            noteSlip(event.header, at: now)
            if !run.extends(partition: event.header.partition, n: event.header.n) {
                noteSent(run, at: now)
                run = LaneRun(partition: event.header.partition, n: event.header.n)
            }
            record(.send, .invoke, event.header, side: .application, at: now)
            if settings.confirm == .none || publishFaults != nil {
                noteSent(run, at: now)
                run = LaneRun()
            }
            stage(event, ticket, at: now)
        }
        noteSent(run, at: now)
        counts.sent &+= UInt64(made)
        metrics.count(made, .published)
        metrics.observe(inFlight: sends.count)
    }

    func lane(_ partition: UInt16) -> LaneID {
        LaneID(producer: settings.number, topic: settings.topic, partition: partition)
    }

    mutating func noteSent(_ run: LaneRun, at now: Instant) {
        guard run.count > 0 else { return }
        let lane = lane(run.partition)
        sendLedger.crossed(lane, n: run.n, count: run.count, at: now)
    }

    mutating func noteSlip(_ header: EventHeader, at now: Instant) {
        guard window.contains(header.due) else { return }
        counts.sentInWindow &+= 1
        guard isOpenLoop else { return }
        let slip = now.nanoseconds(since: header.due)
        if slip > lateAfterNanoseconds { counts.late &+= 1 }
    }

    /// Sends one attempt through the publish site.
    mutating func stage(_ event: OutboundEvent, _ ticket: SendTicket, at now: Instant) {
        if publishFaults == nil {
            staged.append(event)
            stagedTickets.append(ticket)
        } else {
            let subject = FaultSubject(outbound: event.header, topic: event.topic)
            publishFaults?.pass(
                StagedEvent(event: event, ticket: ticket),
                subject,
                at: now,
                lane: Int(event.header.partition),
                copy: { item, number in
                    var copied = item
                    copied.event.header.copy = UInt8(clamping: number)
                    return copied
                },
                into: &passedEvents
            )
            movePassedEvents(at: now)
        }
        if settings.confirm == .none, sends.isOpen(ticket) {
            conclude(ticket, sends[ticket], as: .confirmed, at: now)
        }
    }

    /// Moves what came through the publish site to the batch for the driver, while there is room.
    mutating func movePassedEvents(at now: Instant) {
        noteStrikes(publishFaults?.takeStrikes() ?? [], at: now)
        let moved = min(passedEvents.count, staged.room)
        for item in passedEvents[..<moved] {
            staged.append(item.event)
            stagedTickets.append(item.ticket)
            if item.event.header.copy > 0, sends.isOpen(item.ticket) {
                sends[item.ticket].copies &+= 1
            }
        }
        passedEvents.removeSubrange(..<moved)
    }

    mutating func noteStrikes(_ struck: [FaultStrike], at now: Instant) {
        guard !struck.isEmpty else { return }
        if strikes.count < StrikeLimit.perClient { strikes.append(contentsOf: struck) }
        for strike in struck where recorder.isOn {
            var entry = HistoryRecord(.fault, .info, side: .application, at: now)
            entry.describe(strike.subject.header, topic: strike.subject.topic)
            entry.rule = UInt16(clamping: strike.rule)
            recorder.append(entry)
        }
    }

    /// Offers the staged events to the driver.
    mutating func publish(at now: Instant) throws(DriverFailure) -> Bool {
        let offered = min(staged.count, log.room)
        let taken = try end.publish(staged, in: 0..<offered, at: now)
        guard taken > 0 else { return false }
        for index in 0..<taken {
            let header = staged[index].header
            log.append(Crossing(header, stagedTickets[index]))
            if recorder.isFull { record(.publish, .invoke, header, side: .boundary, at: now) }
        }
        noteCrossed(taken, at: now)
        staged.removeFirst(taken)
        stagedTickets.removeFirst(taken)
        return true
    }

    /// Tells the ledger of the boundary that the driver took the first `taken` staged events.
    mutating func noteCrossed(_ taken: Int, at now: Instant) {
        var run = LaneRun()
        for index in 0..<taken {
            let header = staged[index].header
            if !run.extends(partition: header.partition, n: header.n) {
                noteCrossed(run, at: now)
                run = LaneRun(partition: header.partition, n: header.n)
            }
        }
        noteCrossed(run, at: now)
    }

    private mutating func noteCrossed(_ run: LaneRun, at now: Instant) {
        guard run.count > 0 else { return }
        let lane = lane(run.partition)
        crossingLedger.crossed(lane, n: run.n, count: run.count, at: now)
        order?.note { $0.crossed(lane, n: run.n, count: run.count, at: now) }
    }

    mutating func record(
        _ kind: HistoryRecord.Kind,
        _ phase: HistoryRecord.Phase,
        _ header: EventHeader,
        side: HistorySide,
        at now: Instant,
        offset: Int64 = -1
    ) {
        guard recorder.isOn else { return }
        guard recorder.isFull || side == .boundary || phase != .invoke else { return }
        var entry = HistoryRecord(kind, phase, side: side, at: now)
        entry.describe(header, topic: settings.topic)
        entry.offset = offset
        recorder.append(entry)
    }
}

/// How many struck events are remembered for blame; beyond, blame falls back to the rule's counts.
enum StrikeLimit {
    static let perClient = 1 << 20
}

extension HistoryRecord {
    /// Takes over what an event's header says.
    mutating func describe(_ header: EventHeader, topic: UInt16) {
        lane = LaneID(producer: header.producer, topic: topic, partition: header.partition)
        partition = header.partition
        n = header.n
        id = header.id
        key = header.key
        digest = header.digest
        payloadBytes = header.payloadBytes
        attempt = UInt32(header.attempt)
        copy = header.copy
    }
}
