import Histories
import Messaging

/// A delivery whose event may have been settled by the receipt of an earlier one.
struct Usurpation: Sendable {
    /// The member whose late acknowledgement was taken.
    var consumer: UInt16
    /// Whether the delivery itself was answered too.
    var isAnswered: Bool
}

/// A33: a receipt is good for its own lease; once another delivery has replaced it, for nothing.
///
/// That a late acknowledgement is answered with *ok* proves nothing, it may have been passed over.
/// What proves it is the lease that replaced it: refused while it was surely live, or over without
/// an answer and the event never heard of again.
extension DeliveryLedger {
    /// An acknowledgement of `older` was taken after `newer` had taken its place.
    mutating func noteUsurped(_ newer: UInt64, by older: DeliveryEntry) {
        let entry = self[entry: newer]
        guard entry.returned &+ rules.clockErrorNanoseconds < older.answerInvoked,
            entry.fate == .open || entry.fate == .ackInvoked, usurped.count < Self.storeLimit
        else { return }
        usurped[newer] = Usurpation(
            consumer: older.consumer,
            isAnswered: entry.fate == .ackInvoked
        )
    }

    /// The acknowledgement of a delivery was refused.
    mutating func judgeUsurped(_ ordinal: UInt64, _ entry: DeliveryEntry, refusedAt time: Int64) {
        guard !usurped.isEmpty, let found = usurped[ordinal], entry.fate == .unclear else { return }
        guard rules.leaseNanoseconds != nil, time &+ rules.clockErrorNanoseconds < entry.leaseEnd
        else {
            // A refused answer is none: the event is owed as before.
            usurped[ordinal]?.isAnswered = false
            return
        }
        findings.add(
            usurpation(
                entry,
                "member \(entry.consumer) was refused \(entry.leaseEnd - time) ns before its lease "
                    + "ended, after a late answer of member \(found.consumer) was taken"
            )
        )
        usurped[ordinal] = nil
    }

    /// What was never answered by its holder and did not come again by `rest`, when all was still.
    func usurpedForGood(at rest: Int64) -> [Anomaly] {
        guard profile.capabilities.contains(.redelivery), rules.leaseNanoseconds != nil else {
            return []
        }
        return usurped.sorted { $0.key < $1.key }.compactMap { ordinal, found in
            let entry = self[entry: ordinal]
            guard !found.isAnswered, entry.fate == .unclear, entry.lane != .max,
                max(entry.leaseEnd, entry.extendedEnd) < rest,
                !lanes[Int(entry.lane)].deadLetters.contains(entry.n)
            else { return nil }
            return usurpation(
                entry,
                "the lease of member \(entry.consumer) ended without an answer, yet after a late "
                    + "answer of member \(found.consumer) it never came again"
            )
        }
    }

    private func usurpation(_ entry: DeliveryEntry, _ detail: String) -> Anomaly {
        Anomaly(
            .a33,
            "stale-settlement",
            side: .boundary,
            blame: .broker,
            lane: index.lanes[Int(entry.lane)],
            group: group,
            n: entry.n,
            detail: detail
        )
    }
}
