import Clients
import Messaging

extension ScenarioReader {
    /// The 16-bit partition of an event header bounds it.
    private static let mostPartitions = 65_535
    /// Beyond, one partition would not fit into any machine.
    private static let mostEvents = 1 << 30

    func readTopics(
        _ fields: Fields,
        into plan: inout ScenarioPlan,
        _ names: inout Declarations
    ) {
        guard fields.require("topics") != nil, let nodes = fields.list("topics") else { return }
        for node in nodes {
            guard let topic = readTopic(node) else { continue }
            guard names.topics[topic.name] == nil else {
                repeated("topic", topic.name, node)
                continue
            }
            guard plan.topics.count < Self.mostPartitions else { break }
            names.topics[topic.name] = UInt16(plan.topics.count)
            plan.topics.append(topic)
        }
        addDeadLetterTopics(fields["consumers"]?.items ?? [], to: &plan, &names)
    }

    private func readTopic(_ node: ScenarioNode) -> TopicPlan? {
        let keys = ["name", "partitions", "capacity", "overflow"]
        guard let fields = Fields(node, "a topic", keys: keys, findings: findings) else {
            return nil
        }
        let name = NameRules.read("name", of: fields)
        var topic = TopicPlan(name: name ?? "")
        topic.partitions = fields.count("partitions", in: 1...Self.mostPartitions) ?? 1
        if let capacity = fields.count("capacity", in: 1...Self.mostEvents) {
            topic.capacity = capacity
            checkPowerOfTwo(capacity, fields.position("capacity"))
        }
        topic.overflow = fields.choice("overflow", OverflowPolicy.self) ?? topic.overflow
        return name == nil ? nil : topic
    }

    private func checkPowerOfTwo(_ capacity: Int, _ position: Position) {
        guard capacity & (capacity - 1) != 0 else { return }
        var above = 1
        while above < capacity { above <<= 1 }
        findings.error(
            "capacity \(Figures.count(capacity)) is not a power of two; use \(above / 2) or "
                + "\(above)",
            at: position
        )
    }

    /// Creates the topics that consumers name for their dead letters and nobody declares.
    private func addDeadLetterTopics(
        _ consumers: [ScenarioNode],
        to plan: inout ScenarioPlan,
        _ names: inout Declarations
    ) {
        var isGrowing = true
        // A dead-letter topic can be the source of another one that is declared earlier.
        while isGrowing {
            isGrowing = false
            for consumer in consumers {
                guard let letters = consumer["dead-letter"], !letters.isMissing,
                    let name = letters.text, names.topics[name] == nil,
                    let source = consumer["topic"]?.text.flatMap({ names.topics[$0] }),
                    plan.topics.count < Self.mostPartitions
                else { continue }
                guard NameRules.check(letters, what: "dead-letter", findings) != nil else {
                    names.topics[name] = source
                    continue
                }
                names.topics[name] = UInt16(plan.topics.count)
                let capacity = plan.topics[Int(source)].capacity
                plan.topics.append(TopicPlan(name: name, partitions: 1, capacity: capacity))
                isGrowing = true
            }
        }
    }

    /// Gives the dead letters of each group a writer of their own, and their topic room.
    func numberDeadLetters(_ fields: Fields, in plan: inout ScenarioPlan) {
        var next = plan.producers.count
        for index in plan.consumers.indices where plan.consumers[index].deadLetterTopic != nil {
            guard next < ProducerReader.mostProducers else {
                findings.error(
                    "producers and dead letters need more than "
                        + "\(Figures.count(ProducerReader.mostProducers)) writers",
                    at: fields.position("consumers")
                )
                return
            }
            plan.consumers[index].deadLetterProducer = UInt16(next)
            next += 1
        }
        var isGrowing = true
        // Dead letters of dead letters are as long as the first ones.
        while isGrowing {
            isGrowing = false
            for consumer in plan.consumers {
                guard let letters = consumer.deadLetterTopic.map(Int.init) else { continue }
                let source = plan.topics[plan.groups[Int(consumer.group)].topic]
                guard plan.topics[letters].largestPayloadBytes < source.largestPayloadBytes
                else { continue }
                plan.topics[letters].largestPayloadBytes = source.largestPayloadBytes
                isGrowing = true
            }
        }
    }
}
