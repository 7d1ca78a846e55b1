import Messaging
import RingDriver
import Testing

@Suite("A full partition", .everyIntake)
struct OverflowTests {
    @Test("makes the producer wait with block")
    func block() throws {
        let rig = try Rig(topic(4), [group()])
        #expect(rig.publish(6) == 4)
        #expect(rig.publish(1) == 0)
        #expect(rig.confirmations().map(\.count) == [4])
        let consumer = rig.consumer()
        rig.settle(consumer, .ack, rig.receive(consumer, 2))
        #expect(rig.publish(3) == 2)
    }

    @Test("refuses with reject")
    func reject() throws {
        let rig = try Rig(topic(4, overflow: .reject), [group()])
        #expect(rig.publish(6) == 6)
        let told = rig.confirmations()
        #expect(told.map(\.outcome) == [.confirmed, .refused])
        #expect(told.map(\.count) == [4, 2])
        #expect(told.map(\.firstCrossing) == [0, 4])
        #expect(rig.session.accounts == BrokerAccounts(declaredDrops: 0, queued: 4))
    }

    @Test("confirms, drops and counts with drop-newest, once for every group")
    func dropNewest() throws {
        let rig = try Rig(topic(4, overflow: .dropNewest), [group("a"), group("b")])
        #expect(rig.publish(6) == 6)
        let told = rig.confirmations()
        #expect(told.map(\.outcome) == [.confirmed, .confirmed])
        #expect(told.map(\.firstOffset) == [0, -1])
        #expect(rig.session.accounts == BrokerAccounts(declaredDrops: 4, queued: 8))
    }

    @Test("loses the oldest for the lagging group alone with drop-oldest")
    func dropOldest() throws {
        let rig = try Rig(topic(4, overflow: .dropOldest), [group("keen"), group("lazy")])
        let keen = rig.consumer(0)
        let lazy = rig.consumer(1)
        rig.publish(4)
        rig.settle(keen, .ack, rig.receive(keen))
        #expect(rig.publish(3) == 0, "producers never move a group")
        #expect(rig.receive(keen).isEmpty)
        #expect(rig.receive(lazy, 1).numbers == [3], "just what is needed is skipped")
        #expect(rig.publish(3) == 3)
        #expect(rig.receive(keen).offsets == [4, 5, 6])
        #expect(rig.session.accounts == BrokerAccounts(declaredDrops: 3, queued: 3))
    }
}
