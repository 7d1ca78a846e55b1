import Faults
import Histories
import HistoryChecks
import Messaging
import RingDriver
import RunRecords
import Scenarios
import Synchronization
import Testing

@testable import Runs

/// The plan of a scenario with one topic and one producer; `rest` completes the file.
func shortPlan(_ rest: String, phases: String) throws -> ScenarioPlan {
    let text = """
        # What comes of a short run?
        gyre: 1
        name: short
        topics:
          - { name: orders, partitions: 2, capacity: 4096 }
          - { name: spare, partitions: 1, capacity: 4096 }
        producers:
          - name: shop
            topic: orders
            rate: { total: 4k/s }
            payload: 32B
            keys: { uniform: { count: 50, name: "customer-%d" } }
            confirm: { timeout: 100ms }
            retry: { attempts: 5, backoff: { fixed: 5ms } }
            idempotent: true
        \(rest)
        run: \(phases)
        """
    let reading = ScenarioFile.read(text: text, path: "short.yaml")
    return try #require(reading.plan, "\(reading.diagnostics)")
}

/// Runs `plan`, judges it and puts it on record.
func outcome(
    _ plan: ScenarioPlan,
    _ signals: RunSignals = RunSignals()
) throws -> (result: RunResult, record: RunRecord) {
    try outcome(plan, on: RingDriver(), signals)
}

func outcome<Driver: BrokerDriver>(
    _ plan: ScenarioPlan,
    on driver: Driver,
    _ signals: RunSignals
) throws -> (result: RunResult, record: RunRecord) {
    let options = RunOptions(loadFile: { _ in [] })
    let result = try LiveRun(plan, on: driver, options: options).conduct(signals)
    let record = RecordBuilder(result, RunFindings(result)).record(
        startedAtMilliseconds: 0,
        command: [],
        versions: VersionRecord()
    )
    return (result, record)
}

extension RunRecord {
    func verdict(_ id: String) -> CheckRecord? { checks.first { $0.id == id } }
    func metric(_ name: String, group: String) -> Double? {
        metrics.first { $0.metric == name && $0.group == group }?.value
    }
}

@Suite("A short live run on the embedded broker", .serialized)
struct LiveRunTests {
    @Test("without faults everything published is confirmed, delivered, applied and answered once")
    func clean() throws {
        let plan = try shortPlan(
            """
            consumers:
              - { name: billing, topic: orders, count: 2, lease: 2s }
              - { name: audit, topic: orders, lease: 2s, processing: { fixed: 10us } }
            expect:
              broker: { delivery: at-least-once, ordering: per-key }
              application: { effect: exactly-once, order: per-key, unresolved: 0 }
            """,
            phases: "{ warmup: 20ms, duration: 200ms, drain: 5s, seed: 3 }"
        )
        let (result, record) = try outcome(plan)
        let totals = record.totals
        #expect(record.exitCode == 0, "\(record.exitReason)")
        #expect(totals.published > 100)
        #expect(totals.confirmed == totals.published)
        for total in [totals.delivered, totals.acknowledged, totals.applied] {
            #expect(total == 2 * totals.published, "two groups")
        }
        #expect(totals.lost == 0 && totals.duplicated == 0 && totals.reordered == 0)
        #expect(totals.redelivered == 0 && totals.unresolved == 0)
        for group in plan.groups.map(\.name) {
            #expect(record.metric("applied", group: group) == Double(totals.published))
        }
        for id in ["A1", "A4", "A8", "A9", "A34"] {
            let check = try #require(record.verdict(id))
            #expect(check.verdict == .valid && check.isRequired)
            #expect(check.cases > 100, "\(id)")
        }
        guard case .drained = result.ended.drain else {
            Issue.record("not drained")
            return
        }
        #expect(result.drainRecord?.time == result.ended.end)
        #expect(record.phases.map(\.name) == ["warmup", "measured", "drain"])
        #expect(record.phases[1].startNanoseconds == 20_000_000)
        #expect(record.phases[1].endNanoseconds == 220_000_000)
        let measured = Double(totals.publishedBytes) / 32
        #expect(measured > 0 && measured < Double(totals.published), "warm-up is not measured")
        let perSecond = record.throughput.confirmedPerSecond
        #expect(abs(perSecond - measured / 0.2) < 1, "all of what was sent in 200 ms")
    }

