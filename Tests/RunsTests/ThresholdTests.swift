import HistoryChecks
import Messaging
import RunRecords
import Scenarios
import Testing

@testable import Runs

@Suite("Thresholds")
struct ThresholdTests {
    private static func judged(
        _ comparison: Threshold.Comparison,
        _ metric: String = "lost",
        voidedBecause reason: String? = nil
    ) -> ThresholdRecord? {
        var plan = ScenarioPlan(name: "sample")
        plan.thresholds = [
            Threshold(text: "line", metric: .named(metric), comparison: comparison, value: 5)
        ]
        var record = RunRecord(scenario: "sample", seed: 1, startedAtMilliseconds: 0)
        record.totals.lost = 5
        record.totals.duplicated = 4
        record.totals.reordered = 6
        return ThresholdJudge(plan: plan, record: record).judge(voidedBecause: reason).first
    }

    @Test(
        "each comparison is met on its side of the value, and at it where it says so",
        arguments: [
            (.below, true, false, false), (.atMost, true, true, false),
            (.equal, false, true, false), (.atLeast, false, true, true),
            (.above, false, false, true),
        ] as [(Threshold.Comparison, Bool, Bool, Bool)]
    )
    func comparisons(comparison: Threshold.Comparison, less: Bool, same: Bool, more: Bool) {
        for (metric, isMet) in [("duplicated", less), ("lost", same), ("reordered", more)] {
            let outcome = Self.judged(comparison, metric)?.outcome
            #expect(outcome == (isMet ? .met : .missed))
        }
    }

    @Test("an unhealthy generator voids a threshold that would be met")
    func voided() {
        let record = Self.judged(.equal, voidedBecause: "too slow")
        #expect(record?.outcome == .void)
        #expect(record?.reason == "too slow")
        #expect(record?.measured == 5)
    }

    @Test("a threshold on what was not measured is void, never met")
    func unmeasured() {
        #expect(Self.judged(.below, "deliveries-per-event")?.outcome == .void)
        #expect(Self.judged(.below, "nonsense")?.outcome == .void)
    }
}
