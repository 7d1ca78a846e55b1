import Clients
import Faults
import HistoryChecks
import Messaging
import Workloads

/// A resolved plan with its sizes and estimates, for people (`description`) and as JSON.
///
/// Numbers carry their unit in their name; what a closed loop makes unknowable is absent.
public struct PlanDescription: Encodable, Hashable, Sendable {
    struct Topic: Encodable, Hashable, Sendable {
        var name: String
        var partitions: Int
        var capacityEvents: Int
        var overflow: String
        var largestPayloadBytes: Int
        var slotBytes: Int
        var memoryBytes: Int
        var offeredPerSecond: Double?
    }

    struct Producer: Encodable, Hashable, Sendable {
        var name: String
        var topic: String
        var count: Int
        var arrivals: String
        var totalPerSecond: Double?
        var payload: String
        var keys: String
        var confirm: String
        var attempts: Int
        var idempotent: Bool
    }

    struct Group: Encodable, Hashable, Sendable {
        var name: String
        var consumer: String
        var topic: String
        var members: Int
        var ack: String
        var leaseNanoseconds: Int64
        var prefetch: Int
        var order: String
        var inbox: String
        var attempts: Int
        var deadLetters: String?
        var utilisation: Double?
    }

    struct Fault: Encodable, Hashable, Sendable {
        var name: String
        var kind: String
        var site: String
        var selection: String
        var minFired: UInt64
        var expectedFires: Double?
    }

    struct Run: Encodable, Hashable, Sendable {
        var warmupNanoseconds: Int64
        var durationNanoseconds: Int64
        var drainNanoseconds: Int64
        var seed: UInt64
        var backlogBytes: Int64
        var searchesRate: Bool
    }

    var name: String
    var summary: String
    var driver: String
    var settings: [String: String]
    var topics: [Topic]
    var producers: [Producer]
    var groups: [Group]
    var faults: [Fault]
    var expectations: [String]
    var thresholds: [String]
    var run: Run
    var memoryBytes: Int
    var expectedEvents: Double?
    var notes: [String]

    /// Describes `plan`.
    public init(_ plan: ScenarioPlan) {
        let estimates = PlanEstimates(plan)
        name = plan.name
        summary = plan.summary
        driver = plan.driver.kind
        settings = plan.driver.settings.mapValues { value in
            switch value {
            case .text(let text): text
            case .list(let texts): texts.joined(separator: " ")
            }
        }
        topics = plan.topics.indices.map { Topic(plan.topics[$0], estimates.topics[$0]) }
        producers = Self.producers(of: plan)
        groups = plan.groups.indices.map { Group(plan, $0, estimates.groups[$0]) }
        faults = zip(plan.faults, estimates.rules).map { Fault($0, plan, $1) }
        expectations = Self.expectations(of: plan)
        thresholds = plan.thresholds.map(\.text)
        run = Run(
            warmupNanoseconds: plan.phases.warmup.wholeNanoseconds,
            durationNanoseconds: plan.phases.duration.wholeNanoseconds,
            drainNanoseconds: plan.phases.drain.wholeNanoseconds,
            seed: plan.phases.seed,
            backlogBytes: plan.backlogBytes,
            searchesRate: plan.searchesRate
        )
        memoryBytes = estimates.bytes
        expectedEvents = plan.producers.reduce(0.0) { sum, producer in
            let end = plan.phases.warmup + plan.phases.duration
            guard let sum, let events = producer.arrivals.events(from: .zero, to: end) else {
                return nil
            }
            return sum + events
        }
        notes = plan.notes
    }

    /// One entry per declaration: members that differ in their number alone are counted.
    private static func producers(of plan: ScenarioPlan) -> [Producer] {
        var producers: [Producer] = []
        var previous: ProducerSettings?
        for settings in plan.producers {
            var same = settings
            same.number = previous?.number ?? settings.number
            if same == previous, !producers.isEmpty {
                producers[producers.count - 1].count += 1
                if let rate = settings.arrivals.highestPerSecond {
                    producers[producers.count - 1].totalPerSecond? += rate
                }
                continue
            }
            previous = settings
            producers.append(Producer(settings, plan))
        }
        return producers
    }

    private static func expectations(of plan: ScenarioPlan) -> [String] {
        let expected = plan.expectations
        let pairs = [
            ("broker delivery", expected.delivery?.rawValue),
            ("broker ordering", expected.ordering?.rawValue),
            ("application effect", expected.effect?.rawValue),
            ("application order", expected.effectOrder?.rawValue),
            ("application unresolved", expected.unresolved.map { "at most \(Figures.count($0))" }),
        ]
        let lines = pairs.compactMap { name, value in value.map { "\(name): \($0)" } }
        return lines.isEmpty ? ["nothing said: no phantom, corrupt, refused or lost events"] : lines
    }
}

extension PlanDescription.Topic {
    fileprivate init(_ topic: TopicPlan, _ estimate: PlanEstimates.Topic) {
        self.init(
            name: topic.name,
            partitions: topic.partitions,
            capacityEvents: topic.capacity,
            overflow: topic.overflow.rawValue,
            largestPayloadBytes: topic.largestPayloadBytes,
            slotBytes: estimate.slotBytes,
            memoryBytes: estimate.bytes,
            offeredPerSecond: estimate.perSecond
        )
    }
}

extension PlanDescription.Producer {
    fileprivate init(_ producer: ProducerSettings, _ plan: ScenarioPlan) {
        self.init(
            name: producer.name,
            topic: plan.topics[Int(producer.topic)].name,
            count: 1,
            arrivals: producer.arrivals.shown,
            totalPerSecond: producer.arrivals.highestPerSecond,
            payload: producer.payload.shown,
            keys: producer.keys.shown(in: plan.keyNames),
            confirm: producer.confirm.rawValue,
            attempts: producer.retry.attempts,
            idempotent: producer.isIdempotent
        )
    }
}

extension PlanDescription.Group {
    fileprivate init(_ plan: ScenarioPlan, _ index: Int, _ estimate: PlanEstimates.Group) {
        let group = plan.groups[index]
        let consumer = plan.consumers[index]
        let inbox = consumer.inbox.map {
            "\(Figures.count($0.events)) events, \($0.isDurable ? "durable" : "in memory")"
        }
        self.init(
            name: group.name,
            consumer: consumer.name,
            topic: plan.topics[group.topic].name,
            members: group.members,
            ack: consumer.ack.rawValue,
            leaseNanoseconds: group.leaseNanoseconds,
            prefetch: group.prefetch,
            order: group.order.rawValue,
            inbox: inbox ?? "none",
            attempts: consumer.retry.attempts,
            deadLetters: consumer.deadLetterTopic.map { plan.topics[Int($0)].name },
            utilisation: estimate.utilisation
        )
    }
}

extension PlanDescription.Fault {
    fileprivate init(_ rule: FaultRule, _ plan: ScenarioPlan, _ estimate: PlanEstimates.Rule) {
        self.init(
            name: rule.name,
            kind: rule.kind.shown,
            site: rule.site?.rawValue ?? "consumer",
            selection: rule.selector.shown(in: plan),
            minFired: rule.minFired,
            expectedFires: estimate.fires
        )
    }
}