    @Test("faults are counted from armed to masked, and absorbed by retry, broker and inbox")
    func absorbed() throws {
        let plan = try shortPlan(
            """
            consumers:
              - name: billing
                topic: orders
                lease: 60ms
                inbox: { window: 60s, events: 100k }
                retry: { attempts: 8, backoff: { fixed: 2ms } }
                dead-letter: spare
            faults:
              - { name: lost-acks, fault: drop, at: ack, probability: 0.1 }
              - { name: lost, fault: drop, at: deliver, every: 10, where: { partition: 1 } }
              - { name: twice, fault: { duplicate: { extra: 1 } }, at: publish, every: 7 }
              - name: late
                fault: { delay: { fixed: 1ms } }
                at: deliver
                order: hold
                every: 50
              - { name: refused, fault: fail, at: process, probability: 0.05 }
              - { name: never, fault: drop, at: ack, every: 1000000, min-fired: 0 }
            expect:
              broker: { delivery: at-least-once }
              application: { effect: exactly-once, unresolved: 0 }
            """,
            phases: "{ warmup: 20ms, duration: 200ms, drain: 8s, seed: 3 }"
        )
        let (result, record) = try outcome(plan)
        #expect(record.exitCode == 0, "\(record.exitReason)")
        #expect(record.totals.lost == 0 && record.totals.duplicated == 0)
        #expect(record.totals.recognised > 0 && record.totals.redelivered > 0)
        #expect(Set(result.evidence.effects.map(\.distinct)) == [UInt64(record.totals.published)])
        for fault in record.faults {
            #expect(fault.armed >= fault.eligible && fault.eligible >= fault.fired)
            #expect(fault.effective == fault.fired)
            #expect(fault.masked == (fault.fault == "delay" ? 0 : fault.effective), "\(fault.name)")
            #expect((fault.fired > 0) == (fault.name != "never"), "\(fault.name)")
            let measured = 20_000_000...result.ended.loadEnd.nanoseconds + 5_000_000
            if let first = fault.firstNanoseconds, let last = fault.lastNanoseconds {
                #expect(measured.contains(first) && measured.contains(last) && first <= last)
            }
        }
        let lost = try #require(record.faults.first { $0.name == "lost" })
        #expect(lost.eligible < lost.armed && lost.eligible > 0, "one partition of two")
    }

    @Test("a lost answer without an inbox is caught, blamed on the client and not called masked")
    func caught() throws {
        let plan = try shortPlan(
            """
            consumers:
              - { name: billing, topic: orders, lease: 300ms }
            faults:
              - { name: lost-acks, fault: drop, at: ack, every: 20 }
            expect:
              broker: { delivery: at-least-once }
              application: { effect: exactly-once }
              thresholds: [ "duplicated == 0" ]
            """,
            phases: "{ warmup: 20ms, duration: 150ms, drain: 5s, seed: 3 }"
        )
        let (_, record) = try outcome(plan)
        let fault = try #require(record.faults.first)
        #expect(fault.fired > 5)
        // A busy machine may let a lease or two run out by itself.
        #expect(record.totals.duplicated >= fault.fired)
        #expect(fault.masked == 0)
        #expect(record.exitCode == 1)
        #expect(record.exitReason.contains("A8"))
        #expect(record.verdict("A8")?.verdict == .violated)
        #expect(record.verdict("A4")?.verdict == .valid, "the broker has kept its word")
        let anomaly = try #require(record.anomalies.first { $0.id == "A8" })
        #expect(anomaly.name == "double-apply" && anomaly.side == .application)
        #expect(anomaly.blame == .client && anomaly.topic == "orders")
        #expect(anomaly.key?.hasPrefix("customer-") == true || anomaly.key == nil)
        #expect(anomaly.witness.count > 1, "a sentence and records")
        let judged = record.generator.isHealthy ? ThresholdRecord.Outcome.missed : .void
        #expect(record.thresholds.map(\.outcome) == [judged])
    }

