import HistoryChecks
import LatencyMetrics
import Messaging
import Workloads

extension ProducerClient {
    /// The common case: events that nothing interferes with cross and are confirmed in one go.
    ///
    /// What the driver does not take or confirm at once becomes an open send like any other; only
    /// then is each event written into the tables.
    mutating func produceWhole() throws(DriverFailure) -> Bool {
        let made = makeWhole(at: time.now)
        guard made > 0 else { return false }
        let now = time.now
        let taken = try end.publish(staged, in: 0..<made, at: now)
        noteCrossed(taken, at: now)
        confirmations.removeAll()
        if taken > 0 { try end.poll(into: &confirmations, at: now) }
        if taken == made, isConfirmed(taken) {
            log.skip(taken)
            concludeWhole(at: time.now)
            staged.removeAll()
        } else {
            register(made: made, taken: taken)
            let known = time.now
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
        let room = min(Self.batchCapacity, sends.room, log.room)
        guard repeatWindow?.admits(room, made: factory.made, sends: sends) ?? true else { return 0 }
        var made = 0
        while made < room, let due = pacer.take(dueBy: now) {
            staged.append(factory.make(due: due, at: now))
            made &+= 1
        }
        guard made > 0 else { return 0 }
        var run = LaneRun()
        for index in 0..<made {
            let header = staged[index].header
            noteSlip(header, at: now)
            if !run.extends(partition: header.partition, n: header.n) {
                noteSent(run, at: now)
                run = LaneRun(partition: header.partition, n: header.n)
            }
        }
        noteSent(run, at: now)
        counts.sent &+= UInt64(made)
        metrics.count(made, .published)
        metrics.observe(inFlight: sends.count &+ made)
        return made
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

    /// Every staged event is confirmed; `confirmations` says at which offsets.
    private mutating func concludeWhole(at now: Instant) {
        var position = 0
        for index in 0..<confirmations.count {
            let confirmation = confirmations[index]
            var run = LaneRun()
            for step in 0..<Int(confirmation.count) {
                let header = staged[position].header
                let offset =
                    confirmation.firstOffset < 0
                    ? -1 : confirmation.firstOffset &+ Int64(truncatingIfNeeded: step)
                if !run.extends(partition: header.partition, n: header.n, offset: offset) {
                    noteConfirmed(run, at: now)
                    run = LaneRun(partition: header.partition, n: header.n, offset: offset)
                }
                noteConfirmed(header, at: now)
                position &+= 1
            }
            noteConfirmed(run, at: now)
        }
        flushConfirmed(at: now)
    }

    private mutating func noteConfirmed(_ run: LaneRun, at now: Instant) {
        guard run.count > 0 else { return }
        let lane = lane(run.partition)
        crossingLedger.ended(
            lane,
            n: run.n,
            count: run.count,
            outcome: .confirmed,
            firstOffset: run.offset,
            at: now
        )
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
