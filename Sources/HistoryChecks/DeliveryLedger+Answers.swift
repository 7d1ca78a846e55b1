public import Histories
public import Messaging

extension DeliveryLedger {
    /// An answer of `kind` to `deliveries` is about to be given to the driver.
    ///
    /// `nanoseconds` is a nack's delay or an extension's length. A commit covers the deliveries
    /// that it acknowledges.
    public mutating func settleInvoked(
        _ kind: Settlement.Kind,
        deliveries: Range<UInt64>,
        nanoseconds: Int64 = 0,
        at now: Instant
    ) {
        answers &+= UInt64(deliveries.count)
        let time = now.nanoseconds
        if !usurped.isEmpty { for ordinal in deliveries { usurped[ordinal]?.isAnswered = true } }
        switch kind {
        case .ack, .commit:
            let done = ring.advance(deliveries, from: .open, to: .ackInvoked, at: time)
            for ordinal in deliveries.dropFirst(done) { ackInvoked(ordinal, time) }
        case .nack:
            nacks &+= UInt64(deliveries.count)
            for ordinal in deliveries {
                update(ordinal) { entry in
                    if entry.fate == .ackInvoked { entry.fate = .unclear }
                    guard entry.fate == .open else { return }
                    entry.fate = .nackInvoked
                    entry.answerInvoked = time
                    entry.delay = nanoseconds
                }
            }
        case .extend:
            // Whoever extends may hold its keys back for longer than is known here.
            repeatedKeys.insertEvery()
            let end = now.advanced(byNanoseconds: nanoseconds).nanoseconds
            for ordinal in deliveries {
                update(ordinal) { entry in
                    // Until the broker says which, the shorter of both leases is the sure one.
                    entry.leaseEnd = min(entry.leaseEnd, end)
                    entry.extendedEnd = end
                }
            }
        case .deadLetter:
            for ordinal in deliveries {
                update(ordinal) { entry in
                    guard entry.fate == .open else { return }
                    entry.fate = .deadLetterInvoked
                    entry.answerInvoked = time
                }
            }
        }
    }

    /// The broker has said what became of the answer of `kind` to `deliveries`.
    public mutating func settleEnded(
        _ kind: Settlement.Kind,
        deliveries: Range<UInt64>,
        outcome: SettlementResult.Outcome,
        at now: Instant
    ) {
        let time = now.nanoseconds
        let isTaken = kind == .ack && outcome == .settled
        let done = isTaken ? ring.advance(deliveries, from: .ackInvoked, to: .acked, at: time) : 0
        for ordinal in deliveries.dropFirst(done) {
            if kind == .ack, outcome == .settled, ring.held.contains(ordinal),
                ring[ordinal].fate == .ackInvoked
            {
                ring[ordinal].fate = .acked
                ring[ordinal].answerEnded = time
            } else {
                ended(kind, ordinal, outcome, time)
            }
        }
    }

    /// Member `consumer` is about to lose its memory; what it held is not answered.
    public mutating func crashed(consumer: UInt16, at now: Instant) {
        losses += 1
        giveBack(consumer: consumer, at: now)
    }

    /// Member `consumer` is about to leave the group and give back what it held.
    public mutating func closed(consumer: UInt16, at now: Instant) {
        hasDepartures = true
        giveBack(consumer: consumer, at: now)
    }

    /// A receive failed in a way that may have swallowed deliveries.
    public mutating func receiveLost(consumer: UInt16, at now: Instant) {
        losses += 1
    }

    /// Event `n` of `lane` was found among the dead letters, at the latest at `now`.
    ///
    /// `attempts` is what the dead letter says of its deliveries.
    public mutating func deadLettered(
        _ lane: LaneID,
        n: UInt64,
        reason: DeadLetterReason = .deliveriesExhausted,
        attempts: Int? = nil,
        at now: Instant
    ) {
        let number = laneNumber(producer: lane.producer, partition: lane.partition)
        lanes[number].deadLetters.insert(n..<n + 1)
        guard reason == .deliveriesExhausted else { return }
        let event = CopyRef(lane: UInt32(number), n: n, offset: -1)
        if deadLetterTimes.count < Self.storeLimit {
            deadLetterTimes[event] = now.nanoseconds
        } else {
            exhausted.insert("dead letters")
        }
        if let attempts, let limit = rules.maxDeliveries, attempts < limit {
            reportDeadLetter("early-dead-letter", lane, n, "after \(attempts) of \(limit)")
        }
        for ordinal in ring.ordinals(lane: UInt32(number), n: n) {
            if ring[ordinal].fate == .acked {
                conditional.append(deadLetterAnomaly("acked-and-dead-lettered", lane, n, "both"))
            } else {
                ring[ordinal].fate = .closed
            }
        }
    }

    private mutating func reportDeadLetter(
        _ name: String,
        _ lane: LaneID,
        _ n: UInt64,
        _ detail: String
    ) {
        findings.add(deadLetterAnomaly(name, lane, n, detail))
    }

    private func deadLetterAnomaly(
        _ name: String,
        _ lane: LaneID,
        _ n: UInt64,
        _ detail: String
    ) -> Anomaly {
        Anomaly(
            .a21,
            name,
            side: .boundary,
            blame: .broker,
            lane: lane,
            group: group,
            n: n,
            detail: detail
        )
    }

    @inline(__always)
    private mutating func ackInvoked(_ ordinal: UInt64, _ time: Int64) {
        if ring.held.contains(ordinal), ring[ordinal].fate == .open {
            ring[ordinal].fate = .ackInvoked
            ring[ordinal].answerInvoked = time
            return
        }
        update(ordinal) { entry in
            if entry.fate == .nackInvoked { entry.fate = .unclear }
            // Of a delivery that was replaced, only when it was answered too late.
            if entry.fate == .closed { entry.answerInvoked = time }
            guard entry.fate == .open else { return }
            entry.fate = .ackInvoked
            entry.answerInvoked = time
        }
    }

