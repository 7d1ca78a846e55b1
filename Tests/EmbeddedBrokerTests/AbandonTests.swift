import Messaging
import RingDriver
import Testing

@Suite("What a member that lost its memory, or fell silent, was handed", .everyIntake)
struct AbandonTests {
    /// Key 1 is out as events 0 and 1, key 2 as event 2, no key as event 3.
    private static func crashed(
        order: RedeliveryOrder = .blockKey,
        prefetch: Int = 256
    ) throws -> (Rig, RingConsumer, [Delivery]) {
        let rig = try Rig(topic(), [group(prefetch: prefetch, order: order)])
        let consumer = rig.consumer()
        rig.publish([1, 1, 2, 0].map { rig.event(key: $0) })
        let held = rig.receive(consumer)
        #expect(held.numbers == [0, 1, 2, 3])
        rig.pass(40)
        consumer.restart(at: rig.now)
        return (rig, consumer, held)
    }

    @Test("comes again when its leases are over, each with one more attempt, keys in order")
    func redelivery() throws {
        let (rig, consumer, _) = try Self.crashed()
        rig.pass(59)
        #expect(rig.receive(consumer).isEmpty)
        rig.pass(1)
        let again = rig.receive(consumer)
        #expect(Set(again.numbers) == [0, 2, 3], "1 comes behind 0")
        #expect(again.attempts == [2, 2, 2])
        for delivery in again { #expect(rig.isIntact(delivery.payload, n: delivery.header.n)) }
        rig.settle(consumer, .ack, again)
        let last = rig.receive(consumer)
        #expect(last.numbers == [1] && last.attempts == [2])
        rig.settle(consumer, .ack, last)
        rig.pass(1000)
        #expect(rig.receive(consumer).isEmpty)
        #expect(rig.session.accounts.queued == 0)
    }

    @Test("holds back later events of its keys until it is through; other keys flow")
    func laterEvents() throws {
        let (rig, consumer, _) = try Self.crashed()
        rig.publish([1, 3, 2, 0].map { rig.event(key: $0) })
        let flowing = rig.receive(consumer)
        #expect(flowing.numbers == [5, 7], "key 3 and no key")
        rig.settle(consumer, .ack, flowing)
        rig.pass(60)
        var seen: [UInt64] = []
        for _ in 0..<5 {
            let out = rig.receive(consumer)
            seen += out.numbers
            rig.settle(consumer, .ack, out)
        }
        #expect(seen.filter { [0, 1, 4].contains($0) } == [0, 1, 4])
        #expect(seen.filter { [2, 6].contains($0) } == [2, 6])
        #expect(seen.count == 6)
    }

    @Test("is still answered for by receipts that were under way")
    func lateAnswers() throws {
        let (rig, consumer, held) = try Self.crashed()
        rig.publish([rig.event(key: 1)])
        #expect(rig.settle(consumer, .ack, [held[1], held[0]]) == [.settled, .settled])
        #expect(rig.receive(consumer).numbers == [4], "nothing holds it back any more")
        #expect(rig.settle(consumer, .nack, [held[2]], nanoseconds: 10) == [.settled])
        rig.pass(10)
        #expect(rig.receive(consumer).numbers == [2])
    }

    @Test("still fills the member's prefetch until its leases are over")
    func prefetch() throws {
        let (rig, consumer, _) = try Self.crashed(prefetch: 4)
        rig.publish(2, key: 3)
        #expect(rig.receive(consumer).isEmpty)
        rig.pass(60)
        // The first call finds the leases over, the next one has room.
        _ = rig.receive(consumer)
        #expect(rig.receive(consumer).count == 4)
    }

    @Test("holds back nothing where keys are not kept in order")
    func passing() throws {
        let (rig, consumer, _) = try Self.crashed(order: .pass)
        rig.publish(2, key: 1)
        #expect(rig.receive(consumer).numbers == [4, 5])
        rig.pass(60)
        #expect(rig.receive(consumer).numbers == [0, 1, 2, 3])
    }

    @Test("concerns only partitions that are its own")
    func otherMembers() throws {
        let rig = try Rig(topic(partitions: 2), [group(members: 2)])
        let ends = (0..<2).map { rig.consumer(member: $0) }
        for partition in [0, 1] as [UInt16] { rig.publish(1, key: 1, partition: partition) }
        for end in ends { #expect(rig.receive(end).count == 1) }
        ends[1].restart(at: rig.now)
        for partition in [0, 1] as [UInt16] { rig.publish(1, key: 1, partition: partition) }
        #expect(rig.receive(ends[0]).numbers == [1], "member 0 has lost nothing")
        #expect(rig.receive(ends[1]).isEmpty)
    }

    @Test("of a silent member keeps its lease in the hands of the next owner")
    func takeOver() throws {
        let rig = try Rig(topic(partitions: 2), [group(members: 2)])
        let stays = rig.consumer(member: 0)
        let silent = rig.consumer(member: 1)
        #expect(rig.receive(stays).isEmpty && rig.receive(silent).isEmpty)
        rig.publish([1, 1, 2].map { rig.event(key: $0, partition: 1) })
        // Handed out the moment before it falls silent: its leases end at 180.
        rig.pass(80)
        let held = rig.receive(silent)
        #expect(held.numbers == [0, 1, 2])
        #expect(rig.settle(silent, .extend, [held[2]], nanoseconds: 130) == [.settled])
        rig.pass(99)
        _ = rig.receive(stays)
        rig.pass(2)
        rig.publish([1, 3].map { rig.event(key: $0, partition: 1) })
        #expect(rig.settle(silent, .ack, [held[0]]) == [.staleReceipt], "at 181 it is over")
        _ = rig.receive(stays)
        var taken: [UInt64] = []
        for _ in 0..<3 {
            let out = rig.receive(stays)
            taken += out.numbers
            rig.settle(stays, .ack, out)
        }
        #expect(taken.filter { [0, 1, 3].contains($0) } == [0, 1, 3])
        #expect(taken.contains(4) && !taken.contains(2), "2 is leased until 210")
        rig.publish([rig.event(key: 2, partition: 1)])
        #expect(rig.receive(stays).isEmpty, "its key waits")
        rig.pass(28)
        #expect(rig.receive(stays).isEmpty)
        rig.pass(1)
        let late = rig.receive(stays)
        #expect(late.numbers == [2] && late.attempts == [2])
        rig.settle(stays, .ack, late)
        #expect(rig.receive(stays).numbers == [5])
    }

    @Test("of a silent member may still be answered by it, for the next owner's good")
    func takeOverAnswered() throws {
        let rig = try Rig(topic(partitions: 2), [group(members: 2)])
        let stays = rig.consumer(member: 0)
        let silent = rig.consumer(member: 1)
        rig.publish([1, 2].map { rig.event(key: $0, partition: 1) })
        let held = rig.receive(silent)
        rig.settle(silent, .extend, held, nanoseconds: 150)
        rig.pass(101)
        for _ in 0..<2 { #expect(rig.receive(stays).isEmpty) }
        rig.publish([1, 2].map { rig.event(key: $0, partition: 1) })
        #expect(rig.receive(stays).isEmpty, "both keys are out")
        #expect(rig.settle(silent, .ack, [held[0]]) == [.settled])
        let next = rig.receive(stays)
        #expect(next.numbers == [2] && next.attempts == [1])
        rig.settle(stays, .ack, next)
        rig.pass(49)
        let late = rig.receive(stays)
        #expect(late.numbers == [1] && late.attempts == [2])
    }
}
