import LatencyMetrics
import RunRecords

/// A name with everything that breaks careless writers.
let hostileName = "a,\"b\"\r\nc\u{1B}[31m;\u{202E}é"

func sampleHistogram(_ samples: [Int64]) -> HistogramSnapshot {
    var histogram = LatencyHistogram()
    for sample in samples { histogram.record(sample) }
    return histogram.snapshot()
}

/// A run in which everything has a value, and names are hostile.
func sampleRecord() -> RunRecord {
    var record = RunRecord(
        scenario: "orders-late-and-twice",
        seed: .max,
        startedAtMilliseconds: 1_738_367_999_042
    )
    record.summary = "Does billing count every order once?"
    record.driver = "ring"
    record.plan = [
        "in-flight": 1024, "aB_c": [true, .null, .number(0.5)], "name": .string(hostileName),
    ]
    record.command = ["gyre", "run", "scenarios/it's here.yaml", "--seed", "42"]
    record.exitCode = 1
    record.exitReason = "a required guarantee was broken: A8 exactly-once effect"
    record.totals.published = 1_234_567
    record.totals.confirmed = 1_234_000
    record.totals.delivered = 1_300_000
    record.totals.applied = 1_234_012
    record.totals.duplicated = 12
    record.throughput.confirmedPerSecond = 19_998.4
    record.throughput.handledPerSecond = 20_001.25
    record.throughput.bytesPerSecond = 5_119_590.4
    record.throughput.targetPerSecond = 20_000
    record.metrics = [
        MetricRecord("published", 7, unit: "events", topic: hostileName, producer: "web"),
        MetricRecord("ratio", 0.1, unit: "", group: "billing", phase: "measured"),
    ]
    record.isOpenLoop = true
    let samples = (1...1000).map { Int64($0) * 1000 }
    for (kind, shift) in [(LatencyKind.response, 500), (.service, 0), (.slip, 500)] {
        record.latencies.append(
            LabelledHistogram(
                stage: .apply,
                kind: kind,
                group: "billing",
                phase: "measured",
                histogram: sampleHistogram(samples.map { $0 + Int64(shift) })
            )
        )
    }
    record.environment.processorModel = "Test CPU"
    record.environment.processors = 2
    record.environment.placementBefore = PlacementReading(label: .near, roundTrip: nil)
    record.environment.placementAfter = PlacementReading(label: .far, roundTrip: nil)
    record.resources.bytesAllocatedPerEvent = 0
    record.resources.allocationMethod = "jemalloc thread counters"
    record.warnings = ["The cores moved during the run."]
    fillFindings(&record)
    fillTimeline(&record)
    return record
}

private func fillFindings(_ record: inout RunRecord) {
    record.checks = [
        CheckRecord(
            id: "A4",
            name: "no loss",
            side: .broker,
            verdict: .valid,
            cases: 1_234_000,
            isRequired: true,
            form: "inline",
            reason: ""
        ),
        CheckRecord(
            id: "A8",
            name: "exactly-once effect",
            side: .application,
            verdict: .violated,
            cases: 1_234_000,
            isRequired: true,
            form: "inline",
            reason: "12 events twice"
        ),
        CheckRecord(
            id: "A20",
            name: "redelivery",
            side: .broker,
            verdict: .unknown,
            cases: 0,
            isRequired: false,
            form: "inline",
            reason: "no lease ended"
        ),
    ]
    record.anomalies = [
        AnomalyRecord(
            id: "A8",
            name: "duplicate-effect",
            side: .application,
            blame: .injected,
            topic: "orders",
            partition: 3,
            key: hostileName,
            count: 12,
            witness: [["event": "web:1", "attempt": 2]]
        ),
        AnomalyRecord(
            id: "A1",
            name: "phantom",
            side: .broker,
            blame: .broker,
            topic: "",
            partition: nil,
            key: nil,
            count: 1,
            witness: []
        ),
    ]
    record.thresholds = [
        ThresholdRecord(
            text: "p99(apply.response) < 500ms",
            measured: 990_000,
            unit: "ns",
            outcome: .met,
            reason: ""
        ),
        ThresholdRecord(
            text: "throughput > 20k/s",
            measured: 19_998.4,
            unit: "events/s",
            outcome: .missed,
            reason: ""
        ),
        ThresholdRecord(
            text: "recovery(late) < 2s",
            measured: nil,
            unit: "ns",
            outcome: .void,
            reason: "the fault has no end"
        ),
    ]
    var late = FaultRecord(name: "late", fault: "delay", site: "deliver")
    (late.armed, late.eligible, late.fired, late.effective, late.masked) = (1, 1000, 20, 19, 18)
    (late.firstNanoseconds, late.lastNanoseconds) = (5, 77)
    late.heldOverflow = 2
    record.faults = [late, FaultRecord(name: hostileName, fault: "crash", site: "")]
}

private func fillTimeline(_ record: inout RunRecord) {
    var producing = IntervalSeries(length: 3_000_000_000, parts: 1)
    var consuming = IntervalSeries(length: 3_000_000_000, parts: 2)
    for second in 0..<3 {
        producing.moveTo(Int64(second) * 1_000_000_000)
        consuming.moveTo(Int64(second) * 1_000_000_000)
        producing.add(100 * (second + 1), to: .confirmed)
        producing.advance(0, by: 100 * (second + 1))
        producing.observe(inFlight: 9)
        for group in 0..<2 {
            consuming.advance(group, by: 100 * second)
            if second > 0 { consuming.record(2000) }
        }
    }
    record.timeline = TimelineRecord.rows(
        producers: producing.intervals(),
        consumers: consuming.intervals(),
        topics: [0, 0],
        faults: [
            LatencyPhase(name: "late", start: 500_000_000, end: 1_000_000_001),
            LatencyPhase(name: "first", start: 0, end: 1_000_000_000),
            LatencyPhase(name: hostileName, start: 2_000_000_000, end: .max),
        ]
    )
}
