import Histories
import Messaging

/// Which of two deliveries of one copy was first.
private enum FeedOrder {
    case fedInOrder, fedInverted, concurrent
}

extension DeliveryLedger {
    /// Judges a delivery of a copy that was delivered before.
    ///
    /// `current` may be closed by it.
    mutating func repeated(_ delivery: Delivery, _ current: inout DeliveryEntry) {
        repeats += 1
        guard let ordinal = latest(of: copy(of: current)) else {
            return repeatedAfterRetirement(delivery, current)
        }
        let known = self[entry: ordinal]
        switch feedOrder(known, current) {
        case .fedInOrder:
            judge(delivery, earlier: known, later: current, isCertain: certain(known, current))
            close(ordinal)
        case .fedInverted:
            judge(delivery, earlier: current, later: known, isCertain: certain(current, known))
            current.fate = .closed
        case .concurrent:
            judgeConcurrent(delivery, known, current)
            close(ordinal)
        }
    }

    /// No trace of the earlier delivery is left: it was acknowledged, or nobody knows.
    private mutating func repeatedAfterRetirement(_ delivery: Delivery, _ current: DeliveryEntry) {
        let lane = lanes[Int(current.lane)]
        let cannotTell =
            lane.delivered.isExhausted || lane.unclear.contains(current.n)
            || lane.unclear.isExhausted || !exhausted.isEmpty
        guard !cannotTell, retiredBefore &+ rules.clockErrorNanoseconds < current.invoked else {
            findings.undecided[.a7, default: 0] += 1
            return
        }
        unjustified("acked-then-redelivered", delivery, current, "it was acknowledged long before")
        if !current.isRedelivered { unflagged(delivery, current) }
    }

    private func feedOrder(_ known: DeliveryEntry, _ current: DeliveryEntry) -> FeedOrder {
        if certain(known, current) { return .fedInOrder }
        if certain(current, known) { return .fedInverted }
        if known.attempt > 0, current.attempt > 0, known.attempt != current.attempt {
            return known.attempt < current.attempt ? .fedInOrder : .fedInverted
        }
        return .concurrent
    }

    /// Whether `first` surely returned before `second` was asked for.
    private func certain(_ first: DeliveryEntry, _ second: DeliveryEntry) -> Bool {
        first.returned &+ rules.clockErrorNanoseconds < second.invoked
    }

    private mutating func judge(
        _ delivery: Delivery,
        earlier: DeliveryEntry,
        later: DeliveryEntry,
        isCertain: Bool
    ) {
        if !later.isRedelivered, isCertain || !earlier.isRedelivered {
            unflagged(delivery, later)
        }
        judgeAttempts(delivery, earlier: earlier, later: later, isCertain: isCertain)
        judgeReason(delivery, earlier: earlier, later: later)
    }

    /// Neither can be called first: only what holds either way is a violation.
    private mutating func judgeConcurrent(
        _ delivery: Delivery,
        _ known: DeliveryEntry,
        _ current: DeliveryEntry
    ) {
        if !known.isRedelivered && !current.isRedelivered { unflagged(delivery, current) }
        if known.attempt > 0, known.attempt == current.attempt {
            suspect(.a21, "attempt-repeated", delivery, current, "attempt \(known.attempt) twice")
        }
        let isLive =
            leaseIsLive(earlier: known, later: current)
            && leaseIsLive(earlier: current, later: known)
        if isLive, known.fate == .open {
            doubleLease(delivery, earlier: known, later: current)
        } else if !hasRedelivery, known.fate == .open || known.fate == .ackInvoked {
            repeatedWithoutReason(delivery, current)
        } else {
            findings.undecided[.a7, default: 0] += 1
        }
    }

    private mutating func judgeAttempts(
        _ delivery: Delivery,
        earlier: DeliveryEntry,
        later: DeliveryEntry,
        isCertain: Bool
    ) {
        guard later.attempt > 0, earlier.attempt > 0 || (isCertain && later.attempt == 1) else {
            return
        }
        // Where the earlier one was not counted, the later one cannot be the first.
        if later.attempt <= max(1, earlier.attempt) {
            guard isCertain || later.attempt == earlier.attempt else { return }
            suspect(
                .a21,
                "attempt-repeated",
                delivery,
                later,
                "attempt \(later.attempt) after attempt \(earlier.attempt)"
            )
        } else if later.attempt == delivery.attempt {
            let skipped = Int64(later.attempt) - Int64(earlier.attempt) - 1
            if skipped > 0 { noteMissingAttempts(later, skipped) }
        } else {
            // Fed late: the attempt that a later one seemed to have skipped.
            noteMissingAttempts(earlier, -1)
        }
    }

