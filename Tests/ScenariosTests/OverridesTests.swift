import Clients
import Faults
import Messaging
import Testing
import Workloads

@testable import Scenarios

@Suite("Overrides from the command line")
struct OverridesTests {
    private let text = """
        gyre: 1
        topics: [{ name: orders.v1, partitions: 4 }]
        producers:
          - { name: web, topic: orders.v1, rate: { total: 10k/s }, count: 2 }
        consumers:
          - { name: billing, topic: orders.v1 }
        faults:
          - { name: f, fault: drop, at: ack, probability: 0.1 }
        run: { drain: 60s }
        """

    private func plan(_ settings: String...) throws -> ScenarioPlan {
        let reading = read(text, overrides: Overrides(settings: settings))
        #expect(reading.diagnostics.filter { $0.severity == .error } == [])
        return try #require(reading.plan)
    }

    @Test("a value is replaced, list items going by their name, even with a point in it")
    func replaces() throws {
        let plan = try plan(
            "producers.web.rate.total=4k/s",
            "topics.orders.v1.partitions=8",
            "faults.f.probability=0.5",
            "consumers.0.lease=7s"
        )
        #expect(
            plan.producers.map(\.arrivals) == [
                .constant(perSecond: 2000), .constant(perSecond: 2000),
            ]
        )
        #expect(plan.topics[0].partitions == 8)
        #expect(plan.faults[0].selector.probability == 0.5)
        #expect(plan.groups[0].leaseNanoseconds == 7_000_000_000)
    }

    @Test("a value may be YAML, a missing mapping is made, the last one wins")
    func creates() throws {
        let plan = try plan(
            "producers.web.rate={each: 1k/s}",
            "consumers.billing.inbox.events=5",
            "run.duration=3s",
            "run.duration=4s",
            "faults=[]"
        )
        #expect(plan.producers[0].arrivals == .constant(perSecond: 1000))
        #expect(plan.consumers[0].inbox?.events == 5)
        #expect(plan.phases.duration == .seconds(4))
        #expect(plan.faults.isEmpty)
    }

    @Test("driver settings join a driver that was only named, or not even that")
    func driverSettings() throws {
        let ring = try plan("driver.pin=true", "driver.config={a: 1, b: [x, y]}")
        #expect(ring.driver.kind == "ring")
        #expect(
            ring.driver.settings == [
                "pin": .text("true"), "config.a": .text("1"), "config.b": .list(["x", "y"]),
            ]
        )
        let other = read(
            text + "\ndriver: { kind: kafka, acks: all }",
            overrides: Overrides(settings: ["driver.command=[python3, x.py]"], driver: "subprocess")
        )
        #expect(other.plan?.driver.settings == ["command": .list(["python3", "x.py"])])
        let same = read(
            text + "\ndriver: { kind: kafka, acks: all }",
            overrides: Overrides(driver: "kafka")
        )
        #expect(same.plan?.driver.settings == ["acks": .text("all")])
    }

    @Test(
        "a seed is a number or a commit",
        arguments: [
            ("42", 42), ("18446744073709551615", .max),
            ("00000000000000ff00000000000000000000ffff", 255),
        ] as [(String, UInt64)]
    )
    func seeds(text seed: String, expected: UInt64) {
        let reading = read(text, overrides: Overrides(seed: seed))
        #expect(reading.plan?.phases.seed == expected)
        #expect(reading.plan?.phases.drain == .seconds(60))
    }

    @Test(
        "what leads nowhere is an error that quotes the argument",
        arguments: [
            ("producers.wbe.rate=1", "no item named 'wbe'; did you mean 'web'?"),
            ("producers.9.rate=1", "no item named '9'; use web"),
            ("run.drain.x=1", "'x' leads nowhere: there is the value '60s'"),
            ("run.durtion=3s", "unknown key 'durtion' in 'run'; did you mean 'duration'?"),
            ("run.duration=3", "'3' has no unit; write 150us, 10ms, 2s, 5m or 1h"),
            ("run.duration=", "'duration' has no value; give it one or remove it"),
            ("nonsense", "write --set path.to.key=value"), ("=5", "write --set path.to.key=value"),
            ("a..b=5", "the path has an empty step or too many"),
            (
                "run.seed=[",
                "not YAML: did not find expected node content (while parsing a flow node in line 2)"
            ),
            ("name=&a x", "anchors (&) and aliases (*) are not supported"),
            (
                "topics.orders.v1=5",
                "expected a topic as a mapping with name, partitions, capacity or overflow, found '5'"
            ),
        ]
    )
    func badPaths(setting: String, message: String) {
        let reading = read(text, overrides: Overrides(settings: [setting]))
        #expect(reading.plan == nil)
        let errors = reading.diagnostics.map(\.description)
        #expect(
            errors.contains("--set \(setting): error: \(message)")
                || errors.contains("--set \(setting):1:1: error: \(message)"),
            "\(errors)"
        )
    }

    @Test("a bad seed and an unknown driver are refused")
    func badOthers() {
        let seed = read(text, overrides: Overrides(seed: "-1"))
        #expect(seed.diagnostics.map(\.description) == ["--seed -1: error: '-1' \(Seed.problem)"])
        var limits = roomy
        limits.drivers = ["ring", "null", "subprocess"]
        let driver = read(text, overrides: Overrides(driver: "rign"), limits: limits)
        #expect(
            driver.diagnostics.map(\.description) == [
                "--driver rign: error: no driver named 'rign'; did you mean 'ring'?"
            ]
        )
    }
}
