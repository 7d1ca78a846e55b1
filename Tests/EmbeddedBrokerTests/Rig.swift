import Messaging
import RingDriver
import Testing

/// A session of the embedded broker with one producer, and time that a test moves.
@safe
final class Rig {
    /// How the producers of the rigs that this test makes meet in a partition.
    @TaskLocal static var intake = RingDriver.Intake.claims

    let session: RingSession
    let producer: RingProducer
    private let intake = Rig.intake
    var now = Instant.zero
    private var sent: [UInt16: UInt64] = [:]
    // SAFETY: an empty array holds no pointer.
    private var bodies: [UnsafeMutableRawBufferPointer] = unsafe []

    init(_ topic: TopicPlan, _ groups: [GroupPlan], producers: Int = 1) throws {
        let plan = SessionPlan(topics: [topic], groups: groups, producers: producers)
        session = try RingDriver(intake: intake).open(plan)
        producer = session.makeProducer(0, topic: 0)
    }

    deinit {
        // SAFETY: allocated by this rig, freed once.
        while let body = unsafe bodies.popLast() { unsafe body.deallocate() }
    }

    func consumer(_ group: UInt16 = 0, member: UInt16 = 0) -> RingConsumer {
        session.makeConsumer(group: group, member: member)
    }

    /// An event with the partition's next dense number and a body that tells who it is.
    func event(
        key: UInt64 = 0,
        partition: UInt16 = 0,
        n: UInt64? = nil,
        epoch: UInt8 = 0,
        bytes: Int = 16,
        isIdempotent: Bool = false,
        run: UInt32 = 1
    ) -> OutboundEvent {
        let number = n ?? sent[partition, default: 0]
        if n == nil { sent[partition] = number + 1 }
        var header = EventHeader()
        header.id = EventID(producer: 0, epoch: epoch, sequence: number)
        header.n = number
        header.key = EventKey(rawValue: key)
        header.partition = partition
        header.payloadBytes = UInt32(bytes)
        header.run = run
        return OutboundEvent(
            header: header,
            payload: body(bytes, of: number),
            topic: 0,
            isIdempotent: isIdempotent
        )
    }

    /// Publishes and says how many were taken.
    @discardableResult
    func publish(_ events: [OutboundEvent], by end: RingProducer? = nil) -> Int {
        var batch = Batch<OutboundEvent>(capacity: max(1, events.count))
        for event in events { batch.append(event) }
        return (end ?? producer).publish(batch, in: 0..<events.count, at: now)
    }

    /// Publishes `count` plain events.
    @discardableResult
    func publish(_ count: Int, key: UInt64 = 0, partition: UInt16 = 0) -> Int {
        publish((0..<count).map { _ in event(key: key, partition: partition) })
    }

    func confirmations(_ end: RingProducer? = nil) -> [Messaging.Confirmation] {
        var batch = Batch<Messaging.Confirmation>(capacity: 64)
        (end ?? producer).poll(into: &batch, at: now)
        return (0..<batch.count).map { batch[$0] }
    }

    func receive(_ consumer: RingConsumer, _ max: Int = 64) -> [Delivery] {
        var batch = Batch<Delivery>(capacity: max)
        consumer.receive(into: &batch, max: max, at: now)
        return (0..<batch.count).map { batch[$0] }
    }

    /// Answers and says what became of it, one outcome per answer.
    @discardableResult
    func settle(
        _ consumer: RingConsumer,
        _ kind: Settlement.Kind,
        _ deliveries: [Delivery],
        nanoseconds: Int64 = 0
    ) -> [SettlementResult.Outcome] {
        var batch = Batch<Settlement>(capacity: max(1, deliveries.count))
        for delivery in deliveries {
            batch.append(Settlement(kind, of: delivery, nanoseconds: nanoseconds))
        }
        consumer.settle(batch, in: 0..<batch.count, at: now)
        var results = Batch<SettlementResult>(capacity: 64)
        consumer.poll(into: &results, at: now)
        return (0..<results.count).flatMap {
            Array(repeating: results[$0].outcome, count: Int(results[$0].count))
        }
    }

    func pass(_ nanoseconds: Int64) {
        now = now.advanced(byNanoseconds: nanoseconds)
    }

    /// Whether a body is the one that `event(n:)` gave.
    func isIntact(_ payload: PayloadReference, n: UInt64) -> Bool {
        // SAFETY: the delivery is not settled yet, so its body is pinned.
        unsafe payload.bytes.enumerated().allSatisfy { $1 == Self.byte($0, of: n) }
    }

    private func body(_ count: Int, of n: UInt64) -> PayloadReference {
        let body = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        // SAFETY: the body was allocated with this length.
        for index in 0..<count { unsafe body[index] = Self.byte(index, of: n) }
        // SAFETY: as above.
        unsafe bodies.append(body)
        // SAFETY: as above.
        return unsafe PayloadReference(UnsafeRawBufferPointer(body))
    }

    private static func byte(_ index: Int, of n: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: n &* 7 &+ UInt64(index))
    }
}

extension Rig: CustomReflectable {
    /// A failed expectation shows what it was asked of, and rings cannot be copied to show.
    var customMirror: Mirror { Mirror(self, children: ["intake": intake]) }
}

/// One topic with room for 16-byte bodies.
func topic(
    _ capacity: Int = 64,
    partitions: Int = 1,
    overflow: OverflowPolicy = .block,
    bytes: Int = 16
) -> TopicPlan {
    TopicPlan(
        name: "t",
        partitions: partitions,
        capacity: capacity,
        overflow: overflow,
        largestPayloadBytes: bytes
    )
}

/// A group with a lease of 100 ns.
func group(
    _ name: String = "g",
    members: Int = 1,
    start: StartPosition = .earliest,
    prefetch: Int = 256,
    order: RedeliveryOrder = .blockKey,
    maxDeliveries: Int? = nil
) -> GroupPlan {
    GroupPlan(
        name: name,
        topic: 0,
        members: members,
        start: start,
        leaseNanoseconds: 100,
        prefetch: prefetch,
        order: order,
        maxDeliveries: maxDeliveries
    )
}

extension [Delivery] {
    var numbers: [UInt64] { map(\.header.n) }
    var offsets: [Int64] { map(\.offset) }
    var attempts: [UInt32] { map(\.attempt) }
}

/// Runs each test once for every way in which producers meet in a partition.
struct EveryIntake: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        for intake in RingDriver.Intake.allCases {
            try await Rig.$intake.withValue(intake) { try await function() }
        }
    }
}

extension Trait where Self == EveryIntake {
    /// Once for every intake.
    static var everyIntake: EveryIntake { EveryIntake() }
}
