import Testing

@testable import LatencyMetrics

@Suite struct LatencySetTests {
    private let phases = [
        LatencyPhase(name: "measured", start: 100, end: 1000),
        LatencyPhase(name: "during:slow", start: 500, end: 600),
    ]

    @Test("response, service and slip are told apart and belong to the intended time's phase")
    func kinds() {
        var set = LatencySet(
            labels: [
                LatencyLabel(stage: .publish, group: "", isOpenLoop: true),
                LatencyLabel(stage: .apply, group: "billing", isOpenLoop: true),
            ],
            phases: phases
        )
        set.record(1, due: 550, sent: 650, done: 1700)
        set.record(1, due: 999, sent: 5000, done: 5001, count: 3)
        set.record(1, due: 99, sent: 200, done: 300)
        set.record(1, due: 1000, sent: 1000, done: 1001)
        let all = set.histogramsByLabel()
        #expect(all.count == 12)
        func samples(_ kind: LatencyKind, _ phase: String) -> [Int64] {
            all.filter { $0.stage == .apply && $0.kind == kind && $0.phase == phase }
                .flatMap { one in
                    one.histogram.buckets.flatMap { bucket in
                        Array(repeating: bucket.lowest, count: Int(bucket.count))
                    }
                }
        }
        #expect(samples(.response, "measured") == [1150, 4002 & ~1, 4002, 4002])
        #expect(samples(.service, "measured") == [1, 1, 1, 1050])
        #expect(samples(.slip, "measured") == [100, 4000, 4000, 4000])
        #expect(samples(.response, "during:slow") == [1150])
        #expect(all.filter { $0.stage == .publish }.allSatisfy { $0.histogram.total == 0 })
        #expect(all.allSatisfy { $0.group == ($0.stage == .apply ? "billing" : "") })
    }

    @Test("a closed loop has service times alone, in the phase of the actual send")
    func closedLoop() {
        var set = LatencySet(
            labels: [LatencyLabel(stage: .endToEnd, group: "g", isOpenLoop: false)],
            phases: phases
        )
        set.record(0, due: 0, sent: 550, done: 560)
        let all = set.histogramsByLabel()
        #expect(all.map(\.kind) == [.service, .service])
        #expect(all.map(\.histogram.total) == [1, 1])
    }

    @Test("equal labels of several threads are put together")
    func merging() {
        func one(_ latency: Int64) -> [LabelledHistogram] {
            var set = LatencySet(
                labels: [LatencyLabel(stage: .publish, group: "", isOpenLoop: true)],
                phases: phases
            )
            set.record(0, due: 200, sent: 200, done: 200 + latency)
            return set.histogramsByLabel()
        }
        let merged = LatencySet.merged(one(5) + one(9))
        #expect(merged.count == 6)
        #expect(merged[0].histogram.total == 2)
        #expect(merged[0].histogram.highest == 9)
        #expect(merged[0].kind == .response && merged[0].phase == "measured")
    }

    @Test("no phase and no series is allowed")
    func empty() {
        #expect(LatencySet(labels: [], phases: phases).histogramsByLabel() == [])
        var set = LatencySet(
            labels: [LatencyLabel(stage: .publish, group: "", isOpenLoop: true)],
            phases: []
        )
        set.record(0, due: 0, sent: 0, done: 0)
        #expect(set.histogramsByLabel() == [])
    }
}

@Suite struct IntervalSeriesTests {
    @Test("what happens is counted in its second")
    func counts() {
        var series = IntervalSeries(length: 2_500_000_000)
        #expect(series.count == 3)
        series.add(4, to: .published)
        series.observe(inFlight: 7)
        series.observe(inFlight: 3)
        series.moveTo(999_999_999)
        series.add(1, to: .published)
        series.moveTo(2_000_000_000)
        series.add(2, to: .applied)
        series.observe(held: 9)
        series.record(1500)
        series.moveTo(900_000_000_000)
        series.add(1, to: .acknowledged)
        let rows = series.intervals()
        #expect(rows.map(\.start) == [0, 1_000_000_000, 2_000_000_000])
        #expect(rows.map { $0[.published] } == [5, 0, 0])
        #expect(rows.map { $0[.applied] } == [0, 0, 2])
        #expect(rows.map { $0[.acknowledged] } == [0, 0, 1])
        #expect(rows.map(\.inFlight) == [7, 0, 0])
        #expect(rows.map(\.held) == [0, 0, 9])
        #expect(rows.map(\.latency.total) == [0, 0, 1])
    }

    @Test(
        "a long run has longer intervals, not more",
        arguments: [
            (0, 1, 1), (1_200, 1200, 1), (1_201, 601, 2), (86_400, 1200, 72),
        ] as [(Int64, Int, Int64)]
    )
    func bounded(seconds: Int64, count: Int, length: Int64) {
        let series = IntervalSeries(length: seconds * 1_000_000_000)
        #expect(series.count == count)
        #expect(series.intervalNanoseconds == length * 1_000_000_000)
    }

    @Test("series add up interval by interval")
    func merging() {
        func one(_ amount: Int) -> [Interval] {
            var series = IntervalSeries(length: 2_000_000_000)
            series.moveTo(1_000_000_000)
            series.add(amount, to: .delivered)
            series.observe(inFlight: amount)
            series.record(Int64(amount))
            return series.intervals()
        }
        let sum = Interval.merged([one(3), one(4)])
        #expect(sum.map { $0[.delivered] } == [0, 7])
        #expect(sum.map(\.inFlight) == [0, 7])
        #expect(sum.map(\.latency.total) == [0, 2])
        #expect(Interval.merged([]) == [])
    }
}
