import Faults
import Testing

@testable import Scenarios

@Suite("Faults that hold up a handler or a member")
struct StandstillFaultTests {
    private static func reading(_ fault: String, expect: String = "") -> ScenarioFile.Reading {
        let text = DiagnosticTests.scenario(fault: "  - " + fault, rest: expect)
        return ScenarioFile.read(text: text, path: "x.yaml")
    }

    private static let member = "target: { consumer: c, member: 0 }"

    @Test(
        "each is read as it is written",
        arguments: [
            ("{ name: f, fault: hang, at: process, probability: 0.1 }", FaultKind.hang),
            ("{ name: f, fault: { pause: 3ms }, \(member), from: 1s }", .pause(.milliseconds(3))),
            ("{ name: f, fault: { slow: 2ms }, \(member), for: 1s }", .slow(.milliseconds(2))),
        ]
    )
    func read(line: String, kind: FaultKind) throws {
        let rule = try #require(Self.reading(line).plan?.faults.first)
        #expect(rule.kind == kind)
        #expect((rule.site == nil) == (kind != .hang))
    }

    @Test(
        "what makes no sense is refused with what to write",
        arguments: [
            (
                "{ name: f, fault: hang, at: ack }",
                "'hang' cannot strike at 'ack'; write at: process"
            ),
            (
                "{ name: f, fault: { hang: 1s }, at: process }",
                "'hang' has no parameters: write fault: hang"
            ),
            (
                "{ name: f, fault: pause, \(member) }",
                "'pause' says for how long the member stands still: { pause: 300ms }"
            ),
            (
                "{ name: f, fault: slow, \(member) }",
                "'slow' says for how long the member takes longer over each event: { slow: 300ms }"
            ),
            (
                "{ name: f, fault: { pause: 300ms }, at: ack, \(member) }",
                "'pause' has no site: it befalls a member as a whole, its 'target'"
            ),
            ("{ name: f, fault: { pause: 300ms } }", "a fault needs 'target'"),
            (
                "{ name: f, fault: drop, at: deliver, redeliver: nack }",
                "'redeliver' is not available in this version; it is for brokers without leases; "
                    + "here the lease decides"
            ),
        ]
    )
    func refused(line: String, message: String) {
        let reading = Self.reading(line)
        #expect(reading.plan == nil)
        #expect(reading.diagnostics.contains { $0.description.hasSuffix("error: " + message) })
    }

    @Test("the plan warns of what a hang, or a pause longer than the lease, does to effects")
    func warnings() {
        let effect = "expect: { application: { effect: exactly-once } }"
        let pause = Self.reading(
            "{ name: f, fault: { pause: 40s }, \(Self.member), from: 1s }",
            expect: effect
        )
        #expect(pause.diagnostics.contains { $0.description.contains("is applied twice") })
        let late = Self.reading(
            "{ name: f, fault: { pause: 70s }, \(Self.member), from: 1s }"
        )
        #expect(late.diagnostics.contains { $0.description.contains("goes on 70 s later, after") })
    }
}
