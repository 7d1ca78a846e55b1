import CGyreShims
import Foundation
import Messaging
import RingDriver
import Synchronization
import Testing

/// Carries a value that belongs to one thread at a time to that thread.
private struct Carried<Value>: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) the value is used by one thread, from its start to its end;
    // both order what happens here before and after.
    let value: Value
}

@Suite("With real threads, the embedded broker", .everyIntake, .timeLimit(.minutes(5)))
struct ThreadTests {
    static let events: UInt64 = 200_000

    @Test(
        "loses, doubles and reorders nothing between two threads",
        arguments: [8, 1024],
        [RedeliveryOrder.blockKey, .pass]
    )
    func producerAndConsumer(capacity: Int, order: RedeliveryOrder) throws {
        try run(capacity: capacity, order: order, producers: 1)
    }

    @Test("keeps each producer's order when two share a partition")
    func sharedPartition() throws {
        try run(capacity: 64, order: .blockKey, producers: 2)
    }

    @Test("gives each event to one of two members that come and go all the time")
    func membersComeAndGo() throws {
        let partitions = 4
        let plan = GroupPlan(
            name: "g",
            topic: 0,
            members: 2,
            leaseNanoseconds: 1_000_000_000_000
        )
        let rig = try Rig(topic(64, partitions: partitions, bytes: 64), [plan])
        let progress = GroupProgress(wanted: Self.events / 4)
        let members = (0..<UInt16(2)).map {
            Carried(value: VisitingMember($0, of: rig.session, partitions, progress))
        }
        let producer = Carried(value: rig.producer)
        var bodies = members.map { member -> @Sendable () -> Void in { member.value.run() } }
        bodies.append {
            produce(progress.wanted, on: partitions, by: producer.value, until: progress.isOver)
        }
        runThreads(bodies)
        #expect(members.flatMap(\.value.faults) == [])
        let taken = members.flatMap(\.value.acknowledged)
        #expect(taken.count == Int(progress.wanted) && Set(taken).count == taken.count)
        for member in members { #expect(member.value.visits > 1) }
        #expect(rig.session.accounts == BrokerAccounts(declaredDrops: 0, queued: 0))
    }

    @Test("lets either of two producers make room where no group reads")
    func unread() throws {
        let rig = try Rig(topic(16, bytes: 64), [], producers: 2)
        let isOver = Over()
        runThreads(
            (0..<UInt16(2)).map { number in
                let producer = Carried(
                    value: number == 0 ? rig.producer : rig.session.makeProducer(number, topic: 0)
                )
                return {
                    produce(Self.events / 10, by: producer.value, number: number, until: isOver)
                }
            }
        )
        #expect(rig.session.accounts == BrokerAccounts(declaredDrops: 0, queued: 0))
    }

    @Test(
        "allocates nothing for an event once it is warm",
        .enabled(if: isOptimised, "unoptimised code allocates for its accessors"),
        .enabled(if: gyre_thread_allocated_bytes() >= 0, "needs jemalloc's counters")
    )
    func allocations() throws {
        let rig = try Rig(topic(1024), [group()])
        let loop = EndlessLoop(rig)
        loop.run(rounds: 200)
        let before = gyre_thread_allocated_bytes()
        loop.run(rounds: 2000)
        #expect(gyre_thread_allocated_bytes() - before == 0)
    }

    private func run(capacity: Int, order: RedeliveryOrder, producers: Int) throws {
        // Leases never run out: what is delivered twice was refused, or is wrong.
        let plan = GroupPlan(
            name: "g",
            topic: 0,
            leaseNanoseconds: 1_000_000_000_000,
            order: order
        )
        let rig = try Rig(topic(capacity, bytes: 64), [plan], producers: producers)
        let check = Carried(
            value: ConsumerLoop(rig.consumer(), producers: producers, order: order)
        )
        let isOver = Over()
        var bodies: [@Sendable () -> Void] = [
            {
                check.value.run(total: Self.events)
                isOver.flag.store(true, ordering: .relaxed)
            }
        ]
        for number in 0..<UInt16(producers) {
            let end = number == 0 ? rig.producer : rig.session.makeProducer(number, topic: 0)
            let producer = Carried(value: end)
            let share = Self.events / UInt64(producers)
            bodies.append { produce(share, by: producer.value, number: number, until: isOver) }
        }
        runThreads(bodies)
        #expect(check.value.faults == [])
        #expect(check.value.acknowledged == Self.events)
        #expect(check.value.refused > Self.events / 200)
        #expect(rig.session.accounts == BrokerAccounts(declaredDrops: 0, queued: 0))
    }
}

private let keys: UInt64 = 64

private var isOptimised: Bool {
    var optimised = true
    assert({ optimised = false }() == ())
    return optimised
}

/// The body of an event: its number, eight times.
private typealias Body = SIMD8<UInt64>

private func produce(
    _ events: UInt64,
    on partitions: Int = 1,
    by end: RingProducer,
    number: UInt16 = 0,
    until isOver: Over
) {
    let partitions = UInt64(partitions)
    let bodies = UnsafeMutablePointer<Body>.allocate(capacity: 32)
    // SAFETY: allocated in the line above, freed once, at the end of the scope.
    defer { unsafe bodies.deallocate() }
    var batch = Batch<OutboundEvent>(capacity: 32)
    var told = Batch<Messaging.Confirmation>(capacity: 64)
    var next: UInt64 = 0
    while next < events {
        batch.removeAll()
        while next < events, !batch.isFull {
            var header = EventHeader()
            header.id = EventID(producer: number, epoch: 0, sequence: next)
            header.n = next / partitions
            header.partition = UInt16(next % partitions)
            header.producer = number
            header.key = EventKey(pattern: number, index: next % keys)
            header.run = 1
            header.payloadBytes = 64
            // SAFETY: the batch holds at most 32 events, one body each.
            let body = unsafe bodies + batch.count
            // SAFETY: as above.
            unsafe body.initialize(to: Body(repeating: header.n))
            // SAFETY: as above.
            let bytes = unsafe PayloadReference(UnsafeRawBufferPointer(start: body, count: 64))
            batch.append(
                OutboundEvent(header: header, payload: bytes, topic: 0, isIdempotent: true)
            )
            next += 1
        }
        var sent = 0
        while sent < batch.count {
            let taken = end.publish(batch, in: sent..<batch.count, at: .zero)
            sent += taken
            told.removeAll()
            end.poll(into: &told, at: .zero)
            guard taken == 0 else { continue }
            if isOver.flag.load(ordering: .relaxed) { return }
            sched_yield()
        }
    }
}