    private mutating func judgeReason(
        _ delivery: Delivery,
        earlier: DeliveryEntry,
        later: DeliveryEntry
    ) {
        let error = rules.clockErrorNanoseconds
        switch earlier.fate {
        case .acked:
            // Within the lease nothing but a refusal justifies it, whenever the answer came.
            guard
                earlier.answerEnded &+ error < later.invoked
                    || leaseIsLive(earlier: earlier, later: later)
            else { return undecidedReason() }
            unjustified("acked-then-redelivered", delivery, later, "its acknowledgement was taken")
        case .deadLettered:
            guard earlier.answerEnded &+ error < later.invoked else { return undecidedReason() }
            suspect(.a21, "delivered-after-dead-letter", delivery, later, "it was dead-lettered")
        case .nackInvoked, .nacked:
            judgeBackoff(delivery, earlier: earlier, later: later)
        case .open, .ackInvoked:
            guard hasRedelivery else { return repeatedWithoutReason(delivery, later) }
            guard leaseIsLive(earlier: earlier, later: later) else { return }
            doubleLease(delivery, earlier: earlier, later: later)
        case .unclear, .returned, .answeredReturned, .deadLetterInvoked, .closed:
            return
        }
    }

    private mutating func undecidedReason() {
        findings.undecided[.a7, default: 0] += 1
    }

    private var hasRedelivery: Bool { profile.capabilities.contains(.redelivery) }

    /// A broker that does not declare redelivery has no reason to repeat what nobody refused.
    private mutating func repeatedWithoutReason(_ delivery: Delivery, _ entry: DeliveryEntry) {
        suspect(.a5, "duplicate-delivery", delivery, entry, "handed out before, not refused")
    }

    private func leaseIsLive(earlier: DeliveryEntry, later: DeliveryEntry) -> Bool {
        rules.leaseNanoseconds != nil
            && later.returned.addingReportingOverflow(rules.clockErrorNanoseconds).partialValue
                < earlier.leaseEnd
    }

    private mutating func doubleLease(
        _ delivery: Delivery,
        earlier: DeliveryEntry,
        later: DeliveryEntry
    ) {
        let early =
            earlier.leaseEnd == .max
            ? "its lease has no end"
            : "\(earlier.leaseEnd - later.returned) ns before its lease ended"
        if earlier.fate == .open, earlier.consumer != later.consumer {
            suspect(
                .a18,
                "double-lease",
                delivery,
                later,
                "member \(later.consumer) got what member \(earlier.consumer) held: \(early)"
            )
        }
        unjustified("early-redelivery", delivery, later, early)
    }

    private mutating func judgeBackoff(
        _ delivery: Delivery,
        earlier: DeliveryEntry,
        later: DeliveryEntry
    ) {
        let error = rules.clockErrorNanoseconds
        let due = earlier.answerInvoked.addingReportingOverflow(earlier.delay)
        let wasTaken = earlier.fate == .nacked && earlier.answerEnded &+ error < later.invoked
        guard wasTaken || leaseIsLive(earlier: earlier, later: later) else { return }
        guard due.overflow || later.returned &+ error < due.partialValue else { return }
        suspect(
            .a23,
            "early-retry",
            delivery,
            later,
            "came \(due.partialValue &- later.returned) ns before the asked delay was over"
        )
    }

    private mutating func unjustified(
        _ name: String,
        _ delivery: Delivery,
        _ entry: DeliveryEntry,
        _ detail: String
    ) {
        suspect(.a7, name, delivery, entry, detail)
        suspect(.a5, "duplicate-delivery", delivery, entry, detail)
    }

    private mutating func unflagged(_ delivery: Delivery, _ entry: DeliveryEntry) {
        suspect(.a22, "unflagged-redelivery", delivery, entry, "not the first, yet not flagged")
    }
}
