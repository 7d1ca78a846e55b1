import Messaging
import RingDriver
import Testing

@Suite("A full partition")
struct OverflowTests {
    @Test("makes the producer wait with block")
    func block() throws {
        let rig = try Rig(topic(4), [group()])
        #expect(try rig.publish(6) == 4)
        #expect(try rig.publish(1) == 0)
        #expect(try rig.confirmations().map(\.count) == [4])
        let consumer = try rig.consumer()
        try rig.settle(consumer, .ack, try rig.receive(consumer, 2))
        #expect(try rig.publish(3) == 2)
    }

    @Test("refuses with reject")
    func reject() throws {
        let rig = try Rig(topic(4, overflow: .reject), [group()])
        #expect(try rig.publish(6) == 6)
        let told = try rig.confirmations()
        #expect(told.map(\.outcome) == [.confirmed, .refused])
        #expect(told.map(\.count) == [4, 2])
        #expect(told.map(\.firstCrossing) == [0, 4])
        #expect(rig.session.accounts == BrokerAccounts(declaredDrops: 0, queued: 4))
    }

    @Test("confirms, drops and counts with drop-newest, once for every group")
    func dropNewest() throws {
        let rig = try Rig(topic(4, overflow: .dropNewest), [group("a"), group("b")])
        #expect(try rig.publish(6) == 6)
        let told = try rig.confirmations()
        #expect(told.map(\.outcome) == [.confirmed, .confirmed])
        #expect(told.map(\.firstOffset) == [0, -1])
        #expect(rig.session.accounts == BrokerAccounts(declaredDrops: 4, queued: 8))
    }

    @Test("loses the oldest for the lagging group alone with drop-oldest")
    func dropOldest() throws {
        let rig = try Rig(topic(4, overflow: .dropOldest), [group("keen"), group("lazy")])
        let keen = try rig.consumer(0)
        let lazy = try rig.consumer(1)
        try rig.publish(4)
        try rig.settle(keen, .ack, try rig.receive(keen))
        #expect(try rig.publish(3) == 0, "producers never move a group")
        #expect(try rig.receive(keen).isEmpty)
        #expect(try rig.receive(lazy, 1).numbers == [3], "just what is needed is skipped")
        #expect(try rig.publish(3) == 3)
        #expect(try rig.receive(keen).offsets == [4, 5, 6])
        #expect(rig.session.accounts == BrokerAccounts(declaredDrops: 3, queued: 3))
    }
}
