import Clients
import Faults
import HistoryChecks
import LatencyMetrics
import Messaging
import RingDriver
import Synchronization
import Workloads

extension HotPath {
    static var brokers: [HotPath] {
        var rare = FaultSelector()
        rare.probability = 1e-12
        let rules = [FaultSite.publish, .confirm, .deliver, .ack].map { (site: FaultSite) in
            FaultRule(name: "never-\(site.rawValue)", kind: .drop, site: site, selector: rare)
        }
        return [
            broker("broker-plain", BrokerTrade()),
            broker("broker-keys-inbox", BrokerTrade(isRich: true)),
            broker("broker-faults-armed", BrokerTrade(faults: rules)),
        ]
    }

    /// An event's whole way, checks on: made, published, confirmed, delivered, applied, answered.
    private static func broker(_ name: String, _ trade: BrokerTrade) -> HotPath {
        HotPath(name, per: "event") {
            try BrokerPair(trade)
        } work: { pair, count in
            do {
                try pair.carry(count)
            } catch {
                preconditionFailure("\(error)")
            }
        }
    }
}

/// What a producer and a consumer have to do with one another.
struct BrokerTrade {
    /// Whether events have keys and the consumer an inbox, and repeats are recognised.
    var isRich = false
    var faults: [FaultRule] = []
}

/// Time that passes as it is told.
private final class SteppedClock: TimeSource {
    private let word = Atomic<Int64>(0)

    var now: Instant { Instant(nanoseconds: word.load(ordering: .relaxed)) }

    func pass(nanoseconds: Int64) {
        word.wrappingAdd(nanoseconds, ordering: .relaxed)
    }
}

/// One producer and one consumer of the embedded broker on one thread, stepped in turn.
private final class BrokerPair {
    private let clock = SteppedClock()
    private var producer: ProducerClient
    private var consumer: ConsumerClient

    /// Sixty-four rounds a millisecond, so that whole counts see whole housekeeping intervals.
    private static var roundNanoseconds: Int64 { 15_625 }

    init(_ trade: BrokerTrade) throws {
        let seed = RunSeed(seed: 1)
        let group = GroupPlan(name: "sink", topic: 0)
        let session = try RingDriver().open(
            SessionPlan(
                topics: [TopicPlan(name: "events", capacity: 1024, largestPayloadBytes: 64)],
                groups: [group],
                producers: 1,
                run: seed.number
            )
        )
        let window = MeasuredWindow(begin: .zero, end: .distantFuture)
        var sender = ProducerSettings(name: "source", number: 0, topic: 0)
        sender.payload = .fixed(bytes: 64)
        sender.isIdempotent = trade.isRich
        if trade.isRich { sender.keys = KeyDistribution(.uniform(count: 1000)) }
        producer = ProducerClient(
            settings: sender,
            partitions: 1,
            end: session.makeProducer(0, topic: 0),
            time: clock,
            start: .zero,
            window: window,
            run: seed,
            profile: session.profile,
            faults: trade.faults,
            pool: try PayloadPool(sender.payload, hash: seed.hash) { _ in [] },
            metrics: Self.metrics(),
            recorder: HistoryTap(mode: .anomalies, process: 0, clients: 2)
        )
        var receiver = ConsumerSettings(name: "sink", group: 0)
        if trade.isRich {
            receiver.inbox = InboxSettings(
                windowNanoseconds: 1_000_000_000,
                events: 4096,
                isDurable: true
            )
        }
        consumer = ConsumerClient(
            settings: receiver,
            plan: group,
            member: 0,
            end: session.makeConsumer(group: 0, member: 0),
            time: clock,
            group: Self.state(of: group, receiver, session.profile, seed),
            window: window,
            run: seed,
            profile: session.profile,
            faults: trade.faults,
            deadLetters: nil,
            metrics: Self.metrics(),
            recorder: HistoryTap(mode: .anomalies, process: 1, clients: 2)
        )
    }

    private static func state(
        of group: GroupPlan,
        _ settings: ConsumerSettings,
        _ profile: PromiseProfile,
        _ seed: RunSeed
    ) -> GroupState {
        GroupState(
            deliveries: DeliveryLedger(
                group: 0,
                topic: 0,
                profile: profile,
                rules: DeliveryRules(
                    leaseNanoseconds: group.leaseNanoseconds,
                    ordering: settings.inbox == nil ? .perProducer : .perKey
                )
            ),
            effects: EffectLedger(group: 0, hash: seed.digest, checksOrder: false),
            inbox: settings.inbox,
            keyPatience: 1_000_000_000
        )
    }

    private static func metrics() -> WorkerMetrics {
        WorkerMetrics(
            groups: ["sink"],
            openLoop: [false],
            phases: [LatencyPhase(name: "measured", start: 0, end: .max)],
            lengthNanoseconds: 3_600_000_000_000
        )
    }

    /// Lets `count` more events be made, and stays until they took effect.
    func carry(_ count: Int) throws {
        let batch = ProducerClient.batchCapacity
        precondition(count % batch == 0, "whole batches only")
        let wanted = consumer.counts.applied + UInt64(count)
        var rounds = 0
        while consumer.counts.applied < wanted {
            precondition(rounds < 2 * count, "events do not arrive")
            rounds += 1
            clock.pass(nanoseconds: Self.roundNanoseconds)
            _ = try producer.step()
            _ = try consumer.step()
        }
    }
}
