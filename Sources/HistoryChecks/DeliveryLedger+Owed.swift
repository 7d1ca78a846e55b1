public import Messaging

extension DeliveryLedger {
    /// How many deliveries the broker still has to repeat, and when it could have all of them.
    ///
    /// O(unanswered deliveries).
    public var outstanding: (count: Int, latest: Instant) {
        let open = owed
        let latest = open.map(\.since).max() ?? 0
        return (open.count, Instant(nanoseconds: latest))
    }

    /// Deliveries that the broker has to repeat, and since when it could have.
    var owed: [(entry: DeliveryEntry, since: Int64)] {
        guard profile.capabilities.contains(.redelivery) else { return [] }
        let kept = ring.held.map { ring[$0] }
        let all = kept + overflow.sorted { $0.key < $1.key }.map(\.value)
        return all.compactMap { entry in
            guard entry.lane != .max, let since = owedSince(entry),
                !lanes[Int(entry.lane)].deadLetters.contains(entry.n)
            else { return nil }
            return (entry, since)
        }
    }

    private func owedSince(_ entry: DeliveryEntry) -> Int64? {
        let hasLease = rules.leaseNanoseconds != nil && entry.leaseEnd != .max
        let due = entry.answerInvoked.addingReportingOverflow(entry.delay)
        let afterDelay = due.overflow ? Int64.max : due.partialValue
        let afterLease = max(entry.leaseEnd, entry.extendedEnd, entry.returned)
        switch entry.fate {
        case .open: return hasLease ? afterLease : nil
        case .nacked: return afterDelay
        case .nackInvoked: return hasLease ? max(afterDelay, afterLease) : afterDelay
        // Nobody has to notice that a member is gone; its lease ends all the same.
        case .returned: return hasLease ? max(afterDelay, afterLease) : entry.answerEnded
        case .ackInvoked, .acked, .unclear, .answeredReturned, .deadLetterInvoked, .deadLettered,
            .closed:
            return nil
        }
    }
}
