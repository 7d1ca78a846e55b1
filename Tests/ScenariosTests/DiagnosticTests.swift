import Testing

@testable import Scenarios

@Suite("Diagnostics")
struct DiagnosticTests {
    /// A scenario without fault in which one line is replaced, line 6 by `topic`, and so on.
    static func scenario(
        topic: String = "  - { name: t, partitions: 2 }",
        producer: String =
            "  - { name: p, topic: t, rate: { total: 10k/s }, keys: { uniform: { count: 10 } } }",
        consumer: String = "  - { name: c, topic: t }",
        fault: String = "  - { name: f, fault: drop, at: ack, probability: 0.1 }",
        rest: String = ""
    ) -> String {
        """
        gyre: 1
        name: x
        run: { duration: 5s, drain: 60s }
        # the parts
        topics:
        \(topic)
        producers:
        \(producer)
        consumers:
        \(consumer)
        faults:
        \(fault)
        \(rest)
        """
    }

    @Test("the scenario that the others vary is right")
    func base() {
        let reading = read(Self.scenario())
        #expect(reading.plan != nil)
        #expect(reading.diagnostics.isEmpty)
    }

    @Test(
        "a topic that cannot be is refused",
        arguments: [
            (
                "  - { name: t, capcity: 8 }",
                "x.yaml:6:16: error: unknown key 'capcity' in a topic; did you mean 'capacity'?"
            ),
            (
                "  - { name: t, capacity: 1000 }",
                "x.yaml:6:16: error: capacity 1,000 is not a power of two; use 512 or 1024"
            ),
            (
                "  - { name: t, capacity: 0 }",
                "x.yaml:6:26: error: '0' is out of bounds: 'capacity' is 1 to 1,073,741,824"
            ),
            (
                "  - { name: t, partitions: 2.5 }",
                "x.yaml:6:28: error: '2.5' is not a count: nothing is finer than one"
            ),
            (
                "  - { name: t, overflow: dropnewest }",
                "x.yaml:6:26: error: 'dropnewest' is no value of 'overflow'; did you mean 'drop-newest'?"
            ),
            (
                "  - { name: t, partitions: }",
                "x.yaml:6:16: error: 'partitions' has no value; give it one or remove it"
            ),
            (
                "  - { name: t }\n  - { name: t }",
                "x.yaml:7:5: error: topic 't' is declared twice; names are unique"
            ),
            (
                "  - { name: t, partitions: 2, partitions: 3 }",
                "x.yaml:6:31: error: key 'partitions' stands twice in one mapping; first in line 6"
            ),
            (
                "  - { name: \"a/b\" }\n  - { name: t }",
                "x.yaml:6:13: error: 'a/b' is no usable name: letters, digits, '.', '_' and '-', beginning with a letter or digit"
            ),
            ("  { name: t }", "x.yaml:6:3: error: 'topics' is a list (- …), found a mapping"),
        ]
    )
    func topics(line: String, expected: String) {
        expect(Self.scenario(topic: line), expected)
    }

