import Clients
import Faults
import Foundation
import HistoryChecks
import Messaging
import Testing
import Workloads

@testable import Scenarios

@Suite("From text to plan")
struct PlanTests {
    @Test("the sample of the format becomes what it says")
    func sample() throws {
        let path = Repository.scenarios + "/orders-late-and-twice.yaml"
        let plan = try ScenarioFile.load(path: path, limits: roomy)
        #expect(plan.name == "orders-late-and-twice")
        #expect(plan.summary.hasPrefix("Does billing count every order once"))
        #expect(
            plan.topics == [
                TopicPlan(name: "orders", partitions: 8, capacity: 4096, largestPayloadBytes: 256),
                TopicPlan(
                    name: "orders.dlq",
                    partitions: 1,
                    capacity: 4096,
                    largestPayloadBytes: 256
                ),
            ]
        )
        #expect(plan.producers.map(\.number) == [0, 1])
        let web = plan.producers[1]
        #expect(web.arrivals == .constant(perSecond: 10_000))
        #expect(web.keys == KeyDistribution(.zipf(count: 10_000, exponent: 0.99), pattern: 0))
        #expect(plan.keyNames.patterns == ["customer-%d"])
        #expect(
            web.retry
                == RetryPolicy(
                    attempts: 5,
                    backoff: .exponential(
                        base: .milliseconds(10),
                        factor: 2,
                        cap: .seconds(1),
                        jitter: .full
                    )
                )
        )
        #expect(web.isIdempotent)
        let billing = plan.consumers[0]
        #expect(billing.processing == .exponential(mean: .microseconds(10)))
        #expect(
            billing.inbox
                == InboxSettings(
                    windowNanoseconds: 60_000_000_000,
                    events: 1_000_000,
                    isDurable: true
                )
        )
        #expect(billing.deadLetterTopic == 1)
        #expect(billing.deadLetterProducer == 2)
        #expect(
            plan.groups == [
                GroupPlan(name: "billing", topic: 0, members: 2, leaseNanoseconds: 200_000_000)
            ]
        )
        #expect(
            plan.faults.map(\.name) == ["late", "twice", "lost-acks", "refused", "billing-dies"]
        )
        #expect(plan.faults[0].kind == .delay(.exponential(mean: .milliseconds(5)), order: .hold))
        #expect(plan.faults[1].selector.key == EventKey(pattern: 0, index: 7))
        #expect(plan.faults[2].selector.every == 1000)
        #expect(plan.faults[4].kind == .crash(at: .beforeAck, restartAfter: .milliseconds(100)))
        #expect(plan.faults[4].selector.group == 0)
        #expect(plan.faults[4].selector.member == 0)
        #expect(plan.expectations.effect == .exactlyOnce)
        #expect(plan.expectations.unresolved == 0)
        #expect(
            plan.thresholds.map(\.metric) == [
                .latency(what: "apply", kind: "response", percentile: 99, group: nil),
                .named("throughput"), .recovery(fault: "billing-dies"),
            ]
        )
        #expect(plan.thresholds.map(\.value) == [500_000_000, 19_000, 2_000_000_000])
        #expect(plan.phases.seed == 42)
    }

    @Test("what is left out has the defaults of the format")
    func defaults() throws {
        let text =
            "gyre: 1\ntopics: [{ name: t }]\nproducers: [{ name: p, topic: t }]\nconsumers: [{ name: c, topic: t }]"
        let plan = try #require(read(text).plan)
        #expect(plan.driver == DriverChoice(kind: "ring", settings: [:]))
        #expect(plan.name == "x")
        #expect(plan.topics == [TopicPlan(name: "t", largestPayloadBytes: 256)])
        #expect(plan.producers == [ProducerSettings(name: "p", number: 0, topic: 0)])
        #expect(plan.consumers == [ConsumerSettings(name: "c", group: 0)])
        #expect(plan.groups == [GroupPlan(name: "c", topic: 0)])
        #expect(plan.phases == RunPhases())
        #expect(plan.expectations.isEmpty)
    }

    @Test(
        "words that YAML 1.1 would change stay words",
        arguments: ["no", "on", "y", "null-ish", "1e3", "0x10", "0o7", "12"]
    )
    func words(word: String) throws {
        let text =
            "gyre: 1\ntopics: [{ name: \(word) }]\nproducers: [{ name: \(word), topic: \(word) }]\n"
            + "consumers: [{ name: \(word), topic: \(word) }]\n"
            + "driver: { kind: ring, at: 1:30, flag: no }"
        let plan = try #require(read(text).plan)
        #expect(plan.topics[0].name == word)
        #expect(plan.driver.settings == ["at": .text("1:30"), "flag": .text("no")])
    }

    @Test(
        "thresholds are read in all their forms",
        arguments: [
            (
                "p99.9(publish.service) <= 5ms",
                .latency(what: "publish", kind: "service", percentile: 99.9, group: nil), 5e6, nil
            ),
            (
                "max(e2e.slip) < 1s",
                .latency(what: "e2e", kind: "slip", percentile: 100, group: nil), 1e9, nil
            ),
            (
                "mean(apply.response{group=c}) < 1ms during f",
                .latency(what: "apply", kind: "response", percentile: nil, group: "c"), 1e6, "f"
            ),
            ("lost == 0", .named("lost"), 0, nil),
            ("dead-lettered <= 1k", .named("dead-lettered"), 1000, nil),
            ("delivery-throughput >= 5k/s", .named("delivery-throughput"), 5000, nil),
            ("bytes-per-event < 64B", .named("bytes-per-event"), 64, nil),
            ("deliveries-per-event < 1.05", .named("deliveries-per-event"), 1.05, nil),
            ("recovery(f) < 2s", .recovery(fault: "f"), 2e9, nil),
        ] as [(String, Threshold.Metric, Double, String?)]
    )
    func thresholds(line: String, metric: Threshold.Metric, value: Double, during: String?) throws {
        let text = DiagnosticTests.scenario(rest: "expect: { thresholds: [\"\(line)\"] }")
        let threshold = try #require(read(text).plan?.thresholds.first)
        #expect(threshold.text == line)
        #expect(threshold.metric == metric)
        #expect(threshold.value == value)
        #expect(threshold.during == during)
    }

    @Test("rates are shared or each producer's own")
    func rates() throws {
        func arrivals(_ rate: String) -> ArrivalProcess? {
            let line =
                "  - { name: p, topic: t, count: 4, rate: \(rate), keys: { uniform: { count: 10 } } }"
            return read(DiagnosticTests.scenario(producer: line)).plan?.producers[3].arrivals
        }
        #expect(arrivals("{ total: 8k/s }") == .constant(perSecond: 2000))
        #expect(arrivals("{ each: 8k/s }") == .constant(perSecond: 8000))
        #expect(arrivals("{ poisson: { total: 8k/s } }") == .poisson(perSecond: 2000))
        #expect(
            arrivals("{ stages: [{ for: 2s, total: 8k/s }, { for: 1s, each: 1k/s }] }")
                == .stages([
                    .init(duration: .seconds(2), perSecond: 2000),
                    .init(duration: .seconds(1), perSecond: 1000),
                ])
        )
    }

    @Test("payload files are found beside the scenario, and lines give the longest")
    func payloads() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "gyre-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("ab\nabcdef\nx\n".utf8).write(to: URL(fileURLWithPath: folder + "/a.jsonl"))
        let text = DiagnosticTests.scenario(
            producer:
                "  - { name: p, topic: t, payload: { lines: a.jsonl }, keys: { uniform: { count: 10 } } }"
        )
        let reading = ScenarioFile.read(text: text, path: folder + "/x.yaml", limits: roomy)
        #expect(reading.plan?.producers[0].payload == .lines(path: folder + "/a.jsonl"))
        #expect(reading.plan?.topics[0].largestPayloadBytes == 6)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("a crash's group and where's selections become numbers")
    func selections() throws {
        let rules = """
              - { name: f, fault: drop, at: deliver, probability: 0.1, where: { consumer: c, attempt: 1, partition: 1, producer: p, topic: t }, from: 1s, for: 2s, min-fired: 0 }
              - { name: g, fault: { delay: 1ms }, at: ack, nth: 3, max-held: 5 }
            """
        let plan = try #require(read(DiagnosticTests.scenario(fault: rules)).plan)
        let selector = plan.faults[0].selector
        #expect(selector.group == 0)
        #expect(selector.attempt == 1)
        #expect(selector.partition == 1)
        #expect(selector.producers == 0..<1)
        #expect(selector.topic == 0)
        #expect(selector.from == .seconds(1))
        #expect(selector.length == .seconds(2))
        #expect(plan.faults[0].minFired == 0)
        #expect(plan.faults[1].maxHeld == 5)
        #expect(plan.faults[1].selector.nth == 3)
        // 10,000/s x 2 s, half of them in partition 1, a tenth of those.
        #expect(PlanEstimates(plan).rules[0].fires == 1000)
    }

    @Test("estimates follow keys, windows and stages")
    func estimates() {
        let zipf = KeyDistribution.Shape.zipf(count: 10_000, exponent: 0.99)
        let sum = (0..<10_000).reduce(0.0) { $0 + zipf.share(ofIndex: UInt64($1)) }
        #expect(abs(sum - 1) < 1e-9)
        let wide = KeyDistribution.Shape.zipf(count: 1_000_000, exponent: 0.99)
        let total = (0..<1_000_000).reduce(0.0) { $0 + pow(Double($1 + 1), -0.99) }
        #expect(abs(wide.share(ofIndex: 0) * total - 1) < 1e-4)
        let hot = KeyDistribution.Shape.hotSet(count: 10, hot: 2, share: 0.8)
        #expect(abs(hot.share(ofIndex: 1) - 0.4) < 1e-12)
        #expect(abs(hot.share(ofIndex: 5) - 0.025) < 1e-12)
        let stages = ArrivalProcess.stages([
            .init(duration: .seconds(2), perSecond: 100),
            .init(duration: .seconds(1), perSecond: 10),
        ])
        #expect(stages.events(from: .seconds(1), to: .seconds(5)) == 130)
        #expect(stages.events(from: .seconds(5), to: .seconds(5)) == 0)
        #expect(ArrivalProcess.closedLoop.events(from: .zero, to: .seconds(1)) == nil)
    }

    @Test("the description is aligned and complete")
    func description() throws {
        let path = Repository.scenarios + "/orders-late-and-twice.yaml"
        let plan = try ScenarioFile.load(path: path, limits: roomy)
        let text = PlanDescription(plan).description
        #expect(
            text.contains("run: 2 s warm-up, 10 s measured, then at most 10 s to drain; seed 42\n")
        )
        #expect(text.contains("size: about 240,000 events, 11.25 MiB of rings\n"))
        #expect(
            text.contains(
                "  orders      8           4,096     block     320 B  10 MiB    20,000/s\n"
            )
        )
        #expect(text.contains("broker delivery: at-least-once\n"))
        #expect(
            text.contains(
                "  lost-acks     drop                          ack       every 1,000                        about 200    1\n"
            )
        )
        #expect(!text.contains(" \n"))
    }
}
