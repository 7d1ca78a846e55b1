import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging

/// A confirmation on its way through the confirm site.
struct ConfirmedCrossing {
    var crossing: Crossing
    var outcome: CrossingOutcome
}

extension ProducerClient {
    /// Takes what the driver knows, through the confirm site, to the sends.
    mutating func takeConfirmations() throws(DriverFailure) -> Bool {
        confirmations.removeAll()
        try end.poll(into: &confirmations, at: time.now)
        guard !confirmations.isEmpty else { return false }
        // After the call: none of them is surely known any earlier.
        let now = time.now
        for index in 0..<confirmations.count { take(confirmations[index], at: now) }
        return true
    }

    mutating func take(_ confirmation: Confirmation, at now: Instant) {
        var run = LaneRun()
        for step in 0..<UInt64(confirmation.count) {
            guard let crossing = log.close(confirmation.firstCrossing &+ step) else {
                counts.spuriousConfirms &+= 1
                continue
            }
            let offset =
                confirmation.firstOffset < 0
                ? -1 : confirmation.firstOffset &+ Int64(truncatingIfNeeded: step)
            if !run.extends(partition: crossing.partition, n: crossing.n, offset: offset) {
                noteEnded(run, confirmation.outcome, at: now)
                run = LaneRun(partition: crossing.partition, n: crossing.n, offset: offset)
            }
            if recorder.isFull {
                record(
                    .publish,
                    confirmation.outcome.phase,
                    header(of: crossing),
                    side: .boundary,
                    at: now,
                    offset: offset
                )
            }
            pass(ConfirmedCrossing(crossing: crossing, outcome: confirmation.outcome), at: now)
        }
        noteEnded(run, confirmation.outcome, at: now)
        flushConfirmed(at: now)
    }

    private mutating func noteEnded(
        _ run: LaneRun,
        _ outcome: CrossingOutcome,
        at now: Instant
    ) {
        guard run.count > 0 else { return }
        let lane = lane(run.partition)
        crossingLedger.ended(
            lane,
            n: run.n,
            count: run.count,
            outcome: outcome,
            firstOffset: run.offset,
            at: now
        )
        order?.note { $0.ended(lane, n: run.n, count: run.count, outcome: outcome, at: now) }
    }

    /// What is known of an event that crossed: all of it while its send is open.
    private func header(of crossing: Crossing) -> EventHeader {
        var header: EventHeader
        if sends.isOpen(crossing.ticket) {
            header = sends[crossing.ticket].header
        } else {
            header = EventHeader()
            header.id = crossing.id
            header.n = crossing.n
            header.producer = settings.number
            header.partition = crossing.partition
        }
        header.attempt = crossing.attempt
        header.copy = crossing.copy
        return header
    }

    private mutating func pass(_ item: ConfirmedCrossing, at now: Instant) {
        guard confirmFaults != nil else { return resolve(item, at: now) }
        let header = header(of: item.crossing)
        confirmFaults?.pass(
            item,
            FaultSubject(outbound: header, topic: settings.topic),
            at: now,
            lane: Int(header.partition),
            copy: { item, _ in item },
            into: &passedConfirms
        )
        resolvePassed(at: now)
    }

    private mutating func resolvePassed(at now: Instant) {
        noteStrikes(confirmFaults?.takeStrikes() ?? [], at: now)
        guard !passedConfirms.isEmpty else { return }
        for item in passedConfirms { resolve(item, at: now) }
        passedConfirms.removeAll(keepingCapacity: true)
        flushConfirmed(at: now)
    }

    /// Lets go what the sites hold back and is due.
    mutating func releaseHeld(at now: Instant) {
        guard heldCount > 0 || !passedEvents.isEmpty else { return }
        publishFaults?.release(at: now, into: &passedEvents)
        movePassedEvents(at: now)
        confirmFaults?.release(at: now, into: &passedConfirms)
        resolvePassed(at: now)
    }

    /// Tells the send what became of one of its crossings.
    private mutating func resolve(_ item: ConfirmedCrossing, at now: Instant) {
        let ticket = item.crossing.ticket
        guard sends.isOpen(ticket) else {
            flushConfirmed(at: now)
            return resolveLate(item, at: now)
        }
        var send = sends[ticket]
        switch item.outcome {
        case .confirmed:
            conclude(ticket, send, as: .confirmed, at: now)
        case .refused, .indeterminate:
            if item.outcome == .refused { send.refusals &+= 1 }
            // Neither an injected copy nor an earlier attempt says that the present one has failed.
            let crossing = item.crossing
            guard crossing.copy == 0, crossing.attempt == send.header.attempt else {
                sends[ticket] = send
                return
            }
            attemptFailed(ticket, send, at: now)
        }
    }