    @Test(
        "a producer that cannot be is refused",
        arguments: [
            (
                "{ name: p, topic: tt }",
                "x.yaml:8:23: error: no topic named 'tt'; did you mean 't'?"
            ),
            ("{ name: p }", "x.yaml:8:5: error: a producer needs 'topic'"),
            (
                "{ name: p, topic: t, rate: 20k/s }",
                "x.yaml:8:32: error: a rate says whose it is: write { total: 20k/s } or { each: 20k/s }"
            ),
            (
                "{ name: p, topic: t, rate: { total: 20k } }",
                "x.yaml:8:41: error: '20k' has no unit; write 500/s, 50k/s or 1.5M/s"
            ),
            (
                "{ name: p, topic: t, rate: { totl: 20k/s } }",
                "x.yaml:8:34: error: unknown rate 'totl'; did you mean 'total'?"
            ),
            (
                "{ name: p, topic: t, rate: { total: 1/s, each: 1/s } }",
                "x.yaml:8:32: error: 'rate' has one of the keys total, each, poisson or stages, found 2 keys"
            ),
            (
                "{ name: p, topic: t, rate: { trace: x.jsonl, speed: 2 } }",
                "x.yaml:8:34: error: 'trace' is not available in this version; use 'stages'"
            ),
            (
                "{ name: p, topic: t, rate: { stages: [{ for: 5s }] } }",
                "x.yaml:8:43: error: a stage has either 'total' or 'each'"
            ),
            (
                "{ name: p, topic: t, payload: 256 }",
                "x.yaml:8:35: error: '256' has no unit; write 256B, 1KiB or 2MiB"
            ),
            (
                "{ name: p, topic: t, payload: { schema: S } }",
                "x.yaml:8:37: error: 'schema' is not available in this version; use a size, 'file' or 'lines'"
            ),
            (
                "{ name: p, topic: t, payload: { file: no.bin } }",
                "x.yaml:8:43: error: no file 'no.bin'; looked for 'no.bin'"
            ),
            (
                "{ name: p, topic: t, payload: { size: { uniform: [4KiB, 1B] } } }",
                "x.yaml:8:54: error: 'uniform' gives its larger bound first"
            ),
            (
                "{ name: p, topic: t, keys: { zipf: { count: 10 } } }",
                "x.yaml:8:40: error: 'zipf' needs 'exponent'"
            ),
            (
                "{ name: p, topic: t, keys: { zpif: { count: 10 } } }",
                "x.yaml:8:34: error: unknown keys 'zpif'; did you mean 'zipf'?"
            ),
            (
                "{ name: p, topic: t, keys: { uniform: { count: 10, name: k } } }",
                "x.yaml:8:56: error: 'k' is no pattern of names: write one %d in it, as in 'customer-%d'"
            ),
            (
                "{ name: p, topic: t, keys: { hot-set: { count: 10, hot: 10, share: 0.5 } } }",
                "x.yaml:8:56: error: 'hot' is 10 of 10 keys; it must leave some"
            ),
            (
                "{ name: p, topic: t, keys: { zipf: { count: 10, exponent: .nan } } }",
                "x.yaml:8:63: error: '.nan' is not a number; write it as 0.02"
            ),
            (
                "{ name: p, topic: t, idempotent: yes }",
                "x.yaml:8:38: error: 'idempotent' is true or false, found 'yes'"
            ),
            (
                "{ name: p, topic: t, confirm: { timeout: 1:30 } }",
                "x.yaml:8:46: error: '1:30' is a time of day, not a duration; write 90s or 1m30s"
            ),
            (
                "{ name: p, topic: t, confirm: { mode: no } }",
                "x.yaml:8:43: error: 'no' is no value of 'mode'; use each or none"
            ),
            (
                "{ name: p, topic: t, retry: { attempts: 0 } }",
                "x.yaml:8:45: error: '0' is out of bounds: 'attempts' is 1 to 255"
            ),
            (
                "{ name: p, topic: t, retry: { attempts: 2, backoff: { exponential: { base: 1s, cap: 1ms } } } }",
                "x.yaml:8:84: error: 'cap' (1 ms) is shorter than 'base' (1 s)"
            ),
            (
                "{ name: p, topic: t, count: 4096 }",
                "x.yaml:8:26: error: 4,096 producers up to here; an event identifier has room for 4,095"
            ),
        ]
    )
    func producers(line: String, expected: String) {
        expect(Self.scenario(producer: "  - " + line), expected)
    }

