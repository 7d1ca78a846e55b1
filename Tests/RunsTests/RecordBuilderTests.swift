import Clients
import Faults
import HistoryChecks
import LatencyMetrics
import Messaging
import RunRecords
import Scenarios
import Testing
import Workloads

@testable import Runs

@Suite("What a run's record says")
struct RecordBuilderTests {
    private static func plan(_ edit: (inout ScenarioPlan) -> Void = { _ in }) -> ScenarioPlan {
        var plan = ScenarioPlan(name: "sample")
        plan.topics = [TopicPlan(name: "t")]
        plan.groups = [GroupPlan(name: "g", topic: 0), GroupPlan(name: "h", topic: 0)]
        edit(&plan)
        return plan
    }

    private static func builder(
        _ plan: ScenarioPlan = plan(),
        loadEnd: Double = 5000,
        drain: DrainStatus = .drained(at: ms(6000)),
        _ fill: (inout Harvest) -> Void = { _ in }
    ) -> RecordBuilder {
        var harvest = Harvest()
        fill(&harvest)
        let reading = PlacementReading(label: .mixed, roundTrip: nil)
        let usage = ProcessUsage.current()
        var later = usage
        later.userNanoseconds += 3_000_000_000
        later.systemNanoseconds += 1_000_000_000
        let result = RunResult(
            plan: plan,
            profile: PromiseProfile(capabilities: []),
            measured: MeasuredWindow(begin: ms(1000), end: ms(5000)),
            ended: RunEnding(
                drain: drain,
                loadEnd: ms(loadEnd),
                end: ms(6000),
                wasInterrupted: false
            ),
            failure: nil,
            accounts: BrokerAccounts(declaredDrops: 4),
            crew: harvest,
            seed: RunSeed(seed: 1),
            placement: (reading, reading),
            usage: (usage, later)
        )
        return RecordBuilder(result, RunFindings(result))
    }

    private static func record(_ builder: RecordBuilder) -> RunRecord {
        builder.record(startedAtMilliseconds: 0, command: [], versions: VersionRecord())
    }

    private static func slip(_ nanoseconds: Int64, negatives: Int = 0) -> [LabelledHistogram] {
        var slip = LatencyHistogram()
        for _ in 0..<100 { slip.record(nanoseconds) }
        var service = LatencyHistogram()
        service.record(5)
        for _ in 0..<negatives { service.record(-1) }
        return [(LatencyKind.slip, slip.snapshot()), (.service, service.snapshot())].map {
            LabelledHistogram(
                stage: .publish,
                kind: $0.0,
                group: "",
                phase: "measured",
                histogram: $0.1
            )
        }
    }

    private static func paced(_ rates: Double...) -> ScenarioPlan {
        plan { plan in
            plan.producers = rates.enumerated().map { number, rate in
                var settings = ProducerSettings(name: "p", number: UInt16(number), topic: 0)
                settings.arrivals = .constant(perSecond: rate)
                return settings
            }
        }
    }

    @Test(
        "a generator may slip by ten intervals of its slowest producer, and by 1 ms in any case",
        arguments: [
            (100_000, 1_000_000, true), (100_000, 1_100_000, false), (100, 99_000_000, true),
            (100, 101_000_000, false),
        ] as [(Double, Int64, Bool)]
    )
    func slipAllowance(rate: Double, slip: Int64, isHealthy: Bool) {
        let builder = Self.builder(Self.paced(rate, 1_000_000)) {
            $0.histograms = Self.slip(slip, negatives: 3)
        }
        let record = Self.record(builder)
        #expect(record.generator.isHealthy == isHealthy)
        #expect(record.generator.clockAnomalies == 3)
        #expect(record.warnings.count == (isHealthy ? 0 : 1))
        #expect(record.generator.reason.isEmpty == isHealthy)
    }

    @Test("more than one send in a hundred late is too many", arguments: [10, 11] as [UInt64])
    func late(count: UInt64) {
        let builder = Self.builder(Self.paced(1000)) { harvest in
            harvest.histograms = Self.slip(10)
            var counts = ProducerCounts()
            counts.late = count
            counts.sentInWindow = 1000
            harvest.producers = [counts]
        }
        let generator = Self.record(builder).generator
        #expect(generator.lateEvents == Int64(count))
        #expect(generator.isHealthy == (count == 10))
    }

    @Test("an unhealthy generator voids thresholds, not verdicts")
    func voided() {
        var plan = Self.paced(1000)
        plan.thresholds = [
            Threshold(text: "x", metric: .named("lost"), comparison: .equal, value: 0)
        ]
        let builder = Self.builder(plan) { $0.histograms = Self.slip(1_000_000_000) }
        let record = Self.record(builder)
        #expect(record.thresholds.map(\.outcome) == [.void])
    }

