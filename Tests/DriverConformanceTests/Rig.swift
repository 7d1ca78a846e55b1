import Messaging
import Testing

/// A session under test, with probes for its ends.
final class Rig<Session: BrokerSession> {
    let session: Session
    let plan: SessionPlan
    let clock = ConformanceClock()
    let bodies = BodyStore()

    init<Driver: BrokerDriver>(_ driver: Driver, _ plan: SessionPlan) throws
    where Driver.Session == Session {
        self.plan = plan
        session = try driver.open(plan)
    }

    deinit {
        session.close()
    }

    func producer(
        _ number: UInt16 = 0,
        topic: UInt16 = 0,
        epoch: UInt8 = 0
    ) throws
        -> ProducerProbe<Session.Producer>
    {
        let end = try session.makeProducer(number, topic: topic)
        return ProducerProbe(
            end,
            number: number,
            topic: topic,
            epoch: epoch,
            run: plan.run,
            clock: clock,
            bodies: bodies
        )
    }

    func consumer(group: UInt16 = 0, member: UInt16 = 0) throws -> ConsumerProbe<Session.Consumer> {
        ConsumerProbe(try session.makeConsumer(group: group, member: member), clock: clock)
    }
}

/// Payloads that live as long as the session.
@safe
final class BodyStore {
    // SAFETY: only what `make` allocated.
    private var bodies: [UnsafeMutableRawBufferPointer] = unsafe []

    deinit {
        // SAFETY: each was allocated by `make`, and is freed once.
        while let body = unsafe bodies.popLast() { unsafe body.deallocate() }
    }

    /// `size` bytes that differ from those of another `mark`.
    func make(size: Int, mark: UInt64) -> PayloadReference {
        let body = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        for index in 0..<size {
            // SAFETY: index < size.
            unsafe body[index] = UInt8(truncatingIfNeeded: (mark &* 31 &+ UInt64(index)) &* 167)
        }
        // SAFETY: the pointer is only stored; it is freed with the store.
        unsafe bodies.append(body)
        // SAFETY: freed with the store, which the rig keeps.
        return unsafe PayloadReference(UnsafeRawBufferPointer(body))
    }
}

/// What producers of these tests compute digests with.
let digests = KeyedHash(seed: 7)

/// Drives one producer end, and remembers what became of each crossing.
final class ProducerProbe<End: ProducerEnd> {
    struct Outcome: Equatable {
        var outcome: CrossingOutcome
        var offset: Int64
    }

    let end: End
    private(set) var sent: [EventHeader] = []
    private(set) var outcomes: [Outcome?] = []
    private let number, topic: UInt16
    private let epoch: UInt8
    private let run: UInt32
    private let clock: ConformanceClock
    private let bodies: BodyStore
    private var nextN: [UInt16: UInt64] = [:]
    private var sequence: UInt64 = 0

    init(
        _ end: End,
        number: UInt16,
        topic: UInt16,
        epoch: UInt8,
        run: UInt32,
        clock: ConformanceClock,
        bodies: BodyStore
    ) {
        self.end = end
        self.number = number
        self.topic = topic
        self.epoch = epoch
        self.run = run
        self.clock = clock
        self.bodies = bodies
    }

    /// The next event for `partition`; `n` is dense unless given.
    func event(
        partition: UInt16 = 0,
        key: EventKey = .none,
        size: Int = 24,
        n: UInt64? = nil,
        isIdempotent: Bool = false
    ) -> OutboundEvent {
        var header = EventHeader()
        header.id = EventID(producer: number, epoch: epoch, sequence: sequence)
        header.n = n ?? nextN[partition, default: 0]
        nextN[partition] = header.n + 1
        header.key = key
        header.run = run
        header.producer = number
        header.partition = partition
        header.payloadBytes = UInt32(size)
        header.due = clock.now
        header.sent = header.due.advanced(byNanoseconds: 17)
        let payload = bodies.make(size: size, mark: header.id.rawValue)
        // SAFETY: the store keeps the bytes.
        let digest = unsafe KeyedHash.digest(ofBody: payload.bytes)
        header.digest = digests.digest(id: header.id, key: key, body: digest)
        sequence += 1
        return OutboundEvent(
            header: header,
            payload: payload,
            topic: topic,
            isIdempotent: isIdempotent
        )
    }

    /// Offers `events` until all are taken; polls meanwhile, and calls `meanwhile`.
    func publish(_ events: [OutboundEvent], meanwhile: () throws -> Void = {}) throws {
        var batch = Batch<OutboundEvent>(capacity: max(1, events.count))
        for event in events { batch.append(event) }
        var next = 0
        let isDone = try clock.wait {
            let taken = try end.publish(batch, in: next..<events.count, at: clock.now)
            try #require((0...events.count - next).contains(taken))
            sent += events[next..<next + taken].map(\.header)
            outcomes += Array(repeating: nil, count: taken)
            next += taken
            try poll()
            try meanwhile()
            return next == events.count
        }
        try #require(isDone, "took only \(next) of \(events.count) events")
    }