    @inline(never)
    private mutating func ended(
        _ kind: Settlement.Kind,
        _ ordinal: UInt64,
        _ outcome: SettlementResult.Outcome,
        _ time: Int64
    ) {
        guard isKnown(ordinal) else { return }
        let before = self[entry: ordinal]
        if before.fate == .closed, before.lane != .max, kind == .ack { lateAnswers += 1 }
        if before.fate == .closed, outcome == .settled, before.lane != .max {
            // An old receipt was honoured: what it did to the newer delivery is unclear.
            guard let newer = latest(of: copy(of: before)) else { return }
            if kind == .ack { noteUsurped(newer, by: before) }
            update(newer) { $0.fate = .unclear }
            return
        }
        if kind == .ack, outcome == .staleReceipt { judgeUsurped(ordinal, before, refusedAt: time) }
        update(ordinal) { entry in
            switch kind {
            case .ack, .commit: entry.ackEnded(outcome, time)
            case .nack: entry.nackEnded(outcome, time)
            case .deadLetter: entry.deadLetterEnded(outcome, time)
            case .extend:
                if outcome == .settled { entry.leaseEnd = entry.extendedEnd }
            }
        }
        if kind == .deadLetter, self[entry: ordinal].fate == .deadLettered {
            lanes[Int(before.lane)].deadLetters.insert(before.n..<before.n + 1)
        }
        settleOverflow(ordinal)
    }

    private mutating func giveBack(consumer: UInt16, at now: Instant) {
        let time = now.nanoseconds
        for ordinal in ring.held where ring[ordinal].consumer == consumer {
            ring[ordinal].giveBack(time)
        }
        for (ordinal, entry) in overflow where entry.consumer == consumer {
            overflow[ordinal]?.giveBack(time)
        }
    }
}

extension DeliveryLedger {
    func isKnown(_ ordinal: UInt64) -> Bool {
        ring.held.contains(ordinal) || overflow[ordinal] != nil
    }

    /// The entry of a delivery that is known.
    ///
    /// The oldest entry of the ring may have been moved out already, for the delivery at hand.
    subscript(entry ordinal: UInt64) -> DeliveryEntry {
        overflow[ordinal] ?? (ring.held.contains(ordinal) ? ring[ordinal] : .none)
    }

    mutating func update(_ ordinal: UInt64, _ change: (inout DeliveryEntry) -> Void) {
        if ring.held.contains(ordinal) {
            change(&ring[ordinal])
        } else if var entry = overflow[ordinal] {
            change(&entry)
            overflow[ordinal] = entry
        }
    }

    /// The latest delivery of `copy` that no later one has replaced.
    func latest(of copy: CopyRef) -> UInt64? {
        for ordinal in ring.ordinals(lane: copy.lane, n: copy.n) {
            let entry = ring[ordinal]
            if entry.offset == copy.offset, entry.fate != .closed { return ordinal }
        }
        return overflowOrdinals[copy]
    }

    mutating func close(_ ordinal: UInt64) {
        if let entry = overflow.removeValue(forKey: ordinal) {
            overflowOrdinals[copy(of: entry)] = nil
        } else if ring.held.contains(ordinal) {
            ring[ordinal].fate = .closed
        }
    }

    /// Lets an entry outside the ring go once its fate is settled.
    private mutating func settleOverflow(_ ordinal: UInt64) {
        guard let entry = overflow[ordinal] else { return }
        switch entry.fate {
        case .acked, .deadLettered: retiredBefore = max(retiredBefore, entry.answerEnded)
        case .unclear: lanes[Int(entry.lane)].unclear.insert(entry.n..<entry.n + 1)
        default: return
        }
        close(ordinal)
    }
}

extension DeliveryEntry {
    fileprivate mutating func ackEnded(_ outcome: SettlementResult.Outcome, _ time: Int64) {
        switch (outcome, fate) {
        case (.settled, .ackInvoked), (.settled, .open), (.settled, .returned),
            (.settled, .answeredReturned):
            fate = .acked
            answerEnded = time
        case (.staleReceipt, .ackInvoked):
            fate = .open
            leaseEnd = min(leaseEnd, answerInvoked)
        case (.staleReceipt, .answeredReturned): fate = .returned
        case (.indeterminate, .ackInvoked): fate = .unclear
        default: break
        }
    }

    fileprivate mutating func nackEnded(_ outcome: SettlementResult.Outcome, _ time: Int64) {
        switch (outcome, fate) {
        case (.settled, .nackInvoked):
            fate = .nacked
            answerEnded = time
        case (.staleReceipt, .nackInvoked):
            fate = .open
            leaseEnd = min(leaseEnd, answerInvoked)
        default: break
        }
    }

    fileprivate mutating func deadLetterEnded(_ outcome: SettlementResult.Outcome, _ time: Int64) {
        switch (outcome, fate) {
        case (.settled, .deadLetterInvoked), (.settled, .returned),
            (.settled, .answeredReturned):
            fate = .deadLettered
            answerEnded = time
        case (.staleReceipt, .deadLetterInvoked):
            fate = .open
            leaseEnd = min(leaseEnd, answerInvoked)
        case (.staleReceipt, .answeredReturned): fate = .returned
        case (.indeterminate, .deadLetterInvoked): fate = .unclear
        default: break
        }
    }

    fileprivate mutating func giveBack(_ time: Int64) {
        switch fate {
        case .open, .nackInvoked:
            fate = .returned
            answerEnded = time
        case .ackInvoked, .deadLetterInvoked:
            fate = .answeredReturned
            answerEnded = time
        default: break
        }
    }
}