    @Test("rates are over the seconds that were really measured")
    func rates() {
        let builder = Self.builder(Self.paced(300, 200), loadEnd: 3000) { harvest in
            var counts = ProducerCounts()
            counts.confirmedInWindow = 100
            counts.bytesInWindow = 1000
            harvest.producers = [counts, counts]
            var handled = ConsumerCounts()
            handled.handledInWindow = 50
            harvest.consumers = [(0, handled)]
            harvest.allocatedBytes = [300, 100]
            harvest.processorNanoseconds = 2_500_000_000
        }
        let record = Self.record(builder)
        #expect(record.throughput.confirmedPerSecond == 100)
        #expect(record.throughput.bytesPerSecond == 1000)
        #expect(record.throughput.handledPerSecond == 25)
        #expect(record.throughput.targetPerSecond == 500)
        #expect(record.resources.bytesAllocatedPerEvent == 2)
        #expect(record.resources.processorSeconds == 4)
        #expect(record.resources.workerProcessorSeconds == 2.5)
        #expect(record.phases[1].endNanoseconds == 3_000_000_000)
        #expect(record.phases[2].endNanoseconds == 6_000_000_000)
    }

    @Test("a closed loop has no target, and one thread that does not count leaves no figure")
    func unknownFigures() {
        let builder = Self.builder(
            Self.plan { $0.producers = [ProducerSettings(name: "p", number: 0, topic: 0)] },
            loadEnd: 500
        ) { harvest in
            harvest.allocatedBytes = [300, nil]
            var counts = ProducerCounts()
            counts.confirmedInWindow = 100
            harvest.producers = [counts]
        }
        let record = Self.record(builder)
        #expect(record.throughput.targetPerSecond == nil && !record.isOpenLoop)
        #expect(record.resources.bytesAllocatedPerEvent == nil)
        #expect(record.phases.map(\.endNanoseconds) == [500, 500, 6000].map { $0 * 1_000_000 })
    }

    @Test("totals are sums over clients, metrics are of one group each")
    func totals() {
        let builder = Self.builder { harvest in
            var sent = ProducerCounts()
            sent.sent = 10
            sent.retries = 2
            sent.unknown = 3
            harvest.producers = [sent, sent]
            var one = ConsumerCounts()
            one.applied = 5
            one.deadLettered = 1
            var other = ConsumerCounts()
            other.applied = 7
            other.givenUp = 2
            harvest.consumers = [(0, one), (1, other), (0, one)]
        }
        let record = Self.record(builder)
        #expect(record.totals.published == 20 && record.totals.resent == 4)
        #expect(record.totals.unresolved == 6 && record.totals.unknown == 6)
        #expect(record.totals.applied == 17 && record.totals.deadLettered == 2)
        #expect(record.totals.givenUp == 2 && record.totals.declaredDrops == 4)
        #expect(record.metric("applied", group: "g") == 10)
        #expect(record.metric("applied", group: "h") == 7)
        #expect(record.metric("dead_lettered", group: "g") == 2)
    }

    @Test("a run that was not drained is warned of")
    func undrained() {
        let record = Self.record(Self.builder(drain: .unfinished(reason: "still busy")))
        #expect(record.warnings == ["still busy"])
    }

    /// One second each, with so many confirmed; the first is warm-up.
    private static func intervals(_ confirmed: [Int]) -> [Interval] {
        var series = IntervalSeries(length: Int64(confirmed.count) * 1_000_000_000)
        for (second, count) in confirmed.enumerated() {
            series.moveTo(Int64(second) * 1_000_000_000)
            series.add(count, to: .confirmed)
        }
        return series.intervals()
    }

    private static func recovery(_ confirmed: [Int], restartAfter: Duration? = nil) -> Int64? {
        let kind = restartAfter.map { FaultKind.crash(at: .beforeAck, restartAfter: $0) } ?? .drop
        let plan = plan { $0.faults = [FaultRule(name: "f", kind: kind, site: .ack)] }
        let builder = builder(plan, loadEnd: 5000) { harvest in
            var counts = FaultCounts()
            counts.first = ms(2500)
            counts.last = ms(2600)
            harvest.faults = [counts]
            harvest.producerIntervals = [intervals(confirmed + [0, 0])]
        }
        return record(builder).faults[0].recoveryNanoseconds
    }

    @Test("recovery is counted from a fault's end to the first second near the usual rate")
    func recovery() {
        #expect(Self.recovery([999, 100, 10, 10, 90]) == 1_400_000_000)
        #expect(Self.recovery([999, 100, 10, 89, 89]) == nil)
        #expect(Self.recovery([999, 100, 10, 90, 90]) == 400_000_000)
        #expect(Self.recovery([999, 100, 90, 10, 10]) == 0, "the second of the fault was good")
        #expect(
            Self.recovery([999, 100, 90, 90, 10], restartAfter: .milliseconds(500)) == 0,
            "a crash ends with the restart, at 3.1 s"
        )
        #expect(
            Self.recovery([999, 100, 90, 10, 90], restartAfter: .milliseconds(500)) == 900_000_000
        )
    }

    @Test("the timeline says which faults were active, and ends with the run")
    func timeline() {
        let plan = Self.plan { $0.faults = [FaultRule(name: "f", kind: .drop, site: .ack)] }
        let builder = Self.builder(plan) { harvest in
            var counts = FaultCounts()
            counts.first = ms(2500)
            counts.last = ms(3000)
            harvest.faults = [counts]
            harvest.producerIntervals = [Self.intervals([1, 2, 3, 4, 5, 6, 7, 8])]
        }
        let rows = Self.record(builder).timeline
        #expect(rows.map(\.confirmed) == [1, 2, 3, 4, 5, 6])
        #expect(rows.map(\.activeFaults) == [[], [], ["f"], ["f"], [], []])
    }
}
