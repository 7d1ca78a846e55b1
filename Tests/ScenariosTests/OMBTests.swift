import Clients
import Foundation
import Messaging
import Testing
import Workloads

@testable import Scenarios

@Suite("OpenMessaging Benchmark workloads")
struct OMBTests {
    private static let base = """
        topics: 1
        partitionsPerTopic: 4
        messageSize: 100
        useRandomizedPayloads: true
        randomBytesRatio: 0.5
        randomizedPayloadPoolSize: 10
        subscriptionsPerTopic: 2
        consumerPerSubscription: 3
        producersPerTopic: 2
        producerRate: 1000
        testDurationMinutes: 5

        """

    @Test(
        "every workload of OMB plans unmodified",
        .enabled(if: Repository.workloads != nil, "OMB's files are not beside this repository"),
        arguments: try ScenarioFile.find(in: Repository.workloads ?? Repository.scenarios)
    )
    func originals(path: String) throws {
        let reading = ScenarioFile.read(path: path, limits: roomy)
        let plan = try #require(reading.plan, "\(reading.diagnostics)")
        #expect(reading.diagnostics.allSatisfy { $0.severity == .note })
        #expect(!plan.producers.isEmpty && plan.producers.count <= 4096)
        #expect(PlanEstimates(plan).bytes <= roomy.memoryBytes)
        #expect(plan.phases.duration <= .seconds(10) && plan.phases.warmup <= .seconds(1))
        #expect(
            plan.searchesRate
                == (path.contains("3producers") || path.contains("16-partitions-100b"))
        )
        #expect((plan.backlogBytes > 0) == path.contains("backlog"))
        let isUnbounded = plan.producers[0].arrivals == .closedLoop
        #expect(
            isUnbounded == (path.contains("max-rate-1-topic-1-") || path.contains("max-rate-10"))
        )
    }

    @Test("eleven workloads were tried", .enabled(if: Repository.workloads != nil))
    func eleven() throws {
        #expect(try ScenarioFile.find(in: Repository.workloads ?? "").count == 11)
    }

    @Test("topics, groups, members, rate and payload are carried over")
    func fields() throws {
        let plan = try #require(read(Self.base + "topics: 3".replacing("topics: 3", with: "")).plan)
        #expect(
            plan.topics == [
                TopicPlan(
                    name: "topic-0000000",
                    partitions: 4,
                    capacity: 4096,
                    largestPayloadBytes: 100
                )
            ]
        )
        #expect(plan.groups.map(\.members) == [3, 3])
        #expect(
            plan.producers.map(\.arrivals) == [
                .constant(perSecond: 500), .constant(perSecond: 500),
            ]
        )
        #expect(plan.producers[0].payload == .pool(count: 10, bytes: 100, randomShare: 0.5))
        #expect(plan.phases.duration == .seconds(10))
        #expect(plan.phases.warmup == .seconds(1))
    }

    @Test(
        "keys are OMB's ten thousand",
        arguments: [
            ("NO_KEY", KeyDistribution.Shape.none), ("KEY_ROUND_ROBIN", .roundRobin(count: 10_000)),
            ("RANDOM_NANO", .uniform(count: 10_000)), ("WHATEVER", .none),
        ]
    )
    func keys(word: String, shape: KeyDistribution.Shape) {
        let plan = read(Self.base + "keyDistributor: \(word)\n").plan
        #expect(plan?.producers[0].keys.shape == shape)
    }

    @Test(
        "what OMB refuses, and what makes no sense, is refused",
        arguments: [
            (
                "producerRate: 1000", "producerRate: 0\nconsumerBacklogSizeGB: 5",
                "a backlog cannot be built while the rate is searched for"
            ),
            ("topics: 1", "topics: 0", "'topics' is 0 or missing"),
            (
                "topics: 1", "topics: [1, 2]",
                "'topics' is a list: this is a template of OMB's workload generator"
            ),
            ("topics: 1", "topics: 1.5", "'topics' is a whole number"),
            ("topics: 1", "topics: -1", "'topics': '-1' is negative"),
            ("producersPerTopic: 2", "", "'producersPerTopic' is 0 or missing"),
            ("useRandomizedPayloads: true", "payloadFile: none.data", "no file 'none.data'"),
            ("messageSize: 100", "messageSize: 9999999999999", "is too large"),
            (
                "partitionsPerTopic: 4", "partitionsPerTopic: 70000",
                "'partitionsPerTopic' is 1 to 65,535"
            ),
            (
                "messageSize: 100\n", "messageSize: 1000000000\n",
                "more than 4 GiB; raise --max-memory"
            ),
        ]
    )
    func refused(line: String, replacement: String, message: String) {
        let reading = read(Self.base.replacing(line, with: replacement))
        #expect(reading.plan == nil)
        #expect(
            reading.diagnostics.contains { $0.severity == .error && $0.message.contains(message) },
            "\(reading.diagnostics)"
        )
    }

    @Test("a payload file must be as long as messageSize says")
    func payloadLength() throws {
        let path = NSTemporaryDirectory() + "/gyre-\(UUID().uuidString).data"
        try Data(repeating: 1, count: 99).write(to: URL(fileURLWithPath: path))
        let text = Self.base.replacing("useRandomizedPayloads: true", with: "payloadFile: \(path)")
        let found = read(text).diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(found.first?.hasSuffix("is 99 bytes long, messageSize is 100") == true)
        try Data(repeating: 1, count: 100).write(to: URL(fileURLWithPath: path))
        #expect(read(text).plan?.producers[0].payload == .file(path: path))
        try FileManager.default.removeItem(atPath: path)
    }

    @Test("ten thousand topics are cut to the numbers there are, at the same total rate")
    func manyTopics() throws {
        let text = Self.base.replacing("topics: 1\n", with: "topics: 10000\n")
        let reading = read(text)
        let plan = try #require(reading.plan)
        #expect(plan.topics.count == 2048)
        let total = plan.producers.reduce(0.0) { $0 + ($1.arrivals.highestPerSecond ?? 0) }
        #expect(abs(total - 1000) < 1e-6)
        #expect(
            plan.notes.contains { $0.contains("10,000 topics x 2 producers = 20,000 producers") }
        )
        #expect(plan.groups.count == 4096)
        var limits = roomy
        limits.topics = 7
        #expect(read(text, limits: limits).plan?.topics.count == 7)
    }

    @Test("a backlog is cut to half of the rings, or to what was asked for")
    func backlog() throws {
        let text =
            Self.base.replacing("producerRate: 1000", with: "producerRate: 10000000")
            + "consumerBacklogSizeGB: 512\n"
        let plan = try #require(read(text).plan)
        let room = plan.topics[0].capacity * plan.topics[0].partitions
        #expect(plan.backlogBytes == Int64(room / 2 * 100))
        #expect(PlanEstimates(plan).bytes <= roomy.memoryBytes)
        var limits = roomy
        limits.backlogBytes = 1 << 20
        #expect(read(text, limits: limits).plan?.backlogBytes == 1 << 20)
    }

    @Test("time is scaled as asked, and stages with it")
    func time() throws {
        var limits = roomy
        limits.timeScale = 0.5
        let text = Self.base + "producerRateList: [[0, 1000], [1, 3000]]\n"
        let plan = try #require(read(text, limits: limits).plan)
        #expect(plan.phases.duration == .seconds(150))
        #expect(plan.phases.warmup == .seconds(30))
        #expect(
            plan.producers[0].arrivals
                == .stages([
                    .init(duration: .seconds(30), perSecond: 500),
                    .init(duration: .seconds(30), perSecond: 1500),
                ])
        )
        for bad in [0, -1, Double.nan, .infinity] {
            limits.timeScale = bad
            #expect(read(text, limits: limits).plan == nil)
        }
    }

    @Test("fields of forks are accepted, unknown ones ignored with a note, overrides work")
    func others() throws {
        let text = Self.base + "sampleRateMillis: 10000\nbacklogDrainRatio: 1.0\nnonsense: 5\n"
        let overrides = Overrides(
            settings: ["producerRate=500", "run.duration=2s"],
            seed: "9",
            driver: "null"
        )
        let reading = read(text, overrides: overrides)
        let plan = try #require(reading.plan)
        #expect(plan.notes.contains { $0.contains("field 'nonsense' is unknown and ignored") })
        #expect(plan.notes.contains { $0.contains("'sampleRateMillis' changes nothing here") })
        #expect(plan.producers[0].arrivals == .constant(perSecond: 250))
        #expect(plan.phases.duration == .seconds(2))
        #expect(plan.phases.seed == 9)
        #expect(plan.driver.kind == "null")
    }
}