    @Test(
        "a consumer that cannot be is refused",
        arguments: [
            (
                "{ name: c, topic: t, sharing: events }",
                "x.yaml:10:26: error: 'sharing' is not available in this version; each partition has one owner in a group"
            ),
            (
                "{ name: c, topic: t, ack: on }",
                "x.yaml:10:31: error: 'on' is no value of 'ack'; use on-receive, after-processing or never"
            ),
            (
                "{ name: c, topic: t, lease: 0s }",
                "x.yaml:10:33: error: '0s' is no time at all: 'lease' is above 0"
            ),
            (
                "{ name: c, topic: t, start: earlyest }",
                "x.yaml:10:33: error: 'earlyest' is no 'start'; did you mean 'earliest'? or an offset"
            ),
            (
                "{ name: c, topic: t, dead-letter: t }",
                "x.yaml:10:39: error: dead letters of 't' would come back to it; name another topic"
            ),
            (
                "{ name: c, topic: t, inbox: { evnts: 5 } }",
                "x.yaml:10:35: error: unknown key 'evnts' in 'inbox'; did you mean 'events'?"
            ),
            (
                "{ name: c, topic: t, processing: { exponental: 1ms } }",
                "x.yaml:10:40: error: unknown distribution 'exponental'; did you mean 'exponential'?"
            ),
            (
                "{ name: c, topic: t }\n  - { name: d, group: c, topic: t }",
                "x.yaml:11:5: error: group 'c' is declared twice; names are unique"
            ),
        ]
    )
    func consumers(line: String, expected: String) {
        expect(Self.scenario(consumer: "  - " + line), expected)
    }

    @Test(
        "a fault that cannot be is refused",
        arguments: [
            (
                "{ name: f, fault: corrupt, at: deliver }",
                "x.yaml:12:23: error: 'corrupt' is not available in this version"
            ),
            (
                "{ name: f, fault: drpo, at: deliver }",
                "x.yaml:12:23: error: unknown fault 'drpo'; did you mean 'drop'?"
            ),
            (
                "{ name: f, fault: drop }",
                "x.yaml:12:5: error: 'drop' needs a site: at: publish, confirm, deliver or ack"
            ),
            (
                "{ name: f, fault: drop, at: process }",
                "x.yaml:12:29: error: 'drop' cannot strike at 'process'; write at: publish, confirm, deliver or ack"
            ),
            (
                "{ name: f, fault: fail, at: deliver }",
                "x.yaml:12:29: error: 'fail' cannot strike at 'deliver'; write at: process"
            ),
            (
                "{ name: f, fault: drop, at: delivery }",
                "x.yaml:12:33: error: 'delivery' is no value of 'at'; did you mean 'deliver'?"
            ),
            (
                "{ name: f, fault: drop, at: ack, order: hold }",
                "x.yaml:12:38: error: 'order' belongs to a delay"
            ),
            (
                "{ name: f, fault: drop, at: ack, when: x }",
                "x.yaml:12:38: error: 'when' is not available in this version; use 'from' or 'where'"
            ),
            (
                "{ name: f, fault: delay, at: ack }",
                "x.yaml:12:23: error: a delay says how long: { delay: 5ms } or { delay: { exponential: 5ms } }"
            ),
            (
                "{ name: f, fault: { duplicate: { extra: 0 } }, at: ack }",
                "x.yaml:12:45: error: '0' is out of bounds: 'extra' is 1 to 254"
            ),
            (
                "{ name: f, fault: drop, at: ack, every: 5, probability: 0.5 }",
                "x.yaml:12:38: error: 'probability' or 'every': give one of them"
            ),
            (
                "{ name: f, fault: drop, at: ack, probability: 0 }",
                "x.yaml:12:38: error: probability 0 never fires"
            ),
            (
                "{ name: f, fault: drop, at: ack, probability: 1.5 }",
                "x.yaml:12:51: error: '1.5' is out of bounds: 'probability' is 0 to 1"
            ),
            (
                "{ name: f, fault: drop, at: ack, where: { key: key-10 } }",
                "x.yaml:12:47: error: matches nothing: 'key-10' is never made; keys go from 0 to 9"
            ),
            (
                "{ name: f, fault: drop, at: ack, where: { key: bob } }",
                "x.yaml:12:47: error: matches nothing: no key is named 'bob'; keys are named 'key-%d'"
            ),
            (
                "{ name: f, fault: drop, at: ack, where: { partition: 2 } }",
                "x.yaml:12:47: error: matches nothing: partition 2 of 2, numbered from 0"
            ),
            (
                "{ name: f, fault: drop, at: publish, where: { group: c } }",
                "x.yaml:12:51: error: 'group' matches nothing at publish: no consumer takes part in it"
            ),
            (
                "{ name: f, fault: { crash: { at: before-ack, restart-after: 1s } }, target: { consumer: c, member: 1 } }",
                "x.yaml:12:96: error: member 1 does not exist: 'c' has 1, numbered from 0"
            ),
            (
                "{ name: f, fault: { crash: { at: before-ack, restart-after: 1s } } }",
                "x.yaml:12:5: error: a fault needs 'target'"
            ),
            (
                "{ name: f, fault: { crash: { at: before-ack, restart-after: 1s } }, target: { producer: p } }",
                "x.yaml:12:83: error: 'producer' is not available in this version; only consumers crash"
            ),
            (
                "{ name: f, fault: drop, at: ack, acks: all }",
                "x.yaml:12:38: error: 'acks' belongs to a duplicate"
            ),
        ]
    )
    func faults(line: String, expected: String) {
        expect(Self.scenario(fault: "  - " + line), expected)
    }

