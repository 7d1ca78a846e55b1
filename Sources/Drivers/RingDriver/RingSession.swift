package import EmbeddedBroker
public import Messaging
internal import RingCore

/// An open embedded broker.
///
/// The rings take a single writer when the plan has one producer in all, since each producer has
/// one end per topic; with more, several may meet in a partition and claim by compare-and-swap, or
/// append lock-free.
public final class RingSession: BrokerSession {
    private let topics: [[Partition]]
    private let groups: [GroupRoster]

    /// What the embedded broker promises.
    public var profile: PromiseProfile { RingDriver.profile }

    init(_ plan: SessionPlan, _ intake: RingDriver.Intake) throws(DriverFailure) {
        var topics: [[Partition]] = []
        for (number, topic) in plan.topics.enumerated() {
            let readers = plan.groups.count { $0.topic == number }
            let producers: RingProducers =
                switch intake {
                case .lockFree: .lockFree(ends: max(1, topic.producers ?? plan.producers))
                case .claims: plan.producers <= 1 ? .single : .multiple
                }
            topics.append(try Self.partitions(of: topic, producers, readers))
        }
        var readers = Array(repeating: 0, count: topics.count)
        var groups: [GroupRoster] = []
        for group in plan.groups {
            groups.append(
                GroupRoster(
                    group,
                    group: readers[group.topic],
                    partitions: topics[group.topic],
                    run: plan.run
                )
            )
            readers[group.topic] += 1
        }
        self.topics = topics
        self.groups = groups
    }

    /// The publishing end of producer number `producer` on `topic`.
    public func makeProducer(_ producer: UInt16, topic: UInt16) -> RingProducer {
        RingProducer(topics[Int(topic)])
    }

    /// The receiving end of member `member` of group number `group`, which joins at once.
    public func makeConsumer(group: UInt16, member: UInt16) -> RingConsumer {
        RingConsumer(GroupMember(groups[Int(group)], number: Int(member)))
    }

    /// Declared drops and what still waits, over all groups; exact at rest.
    public var accounts: BrokerAccounts {
        var drops: Int64 = 0
        var queued: Int64 = 0
        for partition in topics.joined() { drops += partition.newestDropped }
        for share in groups.lazy.flatMap(\.shares) {
            drops += share.counters.dropped
            queued += Int64(share.queued)
        }
        return BrokerAccounts(declaredDrops: drops, queued: queued)
    }

    /// What the groups met, added up: for reports.
    package var counters: GroupCounters {
        groups.lazy.flatMap(\.shares).reduce(into: GroupCounters()) { $0.add($1.counters) }
    }

    /// Nothing to do: the memory goes with the last end.
    public func close() {}

    private static func partitions(
        of topic: TopicPlan,
        _ producers: RingProducers,
        _ groups: Int
    ) throws(DriverFailure) -> [Partition] {
        var partitions: [Partition] = []
        for number in 0..<topic.partitions {
            do throws(RingError) {
                partitions.append(
                    try Partition(topic, number: number, producers: producers, groups: groups)
                )
            } catch {
                throw .unavailable(what: "topic \(topic.name)", remedy: error.description)
            }
        }
        return partitions
    }
}
