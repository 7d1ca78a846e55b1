import HistoryChecks
import LatencyMetrics
import Messaging
import Workloads

extension ProducerClient {
    /// The common case: events that nothing interferes with cross and are confirmed in one go.
    ///
    /// What the driver does not take or confirm at once becomes an open send like any other; only
    /// then is each event written into the tables.
    mutating func produceWhole(at now: Instant) throws(DriverFailure) -> Bool {
        let made = makeWhole(at: now)
        guard made > 0 else { return false }
        let taken = try end.publish(staged, in: 0..<made, at: now)
        confirmations.removeAll()
        if taken > 0 { try end.poll(into: &confirmations, at: now) }
        let known = time.now
        if taken == made, isConfirmed(taken) {
            log.skip(taken)
            noteWhole(sentAt: now, confirmedAt: known)
            staged.removeAll()
        } else {
            noteSent(made: made, at: now)
            noteCrossed(taken, at: now)
            register(made: made, taken: taken)
            for index in 0..<confirmations.count { take(confirmations[index], at: known) }
        }
        return true
    }

    /// Whether a batch can take the short way: no rule and no record looks at its events, and no
    /// earlier crossing is open.
    var canProduceWhole: Bool {
        publishFaults == nil && confirmFaults == nil && !recorder.isFull
            && settings.confirm == .each && log.isSettled
    }

    private mutating func makeWhole(at now: Instant) -> Int {
        factory.beginBatch()
        let room = min(Self.batchCapacity, sends.room, log.room, repeatWindow?.batchMax ?? .max)
        guard repeatWindow?.admits(room, made: factory.made, sends: sends) ?? true else { return 0 }
        var made = 0
        if isOpenLoop {
            while made < room, let due = pacer.take(dueBy: now) {
                staged.append(factory.make(due: due, at: now))
                made &+= 1
            }
        } else {
            made = max(0, room)
            factory.append(made, due: now, at: now, to: &staged)
            pacer.advance(by: UInt64(truncatingIfNeeded: made))
        }
        guard made > 0 else { return 0 }
        counts.sent &+= UInt64(made)
        metrics.count(made, .published)
        metrics.observe(inFlight: sends.count &+ made)
        noteSlips(made, at: now)
        return made
    }

    private mutating func noteSlips(_ made: Int, at now: Instant) {
        guard isOpenLoop else {
            // All were due now.
            if window.contains(now) { counts.sentInWindow &+= UInt64(made) }
            return
        }
        for index in 0..<made { noteSlip(staged[index].header, at: now) }
    }

    private mutating func noteSent(made: Int, at now: Instant) {
        var run = LaneRun()
        for index in 0..<made {
            let header = staged[index].header
            if !run.extends(partition: header.partition, n: header.n) {
                noteSent(run, at: now)
                run = LaneRun(partition: header.partition, n: header.n)
            }
        }
        noteSent(run, at: now)
    }

    /// Whether the driver has confirmed each of the last `taken` crossings, in order.
    private func isConfirmed(_ taken: Int) -> Bool {
        var next = log.next
        for index in 0..<confirmations.count {
            let confirmation = confirmations[index]
            guard confirmation.outcome == .confirmed, confirmation.firstCrossing == next else {
                return false
            }
            next &+= UInt64(confirmation.count)
        }
        return next == log.next &+ UInt64(taken)
    }

    /// Every staged event has crossed and is confirmed; `confirmations` says at which offsets.
    private mutating func noteWhole(sentAt sent: Instant, confirmedAt now: Instant) {
        var position = 0
        for index in 0..<confirmations.count {
            let confirmation = confirmations[index]
            guard !factory.makesRuns else {
                let header = staged[position].header
                let count = Int(confirmation.count)
                let run = LaneRun(
                    partition: header.partition,
                    n: header.n,
                    offset: confirmation.firstOffset,
                    count: count
                )
                noteWhole(run, sentAt: sent, confirmedAt: now)
                position &+= count
                continue
            }
            var run = LaneRun()
            for step in 0..<Int(confirmation.count) {
                let header = staged[position].header
                let offset =
                    confirmation.firstOffset < 0
                    ? -1 : confirmation.firstOffset &+ Int64(truncatingIfNeeded: step)
                if !run.extends(partition: header.partition, n: header.n, offset: offset) {
                    noteWhole(run, sentAt: sent, confirmedAt: now)
                    run = LaneRun(partition: header.partition, n: header.n, offset: offset)
                }
                position &+= 1
            }
            noteWhole(run, sentAt: sent, confirmedAt: now)
        }
        if isOpenLoop {
            for index in 0..<staged.count { noteConfirmed(staged[index].header, at: now) }
        } else {
            noteConfirmedTogether()
        }
        flushConfirmed(at: now)
    }

    /// As `noteConfirmed` for each staged event: in a closed loop all have one latency.
    private mutating func noteConfirmedTogether() {
        let count = staged.count
        counts.confirmed &+= UInt64(count)
        unreported &+= count
        let first = staged[0].header
        guard window.contains(first.due) else { return }
        counts.confirmedInWindow &+= UInt64(count)
        var bytes: UInt64 = 0
        for index in 0..<count { bytes &+= UInt64(staged[index].header.payloadBytes) }
        counts.bytesInWindow &+= bytes
        confirmedLatency = LatencyRun(first, count: count)
    }

    private mutating func noteWhole(
        _ run: LaneRun,
        sentAt sent: Instant,
        confirmedAt now: Instant
    ) {
        guard run.count > 0 else { return }
        let lane = lane(run.partition)
        sendLedger.crossed(lane, n: run.n, count: run.count, at: sent)
        crossingLedger.crossed(lane, n: run.n, count: run.count, at: sent)
        crossingLedger.ended(
            lane,
            n: run.n,
            count: run.count,
            outcome: .confirmed,
            firstOffset: run.offset,
            at: now
        )
        order?.note {
            $0.crossed(lane, n: run.n, count: run.count, at: sent)
            $0.ended(lane, n: run.n, count: run.count, outcome: .confirmed, at: now)
        }
        sendLedger.ended(
            lane,
            n: run.n,
            count: run.count,
            outcome: .confirmed,
            firstOffset: -1,
            at: now
        )
    }

    /// Opens a send for each staged event; the first `taken` have crossed, the others wait.
    private mutating func register(made: Int, taken: Int) {
        for index in 0..<made {
            let event = staged[index]
            let deadline = event.header.sent.advanced(
                byNanoseconds: settings.confirmTimeoutNanoseconds
            )
            let ticket = sends.take(event.header, payload: event.payload, wakeAt: deadline)
            if index < taken {
                log.append(Crossing(event.header, ticket))
            } else {
                stagedTickets.append(ticket)
            }
        }
        staged.removeFirst(taken)
    }
}
