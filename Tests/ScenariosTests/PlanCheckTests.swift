import Messaging
import Testing

@testable import Scenarios

@Suite("A plan is checked against itself")
struct PlanCheckTests {
    private func scenario(
        topic: String = "partitions: 2",
        producer: String = "rate: { total: 10k/s }, keys: { uniform: { count: 100 } }",
        consumer: String = "lease: 300ms",
        faults: [String] = [],
        expect: String = "{}",
        run: String = "{ warmup: 1s, duration: 4s, drain: 10s }"
    ) -> String {
        let rules = faults.enumerated().map { "  - { name: f\($0), \($1) }" }
        return """
            gyre: 1
            topics: [{ name: t, \(topic) }]
            producers: [{ name: p, topic: t, \(producer) }]
            consumers: [{ name: c, topic: t, \(consumer) }]
            faults: \(faults.isEmpty ? "[]" : "\n" + rules.joined(separator: "\n"))
            expect: \(expect)
            run: \(run)
            """
    }

    private func messages(
        _ text: String,
        _ severity: Diagnostic.Severity,
        limits: PlanLimits = roomy
    ) -> [String] {
        let reading = read(text, limits: limits)
        #expect((reading.plan == nil) == reading.diagnostics.contains { $0.severity == .error })
        return reading.diagnostics.filter { $0.severity == severity }.map(\.message)
    }

    @Test(
        "what cannot pass is refused with the arithmetic",
        arguments: [
            ("", "{ broker: { ordering: total } }", "ordering: total across 2 partitions of 't'"),
            (
                "", "{ broker: { ordering: per-producer } }",
                "ordering: per-producer across 2 partitions"
            ),
            (
                "fault: { delay: 5ms }, at: deliver, probability: 0.1",
                "{ application: { order: per-key } }",
                "'expect' demands an order, so the delay 'f0' has to say"
            ),
            (
                "fault: { delay: 5ms }, at: deliver, probability: 0.1",
                "{ broker: { ordering: per-key } }", "'expect' demands an order"
            ),
            (
                "fault: drop, at: ack, every: 1M", "{}",
                "'f0' can never fire: every 1,000,000 counts within one producer and partition, which gets at most 50,000 events"
            ),
            (
                "fault: drop, at: ack, from: 4s", "{}",
                "'f0' can never fire: it is armed from 4 s, the measured part lasts 4 s"
            ),
            (
                "fault: drop, at: ack, probability: 0.5, min-fired: 1M", "{}",
                "min-fired 1,000,000 cannot be reached: about 40,000 events pass ack"
            ),
            (
                "", "{ thresholds: [throughput > 12k/s] }",
                "'throughput > 12k/s' cannot be met: the producers offer 10,000/s"
            ),
            (
                "fault: { delay: 30ms }, at: deliver, order: hold, probability: 0.05",
                "{ thresholds: [p99(apply.response) < 20ms] }",
                "cannot be met: 'f0' alone causes at least 30 ms (it hits 5 % of the events with 30 ms on average)"
            ),
            (
                "fault: drop, at: deliver, probability: 0.05",
                "{ thresholds: [p99(apply.response) < 200ms] }", "'f0' alone causes at least 300 ms"
            ),
        ]
    )
    func refused(fault: String, expect: String, message: String) {
        let text = scenario(faults: fault.isEmpty ? [] : [fault], expect: expect)
        let errors = messages(text, .error)
        #expect(errors.count == 1)
        #expect(errors.first?.contains(message) == true, "\(errors)")
    }

    @Test(
        "what only might fail, or is meant to, is a warning",
        arguments: [
            (
                "", "fault: drop, at: ack, probability: 0.0001", "{}",
                "'f0' is expected to fire 4 times (40,000 eligible events x probability 0.0001)"
            ),
            (
                "", "fault: drop, at: ack, every: 20k", "{}",
                "(40,000 eligible events / every 20,000)"
            ),
            ("", "fault: drop, at: ack, every: 1M, min-fired: 0", "{}", "'f0' can never fire"),
            (
                "", "fault: drop, at: ack, probability: 0.1",
                "{ application: { effect: exactly-once } }",
                "'c' has no inbox, so what 'f0' brings twice is applied twice"
            ),
            (
                "", "fault: { duplicate: { extra: 1 } }, at: deliver, probability: 0.1",
                "{ application: { effect: at-most-once } }", "'c' has no inbox"
            ),
            (
                ", ack: never", "fault: drop, at: deliver, probability: 0.1",
                "{ application: { effect: at-least-once } }",
                "with ack: never the broker does not deliver again what 'f0' destroys"
            ),
            (
                ", ack: on-receive",
                "fault: { crash: { at: before-apply, restart-after: 1ms } }, target: { consumer: c }",
                "{ application: { effect: exactly-once } }", "with ack: on-receive"
            ),
            (
                ", inbox: { durable: false }",
                "fault: { crash: { at: before-ack, restart-after: 1ms } }, target: { consumer: c }",
                "{ application: { effect: exactly-once } }", "is not durable and 'f0' empties it"
            ),
            (
                "", "fault: { fail: { poison: true } }, at: process, probability: 0.01",
                "{ application: { effect: at-least-once } }",
                "'c' gives up what 'f0' refuses after 1 attempt and has no dead-letter topic"
            ),
            (
                "", "fault: { delay: 5ms }, at: deliver, order: overtake, probability: 0.1",
                "{ application: { order: per-key } }", "'f0' lets later events overtake"
            ),
            (
                ", order: pass, retry: { attempts: 3 }",
                "fault: fail, at: process, probability: 0.1", "{ application: { order: per-key } }",
                "with order: pass, later events overtake"
            ),
            (
                "", "fault: drop, at: publish, probability: 0.1",
                "{ application: { unresolved: 0 } }",
                "unresolved: 0 will probably be exceeded: 'p' does not try again"
            ),
            (
                ", processing: 190us", "", "{}",
                "10,000/s x 190 us / 1 active members = 190 % busy; it falls behind by 4,737/s"
            ),
            (
                ", processing: 2ms", "", "{}",
                "256 prefetched events x 2 ms = 512 ms, longer than the lease of 300 ms"
            ),
            (
                ", lease: 20s", "fault: drop, at: ack, probability: 0.1", "{}",
                "drain 10 s is shorter than lease 20 s + longest backoff 0 ns of 'c'"
            ),
        ]
    )
    func warned(consumer: String, fault: String, expect: String, message: String) {
        let lease = consumer.contains("lease") ? "start: earliest" : "lease: 300ms"
        let text = scenario(
            consumer: lease + consumer,
            faults: fault.isEmpty ? [] : [fault],
            expect: expect
        )
        let reading = read(text)
        #expect(reading.plan != nil, "\(reading.diagnostics)")
        let warnings = messages(text, .warning)
        #expect(warnings.contains { $0.contains(message) }, "\(warnings)")
        #expect(reading.plan?.notes.contains { $0.hasPrefix("warning: ") } == true)
    }