    /// A confirmation after its send was given up still says that the broker has the event.
    private mutating func resolveLate(_ item: ConfirmedCrossing, at now: Instant) {
        guard settings.confirm == .each else { return }
        counts.spuriousConfirms &+= 1
        guard item.outcome == .confirmed else { return }
        let lane = lane(item.crossing.partition)
        let known = sendLedger.confirmed
        sendLedger.resolvedLate(lane, n: item.crossing.n, at: now)
        guard sendLedger.confirmed > known else { return }
        counts.unknown &-= 1
        counts.confirmed &+= 1
    }

    /// Looks over the open sends: gives up attempts, and starts the next ones.
    mutating func wakeDue(at now: Instant) {
        guard sends.count > 0 else { return }
        for ticket in sends.due(at: now) {
            let send = sends[ticket]
            if send.state == .awaitingRetry {
                guard staged.room >= staged.capacity / Self.batchCapacity else { continue }
                retry(ticket, send, at: now)
            } else {
                counts.timeouts &+= 1
                attemptFailed(ticket, send, at: now)
            }
        }
    }

    private mutating func attemptFailed(
        _ ticket: SendTicket,
        _ failed: InFlightSend,
        at now: Instant
    ) {
        guard failed.state == .awaitingConfirmation else {
            sends[ticket] = failed
            return
        }
        let attempt = Int(failed.header.attempt)
        guard attempt < settings.retry.attempts else {
            let isRefused = Int(failed.refusals) >= attempt &+ Int(failed.copies)
            conclude(ticket, failed, as: isRefused ? .refused : .indeterminate, at: now)
            return
        }
        var send = failed
        let draw = hash.hash(send.header.id.rawValue, UInt64(attempt), 0x7265).unitInterval
        let wait = settings.retry.backoff.nanoseconds(afterAttempt: attempt, draw: draw)
        send.state = .awaitingRetry
        send.wakeAt = now.advanced(byNanoseconds: wait)
        sends[ticket] = send
    }

    private mutating func retry(_ ticket: SendTicket, _ waiting: InFlightSend, at now: Instant) {
        var send = waiting
        send.header.attempt &+= 1
        send.state = .awaitingConfirmation
        send.wakeAt = now.advanced(byNanoseconds: settings.confirmTimeoutNanoseconds)
        sends[ticket] = send
        counts.retries &+= 1
        let event = OutboundEvent(
            header: send.header,
            payload: send.payload,
            topic: settings.topic,
            isIdempotent: settings.isIdempotent
        )
        stage(event, ticket, at: now)
    }

    /// The send is over.
    mutating func conclude(
        _ ticket: SendTicket,
        _ send: InFlightSend,
        as outcome: CrossingOutcome,
        at now: Instant
    ) {
        let header = send.header
        sends.release(ticket)
        if outcome == .confirmed, settings.confirm == .each {
            if !confirmedRun.extends(partition: header.partition, n: header.n) {
                flushConfirmed(at: now)
                confirmedRun = LaneRun(partition: header.partition, n: header.n)
            }
        } else {
            let lane = lane(header.partition)
            sendLedger.ended(
                lane,
                n: header.n,
                count: 1,
                outcome: outcome,
                firstOffset: -1,
                at: now
            )
        }
        if recorder.isFull || outcome != .confirmed {
            record(.send, outcome.phase, header, side: .application, at: now)
        }
        switch outcome {
        case .confirmed: noteConfirmed(header, at: now)
        case .refused:
            counts.refused &+= 1
            metrics.count(1, .refused)
        case .indeterminate: counts.unknown &+= 1
        }
    }

    /// Tells the ledger of the confirmed sends that wait to be told of together.
    mutating func flushConfirmed(at now: Instant) {
        metrics.published(confirmedLatency, at: now)
        confirmedLatency = LatencyRun()
        if unreported > 0 {
            metrics.count(unreported, .confirmed)
            metrics.advance(settings.topic, by: unreported)
        }
        unreported = 0
        let run = confirmedRun
        guard run.count > 0 else { return }
        let lane = lane(run.partition)
        sendLedger.ended(
            lane,
            n: run.n,
            count: run.count,
            outcome: .confirmed,
            firstOffset: -1,
            at: now
        )
        confirmedRun = LaneRun()
    }

    mutating func noteConfirmed(_ header: EventHeader, at now: Instant) {
        counts.confirmed &+= 1
        unreported &+= 1
        guard window.contains(header.due) else { return }
        counts.confirmedInWindow &+= 1
        counts.bytesInWindow &+= UInt64(header.payloadBytes)
        guard settings.confirm == .each else { return }
        guard !confirmedLatency.extends(header) else { return }
        metrics.published(confirmedLatency, at: now)
        confirmedLatency = LatencyRun(header)
    }
}

extension CrossingOutcome {
    /// The word that histories use.
    var phase: HistoryRecord.Phase {
        switch self {
        case .confirmed: .ok
        case .refused: .fail
        case .indeterminate: .info
        }
    }
}