    /// Leaves out crossings that another probe of the same end has made.
    func skipCrossings(_ count: Int) {
        outcomes += Array(repeating: Outcome(outcome: .confirmed, offset: -1), count: count)
    }

    /// Notes confirmations; each crossing may have one.
    func poll() throws {
        var confirmations = Batch<Messaging.Confirmation>(capacity: 16)
        try end.poll(into: &confirmations, at: clock.now)
        for index in 0..<confirmations.count {
            let range = confirmations[index]
            for step in 0..<Int(range.count) {
                let crossing = Int(range.firstCrossing) + step
                try #require(crossing < outcomes.count, "confirms what did not cross")
                try #require(outcomes[crossing] == nil, "confirms crossing \(crossing) twice")
                let offset = range.firstOffset < 0 ? -1 : range.firstOffset + Int64(step)
                outcomes[crossing] = Outcome(outcome: range.outcome, offset: offset)
            }
        }
    }

    /// Polls until every crossing has its outcome.
    func settled(meanwhile: () throws -> Void = {}) throws -> [Outcome] {
        let isDone = try clock.wait {
            try poll()
            try meanwhile()
            return !outcomes.contains(nil)
        }
        try #require(isDone, "some crossings were never confirmed")
        return outcomes.compactMap { $0 }
    }
}

/// Drives one consumer end, and remembers what became of each answer.
final class ConsumerProbe<End: ConsumerEnd> {
    let end: End
    private(set) var outcomes: [SettlementResult.Outcome?] = []
    private let clock: ConformanceClock

    init(_ end: End, clock: ConformanceClock) {
        self.end = end
        self.clock = clock
    }

    /// What is at hand, at most `max` deliveries.
    func take(_ max: Int = 64) throws -> [Delivery] {
        var batch = Batch<Delivery>(capacity: max)
        try end.receive(into: &batch, max: max, at: clock.now)
        try poll()
        return (0..<batch.count).map { batch[$0] }
    }

    /// Receives until there are `count` deliveries.
    func take(exactly count: Int, meanwhile: () throws -> Void = {}) throws -> [Delivery] {
        var all: [Delivery] = []
        let isDone = try clock.wait {
            all += try take(max(1, min(64, count - all.count)))
            try meanwhile()
            return all.count >= count
        }
        try #require(isDone, "received only \(all.count) of \(count) events")
        return all
    }

    /// What arrives within `limit`.
    func take(for limit: Duration) throws -> [Delivery] {
        var all: [Delivery] = []
        _ = try clock.wait(limit) {
            all += try take()
            return false
        }
        return all
    }

    /// Answers, and says when.
    @discardableResult
    func answer(
        _ kind: Settlement.Kind,
        _ deliveries: [Delivery],
        after: Duration = .zero
    ) throws
        -> Instant
    {
        try answer(
            deliveries.map { Settlement(kind, of: $0, nanoseconds: after.wholeNanoseconds) }
        )
    }

    /// Gives several kinds of answers in one call, and says when.
    @discardableResult
    func answer(_ settlements: [Settlement]) throws -> Instant {
        let now = clock.now
        guard !settlements.isEmpty else { return now }
        var batch = Batch<Settlement>(capacity: settlements.count)
        for settlement in settlements { batch.append(settlement) }
        try end.settle(batch, in: 0..<batch.count, at: now)
        outcomes += Array(repeating: nil, count: settlements.count)
        return now
    }

    private func poll() throws {
        var results = Batch<SettlementResult>(capacity: 16)
        try end.poll(into: &results, at: clock.now)
        for index in 0..<results.count {
            let range = results[index]
            for number in Int(range.first)..<Int(range.first) + Int(range.count) {
                try #require(number < outcomes.count, "reports an answer that was not given")
                try #require(outcomes[number] == nil, "reports answer \(number) twice")
                outcomes[number] = range.outcome
            }
        }
    }

    /// Polls until every answer has its outcome.
    func settled() throws -> [SettlementResult.Outcome] {
        let isDone = try clock.wait {
            try poll()
            return !outcomes.contains(nil)
        }
        try #require(isDone, "some answers were never reported")
        return outcomes.compactMap { $0 }
    }
}

extension Delivery {
    /// Whether header, length and digest came back as they were sent.
    var isIntact: Bool {
        guard envelope == .intact, Int(header.payloadBytes) == payload.count else { return false }
        // SAFETY: called before the delivery is answered.
        let body = unsafe KeyedHash.digest(ofBody: payload.bytes)
        return digests.digest(id: header.id, key: header.key, body: body) == header.digest
    }
}
