import Histories
import Messaging

extension BoundaryJudge {
    /// What confirmed and unanswered events each group has not seen.
    struct Missing {
        var confirmed: UInt64 = 0
        var possible: UInt64 = 0
        var losses: [Loss] = []

        typealias Loss = (
            ledger: DeliveryLedger, lane: LaneID, range: Range<UInt64>, part: String
        )
    }

    /// A4: every confirmed event reaches every group.
    mutating func judgeLoss() -> Missing {
        var missing = Missing()
        for ledger in evidence.deliveries {
            for (lane, sends) in bench.boundary where lane.topic == ledger.topic {
                tally(&missing, ledger, lane, sends)
            }
        }
        guard bench.drainedAt != nil else { return missing }
        let declared = UInt64(max(0, evidence.accounts.declaredDrops ?? 0))
        // Nobody says which events an overflow policy took, only how many; a scenario that asks
        // for at-least-once has not agreed to any.
        let excused = evidence.expectations.delivery == .atLeastOnce ? 0 : declared
        guard missing.confirmed > excused else { return missing }
        let note = declared > 0 ? "; the broker declares \(declared) drops" : ""
        for loss in missing.losses.sorted(by: Self.precedes) {
            let detail = "confirmed, never delivered (\(loss.part) of its lane)\(note)"
            report(.a4, "lost", loss.ledger, loss.lane, [loss.range], detail: detail)
        }
        return missing
    }

    private static func precedes(_ left: Missing.Loss, _ right: Missing.Loss) -> Bool {
        (left.ledger.group, left.lane.packed, left.range.lowerBound)
            < (right.ledger.group, right.lane.packed, right.range.lowerBound)
    }

    private func tally(
        _ missing: inout Missing,
        _ ledger: DeliveryLedger,
        _ lane: LaneID,
        _ sends: SendLane
    ) {
        let state = ledger.index.number(of: lane).map { ledger.lanes[$0] }
        let start = min(bench.owedFrom(group: ledger.group, lane: lane), sends.reached)
        let unseen =
            state?.delivered.missingRanges(in: start..<sends.reached)
            ?? [start..<sends.reached].filter { !$0.isEmpty }
        var owed: [Range<UInt64>] = []
        for range in unseen {
            for confirmed in sends.confirmed.presentRanges(in: range) {
                owed += confirmed.cut(by: state?.deadLetters.ranges(in: confirmed) ?? [])
            }
        }
        missing.confirmed += owed.reduce(0) { $0 + UInt64($1.count) }
        let open = sends.unresolvedRanges
        missing.possible += open.reduce(0) { sum, range in
            let unseen = state?.delivered.missingRanges(in: range) ?? [range]
            return sum + unseen.reduce(0) { $0 + UInt64($1.count) }
        }
        let top = state?.delivered.upperBound ?? 0
        for range in owed {
            let part =
                range.lowerBound >= top
                ? "the end" : range.lowerBound == start ? "the start" : "the middle"
            missing.losses.append((ledger, lane, range, part))
        }
    }

    /// A29: what is missing is queued or declared; what is declared is missing.
    mutating func judgeConservation(_ missing: Missing) {
        guard bench.drainedAt != nil, let drops = evidence.accounts.declaredDrops,
            let queued = evidence.accounts.queued
        else { return }
        let accounted = UInt64(max(0, drops)) + UInt64(max(0, queued))
        var detail: String?
        if accounted < missing.confirmed {
            detail =
                "\(missing.confirmed) confirmed events are missing, \(drops) are declared as "
                + "dropped and \(queued) as queued"
        } else if queued == 0, UInt64(max(0, drops)) > missing.confirmed + missing.possible {
            detail =
                "\(drops) drops are declared, but at most "
                + "\(missing.confirmed + missing.possible) events are missing"
        }
        guard let detail else { return }
        findings.add(Anomaly(.a29, "silent-drop", side: .boundary, blame: .broker, detail: detail))
    }
}