    @Test("a fault that fired too seldom makes the run prove nothing")
    func vacuous() throws {
        var plan = try shortPlan(
            """
            consumers:
              - { name: billing, topic: orders, lease: 2s }
            """,
            phases: "{ warmup: 0s, duration: 200ms, drain: 5s, seed: 3 }"
        )
        var nowhere = FaultSelector()
        nowhere.partition = 9
        plan.faults = [FaultRule(name: "idle", kind: .drop, site: .ack, selector: nowhere)]
        let (_, record) = try outcome(plan)
        #expect(record.exitCode == 4)
        #expect(record.exitReason.contains("'idle' fired less than 1"))
        #expect(record.faults.map(\.fired) == [0])
        #expect(record.faults[0].armed > 0 && record.faults[0].eligible == 0)
    }

    @Test("a run that its user ends is drained, judged and put on record")
    func interrupted() throws {
        let plan = try shortPlan(
            """
            consumers:
              - { name: billing, topic: orders, lease: 2s }
            expect:
              broker: { delivery: at-least-once }
            """,
            phases: "{ warmup: 20ms, duration: 1h, drain: 5s, seed: 3 }"
        )
        let looks = Counter()
        let signals = RunSignals(isInterrupted: { looks.next() > 3 })
        let (result, record) = try outcome(plan, signals)
        #expect(result.ended.wasInterrupted)
        #expect(result.ended.loadEnd < ms(5_000))
        #expect(record.exitCode == 130, "\(record.exitReason)")
        #expect(record.totals.published > 0)
        #expect(record.totals.applied == record.totals.published)
        guard case .drained = result.ended.drain else {
            Issue.record("not drained")
            return
        }
    }

    @Test(
        "a broker that dies ends the run with what was seen until then",
        arguments: [true, false]
    )
    func brokerDies(whilePublishing: Bool) throws {
        let plan = try shortPlan(
            """
            consumers:
              - { name: billing, topic: orders, lease: 2s }
            expect:
              broker: { delivery: at-least-once }
              thresholds: [ "throughput > 1/s" ]
            """,
            phases: "{ warmup: 0s, duration: 1h, drain: 1h, seed: 3 }"
        )
        let driver = MortalDriver(callsUntilDeath: 50, diesPublishing: whilePublishing)
        let (result, record) = try outcome(plan, on: driver, RunSignals())
        #expect(result.failure == .brokerDied("killed by a test"))
        #expect(record.exitCode == 3)
        #expect(record.exitReason.contains("killed by a test"))
        #expect(record.warnings.contains { $0.contains("killed by a test") })
        #expect(record.totals.published > 0 && record.totals.delivered > 0)
        #expect(result.drainRecord == nil)
        #expect(result.ended.drain == .unfinished(reason: "the broker is gone"))
        #expect(record.verdict("A4")?.verdict != .valid, "what is missing may still have come")
    }

    @Test("a broker that cannot be opened is an error with its reason")
    func notOpened() throws {
        let plan = try shortPlan(
            "consumers: [ { name: billing, topic: orders, lease: 2s } ]",
            phases: "{ warmup: 0s, duration: 100ms, drain: 5s, seed: 3 }"
        )
        let driver = MortalDriver(callsUntilDeath: -1, diesPublishing: true)
        let error = #expect(throws: RunError.self) {
            _ = try outcome(plan, on: driver, RunSignals())
        }
        guard case .driver(.unavailable) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}

/// Counts calls from any thread.
private final class Counter: Sendable {
    private let word = Atomic<Int>(0)

    func next() -> Int { word.add(1, ordering: .relaxed).newValue }
}

/// A moment of a run, in milliseconds.
func ms(_ count: Double) -> Instant { Instant(nanoseconds: Int64(count * 1e6)) }