    @Test(
        "an expectation that cannot be is refused",
        arguments: [
            (
                "expect: { broker: { delivery: exactly-once } }",
                "x.yaml:13:31: error: 'exactly-once' is no value of 'delivery'; use at-least-once, at-most-once or none"
            ),
            (
                "expect: { thresholds: [p99(apply.response) < 5] }",
                "x.yaml:13:24: error: threshold 'p99(apply.response) < 5': the value '5' has no unit; write 150us, 10ms, 2s, 5m or 1h"
            ),
            (
                "expect: { thresholds: [p99(aply.response) < 5ms] }",
                "x.yaml:13:24: error: threshold 'p99(aply.response) < 5ms': unknown latency 'aply'; did you mean 'apply'?"
            ),
            (
                "expect: { thresholds: [p999(apply.response) < 5ms] }",
                "x.yaml:13:24: error: threshold 'p999(apply.response) < 5ms': unknown metric 'p999'; did you mean 'p99'?"
            ),
            (
                "expect: { thresholds: [throughputt > 5/s] }",
                "x.yaml:13:24: error: threshold 'throughputt > 5/s': unknown metric 'throughputt'; did you mean 'throughput'?"
            ),
            (
                "expect: { thresholds: [lost = 0] }",
                "x.yaml:13:24: error: threshold 'lost = 0': '=' is no comparison; use <, <=, >, >= or =="
            ),
            (
                "expect: { thresholds: [recovery(g) < 1s] }",
                "x.yaml:13:24: error: threshold 'recovery(g) < 1s': no fault named 'g'; did you mean 'f'?"
            ),
            (
                "expect: { thresholds: [lost < 5 dring f] }",
                "x.yaml:13:24: error: threshold 'lost < 5 dring f': 'dring f' is not understood; write during FAULT"
            ),
            (
                "expect: { thresholds: [throughput] }",
                "x.yaml:13:24: error: threshold 'throughput': has no comparison; write METRIC < VALUE"
            ),
            (
                "expct: {}",
                "x.yaml:13:1: error: unknown key 'expct' in a scenario; did you mean 'expect'?"
            ),
            ("services: []", "x.yaml:13:1: error: 'services' is not available in this version"),
            (
                "driver: { kid: ring }",
                "x.yaml:13:9: error: 'driver' needs 'kind', as in { kind: ring }"
            ),
        ]
    )
    func rest(line: String, expected: String) {
        expect(Self.scenario(rest: line), expected)
    }

    @Test("all errors of a file come at once, in its order")
    func allAtOnce() {
        let text = Self.scenario(
            topic: "  - { name: t, capacity: 3, capacity: 5, partitons: 2 }",
            producer: "  - { name: p, topic: t, payload: 5, rate: { each: 0/s } }",
            fault: "  - { name: f, fault: corrupt, at: publish }"
        )
        let lines = read(text).diagnostics.map { $0.position.description }
        #expect(
            lines == [
                "x.yaml:6:29", "x.yaml:6:29", "x.yaml:6:42", "x.yaml:8:35", "x.yaml:8:52",
                "x.yaml:12:23",
            ]
        )
    }

    private func expect(_ text: String, _ expected: String) {
        let reading = read(text)
        #expect(reading.plan == nil)
        let errors = reading.diagnostics.filter { $0.severity == .error }.map(\.description)
        #expect(errors == [expected])
    }
}
