import HistoryChecks
import LatencyMetrics
import Messaging
import RunRecords
import Scenarios
import Testing

@testable import Runs

@Suite("What a threshold measures")
struct ThresholdMetricTests {
    private static func histogram(_ values: Int64...) -> HistogramSnapshot {
        var histogram = LatencyHistogram()
        for value in values { histogram.record(value) }
        return histogram.snapshot()
    }

    private static func labelled(
        _ stage: LatencyStage,
        _ kind: LatencyKind,
        group: String = "",
        phase: String = "measured",
        _ histogram: HistogramSnapshot
    ) -> LabelledHistogram {
        LabelledHistogram(
            stage: stage,
            kind: kind,
            group: group,
            phase: phase,
            histogram: histogram
        )
    }

    private static let record: RunRecord = {
        var record = RunRecord(scenario: "sample", seed: 1, startedAtMilliseconds: 0)
        record.latencies = [
            labelled(.apply, .response, group: "a", histogram(100, 200)),
            labelled(.apply, .response, group: "b", histogram(300, 1000)),
            labelled(.apply, .service, group: "a", histogram(7)),
            labelled(.endToEnd, .response, group: "a", histogram(9)),
            labelled(.apply, .response, group: "a", phase: "storm", histogram(500)),
            labelled(.publish, .slip, histogram()),
        ]
        record.throughput.confirmedPerSecond = 11
        record.throughput.handledPerSecond = 12
        record.totals.lost = 21
        record.totals.duplicated = 22
        record.totals.reordered = 23
        record.totals.deadLettered = 24
        record.totals.unresolved = 25
        record.totals.delivered = 30
        record.totals.confirmed = 20
        record.resources.bytesAllocatedPerEvent = 0.5
        var crash = FaultRecord(name: "crash", fault: "crash", site: "")
        crash.recoveryNanoseconds = 77
        record.faults = [FaultRecord(name: "other", fault: "drop", site: "ack"), crash]
        return record
    }()

    private static func judged(
        _ metric: Threshold.Metric,
        during fault: String? = nil
    ) -> ThresholdRecord? {
        var plan = ScenarioPlan(name: "sample")
        plan.thresholds = [
            Threshold(
                text: "line",
                metric: metric,
                comparison: .atLeast,
                value: 0,
                during: fault
            )
        ]
        return ThresholdJudge(plan: plan, record: record).judge(voidedBecause: nil).first
    }

    private static func latency(
        _ what: String,
        _ kind: String = "response",
        _ percentile: Double? = 100,
        group: String? = nil
    ) -> Threshold.Metric {
        .latency(what: what, kind: kind, percentile: percentile, group: group)
    }

    @Test(
        "a latency is of its stage, kind, group and percentile; without a group of all together",
        arguments: [
            (latency("apply"), 1000), (latency("apply", group: "a"), 200),
            (latency("apply", group: "b"), 1000), (latency("apply", "service"), 7),
            (latency("e2e"), 9), (latency("apply", "response", 50), 200),
            (latency("apply", "response", 50, group: "a"), 100),
            (latency("apply", "response", nil), 400),
        ] as [(Threshold.Metric, Double)]
    )
    func latencies(metric: Threshold.Metric, expected: Double) throws {
        let judged = try #require(Self.judged(metric))
        #expect(judged.outcome == .met && judged.unit == "ns")
        #expect(try #require(judged.measured).rounded() == expected)
    }

    @Test("a latency during a fault is that of the fault's phase")
    func during() {
        #expect(Self.judged(Self.latency("apply"), during: "storm")?.measured == 500)
        #expect(Self.judged(Self.latency("e2e"), during: "storm")?.outcome == .void)
    }

    @Test(
        "what nobody measured is void",
        arguments: [
            latency("apply", "slip"), latency("publish", "slip"), latency("apply", group: "c"),
            .recovery(fault: "other"), .recovery(fault: "unheard"), .named("lag"),
            .named("nonsense"),
        ]
    )
    func unmeasured(metric: Threshold.Metric) {
        let judged = Self.judged(metric)
        #expect(judged?.outcome == .void && judged?.reason == "nothing was measured")
    }

    @Test(
        "each name stands for its number, in its unit",
        arguments: [
            ("throughput", 11, "events/s"), ("delivery-throughput", 12, "events/s"),
            ("lost", 21, "events"), ("duplicated", 22, "events"), ("reordered", 23, "events"),
            ("dead-lettered", 24, "events"), ("unresolved", 25, "events"),
            ("deliveries-per-event", 1.5, "events"), ("bytes-per-event", 0.5, "bytes"),
        ] as [(String, Double, String)]
    )
    func names(name: String, value: Double, unit: String) {
        let judged = Self.judged(.named(name))
        #expect(judged?.measured == value && judged?.unit == unit)
    }

    @Test("recovery is that of the fault")
    func recovery() {
        let judged = Self.judged(.recovery(fault: "crash"))
        #expect(judged?.measured == 77 && judged?.unit == "ns")
    }
}
