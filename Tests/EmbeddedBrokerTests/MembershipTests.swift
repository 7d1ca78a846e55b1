import Messaging
import RingDriver
import Testing

@Suite("The members of a group")
struct MembershipTests {
    private func partitions(_ deliveries: [Delivery]) -> Set<UInt16> {
        Set(deliveries.map(\.partition))
    }

    private func publishEverywhere(_ rig: Rig, _ count: Int = 1, partitions: UInt16) {
        for partition in 0..<partitions { rig.publish(count, partition: partition) }
    }

    @Test("share the partitions in turn, and spare ones idle")
    func assignment() throws {
        let rig = try Rig(topic(partitions: 3), [group(members: 4)])
        let ends = (0..<4).map { rig.consumer(member: $0) }
        publishEverywhere(rig, partitions: 3)
        let owned = ends.map { partitions(rig.receive($0)) }
        #expect(owned == [[0], [1], [2], []])
    }

    @Test("take over at once what one of them gives back, with new attempts")
    func close() throws {
        let rig = try Rig(topic(partitions: 2), [group(members: 2)])
        let stays = rig.consumer(member: 0)
        let goes = rig.consumer(member: 1)
        publishEverywhere(rig, 2, partitions: 2)
        let kept = rig.receive(stays)
        let held = rig.receive(goes)
        #expect(partitions(held) == [1])
        goes.close(at: rig.now)
        #expect(rig.receive(goes).isEmpty)
        let taken = rig.receive(stays)
        #expect(taken.map(\.partition) == [1, 1] && taken.attempts == [2, 2])
        #expect(rig.settle(goes, .ack, held) == [.staleReceipt, .staleReceipt])
        #expect(rig.settle(stays, .ack, taken).allSatisfy { $0 == .settled })
        #expect(rig.settle(stays, .ack, kept).allSatisfy { $0 == .settled })
        #expect(rig.session.accounts.queued == 0)
    }

    @Test("give up a partition to a newcomer only between two of their own batches")
    func newcomer() throws {
        let rig = try Rig(topic(partitions: 2), [group(members: 2)])
        let first = rig.consumer(member: 0)
        publishEverywhere(rig, partitions: 2)
        let held = rig.receive(first)
        #expect(partitions(held) == [0, 1])
        let second = rig.consumer(member: 1)
        #expect(rig.receive(second).isEmpty, "the owner is still at its batch")
        #expect(rig.settle(first, .ack, held.filter { $0.partition == 0 }) == [.settled])
        #expect(rig.receive(first).isEmpty)
        #expect(rig.receive(second).isEmpty, "what the owner holds keeps its lease")
        let late = held.filter { $0.partition == 1 }
        #expect(rig.settle(first, .ack, late) == [.settled])
        publishEverywhere(rig, partitions: 2)
        #expect(partitions(rig.receive(first)) == [0])
        #expect(partitions(rig.receive(second)) == [1])
    }

    @Test("a lease that a newcomer finds ends as any other")
    func foundLease() throws {
        let rig = try Rig(topic(), [group(members: 2)])
        let second = rig.consumer(member: 1)
        rig.publish(1)
        #expect(rig.receive(second).numbers == [0], "member 0 is not there yet")
        let first = rig.consumer(member: 0)
        #expect(rig.receive(first).isEmpty)
        rig.pass(50)
        #expect(rig.receive(second).isEmpty)
        #expect(rig.receive(first).isEmpty, "still leased")
        rig.pass(50)
        let again = rig.receive(first)
        #expect(again.numbers == [0] && again.attempts == [2])
    }

    @Test("that are silent for longer than a lease lose their partitions until they call again")
    func silence() throws {
        let rig = try Rig(topic(partitions: 2), [group(members: 2)])
        let ends = (0..<2).map { rig.consumer(member: $0) }
        publishEverywhere(rig, partitions: 2)
        let answered = rig.receive(ends[0])
        let lost = rig.receive(ends[1])
        rig.settle(ends[0], .ack, answered)
        rig.pass(100)
        #expect(rig.receive(ends[0]).isEmpty, "the lease is over, the member not yet gone")
        rig.pass(1)
        _ = rig.receive(ends[0])
        let taken = rig.receive(ends[0])
        #expect(taken.map(\.partition) == [1] && taken.attempts == [2])
        #expect(rig.settle(ends[1], .ack, lost) == [.staleReceipt])
        rig.settle(ends[0], .ack, taken)
        publishEverywhere(rig, partitions: 2)
        _ = rig.receive(ends[1])
        #expect(partitions(rig.receive(ends[0])) == [0])
        #expect(partitions(rig.receive(ends[1])) == [1])
    }

    @Test("may come back after leaving, and find what nobody else took")
    func comeBack() throws {
        let rig = try Rig(topic(), [group()])
        let first = rig.consumer()
        rig.publish(1)
        _ = rig.receive(first)
        first.close(at: rig.now)
        let again = rig.receive(rig.consumer())
        #expect(again.numbers == [0] && again.attempts == [2])
    }

    @Test("that crash without a word get their unanswered events again when the lease is over")
    func crash() throws {
        let rig = try Rig(topic(), [group()])
        let consumer = rig.consumer()
        rig.publish(3)
        _ = rig.receive(consumer)
        rig.pass(99)
        #expect(rig.receive(consumer).isEmpty)
        rig.pass(1)
        #expect(rig.receive(consumer).attempts == [2, 2, 2])
    }
}