    @Test("an idempotent producer's repeats need no inbox", arguments: [true, false])
    func idempotence(isIdempotent: Bool) {
        let text = scenario(
            producer: "rate: { total: 10k/s }, idempotent: \(isIdempotent)",
            faults: ["fault: { duplicate: { extra: 1 } }, at: publish, probability: 0.1"],
            expect: "{ application: { effect: exactly-once } }"
        )
        let warnings = messages(text, .warning)
        #expect(warnings.contains { $0.contains("has no inbox") } != isIdempotent)
    }

    @Test("memory is capacity x partitions x slot, and its limit is sharp")
    func memory() {
        // 64 bytes of header and 256 of payload: 320 bytes x 4,096 x 2.
        let needed = 320 * 4096 * 2
        #expect(messages(scenario(), .error, limits: PlanLimits(memoryBytes: needed)) == [])
        let errors = messages(scenario(), .error, limits: PlanLimits(memoryBytes: needed - 1))
        #expect(errors.first?.contains("alone is 2 partitions x 4,096 events x 320 B") == true)
        let huge = scenario(topic: "partitions: 65535, capacity: 1073741824")
        #expect(messages(huge, .error).first?.contains("the rings need") == true)
        let letters = scenario(consumer: "lease: 300ms, dead-letter: t.dlq")
        let tight = PlanLimits(memoryBytes: needed + 320 * 4096 - 1)
        #expect(messages(letters, .error, limits: tight).count == 1)
        // A slot of each partition for the one producer that appends.
        let appending = scenario() + "\ndriver: { kind: ring, intake: lock-free }"
        let more = PlanLimits(memoryBytes: needed + 320 * 2)
        let less = PlanLimits(memoryBytes: needed + 320 * 2 - 1)
        #expect(messages(appending, .error, limits: more) == [])
        #expect(messages(appending, .error, limits: less).count == 1)
        let outside = scenario() + "\ndriver: kafka"
        #expect(messages(outside, .error, limits: PlanLimits(memoryBytes: 1)) == [])
    }

    @Test("a group that falls behind voids thresholds only once its topic is full")
    func blockedProducers() {
        let thresholds = "{ thresholds: [lost <= 0] }"
        // 10,000/s against 1/160 us = 6,250/s: 3,750 x 5 s = 18,750 events too many.
        let slow = "lease: 60s, processing: 160us"
        let full = scenario(consumer: slow, expect: thresholds)
        #expect(
            messages(full, .error).first?.contains(
                "the surplus of 18,750 events in 5 s fills 't' (8,192 events)"
            ) == true
        )
        let roomy = scenario(
            topic: "partitions: 2, capacity: 16384",
            consumer: slow,
            expect: thresholds
        )
        #expect(messages(roomy, .error) == [])
        #expect(messages(scenario(consumer: slow), .error) == [])
    }

    @Test("a closed loop has no response time")
    func closedLoop() {
        let closed = "keys: none"
        let response = scenario(
            producer: closed,
            expect: "{ thresholds: [p99(apply.response) < 1s] }"
        )
        #expect(
            messages(response, .error).first?.contains("a closed loop has no response time") == true
        )
        let service = scenario(
            producer: closed,
            expect: "{ thresholds: [p99(apply.service) < 1s] }"
        )
        #expect(messages(service, .error) == [])
    }

    @Test(
        "a latency bound follows the distribution of the delay",
        arguments: [("19ms", false), ("21ms", true)]
    )
    func exponentialBound(limit: String, isFine: Bool) {
        // 30 ms x ln(0.03 / (0.01 x 1.5)) = 20.8 ms, a half being left to chance.
        let text = scenario(
            faults: [
                "fault: { delay: { exponential: 30ms } }, at: deliver, order: hold, probability: 0.03"
            ],
            expect: "{ thresholds: [p99(apply.response) < \(limit)] }"
        )
        #expect(messages(text, .error).isEmpty == isFine)
    }

    @Test("keys with the same spelling from two patterns are refused")
    func collidingKeys() {
        #expect(KeyReader.mayCollide("k%d", "k1%d"))
        #expect(KeyReader.mayCollide("%d", "%d7"))
        #expect(!KeyReader.mayCollide("a-%d", "b-%d"))
        #expect(!KeyReader.mayCollide("k%d", "k%dx"))
    }
}
