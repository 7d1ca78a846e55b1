import Messaging
import RingDriver
import Synchronization

/// The embedded broker with a life of so many calls that moved something.
struct MortalDriver: BrokerDriver {
    static let name = "mortal"

    let callsUntilDeath: Int
    let diesPublishing: Bool

    func open(_ plan: SessionPlan) throws(DriverFailure) -> MortalSession {
        guard callsUntilDeath >= 0 else {
            throw .unavailable(what: "a life", remedy: "none")
        }
        return MortalSession(
            try RingDriver().open(plan),
            MortalLife(calls: callsUntilDeath, diesPublishing: diesPublishing)
        )
    }
}

final class MortalLife: Sendable {
    private let left: Atomic<Int>
    private let diesPublishing: Bool

    init(calls: Int, diesPublishing: Bool) {
        left = Atomic(calls)
        self.diesPublishing = diesPublishing
    }

    func spend(isPublishing: Bool) throws(DriverFailure) {
        guard isPublishing == diesPublishing else { return }
        guard left.subtract(1, ordering: .relaxed).newValue > 0 else {
            throw .brokerDied("killed by a test")
        }
    }
}

final class MortalSession: BrokerSession {
    private let ring: RingSession
    private let life: MortalLife

    init(_ ring: RingSession, _ life: MortalLife) {
        self.ring = ring
        self.life = life
    }

    var profile: PromiseProfile { ring.profile }
    var accounts: BrokerAccounts { ring.accounts }

    func makeProducer(_ producer: UInt16, topic: UInt16) -> MortalProducer {
        MortalProducer(ring.makeProducer(producer, topic: topic), life)
    }

    func makeConsumer(group: UInt16, member: UInt16) -> MortalConsumer {
        MortalConsumer(ring.makeConsumer(group: group, member: member), life)
    }

    func close() { ring.close() }
}

final class MortalProducer: ProducerEnd {
    private let ring: RingProducer
    private let life: MortalLife

    init(_ ring: RingProducer, _ life: MortalLife) {
        self.ring = ring
        self.life = life
    }

    func publish(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>,
        at now: Instant
    ) throws(DriverFailure) -> Int {
        try life.spend(isPublishing: true)
        return ring.publish(events, in: range, at: now)
    }

    func poll(into confirmations: inout Batch<Messaging.Confirmation>, at now: Instant) {
        ring.poll(into: &confirmations, at: now)
    }

    func close() { ring.close() }
}

final class MortalConsumer: ConsumerEnd {
    private let ring: RingConsumer
    private let life: MortalLife

    init(_ ring: RingConsumer, _ life: MortalLife) {
        self.ring = ring
        self.life = life
    }

    func receive(
        into deliveries: inout Batch<Delivery>,
        max: Int,
        at now: Instant
    ) throws(DriverFailure) {
        ring.receive(into: &deliveries, max: max, at: now)
        if !deliveries.isEmpty { try life.spend(isPublishing: false) }
    }

    func settle(
        _ settlements: borrowing Batch<Settlement>,
        in range: Range<Int>,
        at now: Instant
    ) {
        ring.settle(settlements, in: range, at: now)
    }

    func poll(into results: inout Batch<SettlementResult>, at now: Instant) {
        ring.poll(into: &results, at: now)
    }

    func payload(of delivery: Delivery, at now: Instant) -> PayloadReference? {
        ring.payload(of: delivery, at: now)
    }

    func close(at now: Instant) { ring.close(at: now) }
}
