import Messaging
import RingDriver
import Testing

@Suite("The embedded broker delivers", .everyIntake)
struct DeliveryTests {
    @Test(
        "every event as it was sent, wherever the ring wraps",
        arguments: [0, 1, 63, 64, 65, 200],
        [1, 2, 4, 8]
    )
    func wholeEvents(bytes: Int, capacity: Int) throws {
        let rig = try Rig(topic(capacity, bytes: bytes), [group()])
        let consumer = rig.consumer()
        var next: UInt64 = 0
        for round in 0..<20 {
            let count = 1 + round % capacity
            let events = (0..<count).map { _ in rig.event(key: 5, bytes: bytes) }
            #expect(rig.publish(events) == count)
            let deliveries = rig.receive(consumer)
            #expect(deliveries.numbers == Array(next..<next + UInt64(count)))
            #expect(deliveries.offsets == deliveries.numbers.map { Int64($0) })
            for (delivery, event) in zip(deliveries, events) {
                #expect(delivery.header == event.header)
                #expect(delivery.payload.count == bytes)
                #expect(rig.isIntact(delivery.payload, n: delivery.header.n))
                #expect(delivery.attempt == 1 && !delivery.isRedelivered)
                #expect(delivery.envelope == .intact)
            }
            rig.settle(consumer, .ack, deliveries)
            next += UInt64(count)
        }
    }

    @Test(
        "a truncated body with its true length and its header untouched",
        arguments: [0, 1, 127, 128, 380, 510, 511]
    )
    func truncatedBody(left: Int) throws {
        let rig = try Rig(topic(bytes: 512), [group()])
        let consumer = rig.consumer()
        let whole = rig.event(bytes: 512)
        var cut = whole
        // SAFETY: the bytes are those of the rig's store, which outlives the test.
        cut.payload = unsafe PayloadReference(
            UnsafeRawBufferPointer(rebasing: whole.payload.bytes[..<left])
        )
        rig.publish([cut])
        let delivery = try #require(rig.receive(consumer).first)
        #expect(delivery.header == whole.header)
        #expect(delivery.payload.count == left)
        #expect(rig.isIntact(delivery.payload, n: 0))
    }

    @Test("events of another run as foreign, and refuses bodies that no slot holds")
    func foreignAndOversized() throws {
        let rig = try Rig(topic(bytes: 64), [group()])
        let consumer = rig.consumer()
        rig.publish([rig.event(run: 9), rig.event(bytes: 65), rig.event()])
        #expect(rig.confirmations().map(\.outcome) == [.confirmed, .refused, .confirmed])
        let deliveries = rig.receive(consumer)
        #expect(deliveries.map(\.envelope) == [.foreign, .intact])
        #expect(deliveries.numbers == [0, 2])
    }

    @Test("every event to every group, each at its own pace")
    func groups() throws {
        let rig = try Rig(topic(8), [group("fast"), group("slow")])
        let fast = rig.consumer(0)
        let slow = rig.consumer(1)
        #expect(rig.publish(10) == 8)
        let deliveries = rig.receive(fast)
        #expect(deliveries.numbers == Array(0..<8))
        rig.settle(fast, .ack, deliveries)
        #expect(rig.publish(1) == 0, "the slow group has seen nothing yet")
        let late = rig.receive(slow, 3)
        rig.settle(slow, .ack, late)
        #expect(rig.publish(5) == 3)
        #expect(rig.session.accounts.queued == 11)
    }

    @Test("from where the group begins")
    func start() throws {
        let rig = try Rig(
            topic(),
            [group("all"), group("new", start: .latest), group("some", start: .offset(2))]
        )
        rig.publish(4)
        let ends = (0..<3).map { rig.consumer($0) }
        rig.publish(1)
        #expect(rig.receive(ends[0]).offsets == [0, 1, 2, 3, 4])
        #expect(rig.receive(ends[1]).offsets == [4])
        #expect(rig.receive(ends[2]).offsets == [2, 3, 4])
        #expect(rig.session.accounts.queued == 0)
    }

    @Test("no more than the prefetch limit, over all partitions of a member")
    func prefetch() throws {
        let rig = try Rig(topic(partitions: 3), [group(prefetch: 5)])
        let consumer = rig.consumer()
        for partition in 0..<3 as Range<UInt16> { rig.publish(4, partition: partition) }
        let first = rig.receive(consumer)
        #expect(first.count == 5)
        #expect(rig.receive(consumer).isEmpty)
        rig.settle(consumer, .ack, Array(first.prefix(2)))
        #expect(rig.receive(consumer).count == 2)
        rig.pass(100)
        #expect(rig.receive(consumer).count == 5, "what ran out makes room")
    }

    @Test("without letting go of the slot of an event that is unanswered")
    func pinned() throws {
        let rig = try Rig(topic(16), [group()])
        let consumer = rig.consumer()
        rig.publish(4)
        let held = rig.receive(consumer)
        #expect(rig.publish(16) == 12)
        for delivery in held { #expect(rig.isIntact(delivery.payload, n: delivery.header.n)) }
        rig.settle(consumer, .ack, [held[0], held[2]])
        #expect(rig.publish(1) == 1, "only what lies before the first unanswered one is free")
        #expect(rig.publish(1) == 0)
    }

    @Test("a topic that nobody reads takes events for ever")
    func unread() throws {
        let rig = try Rig(topic(4), [])
        for _ in 0..<10 { #expect(rig.publish(3) == 3) }
        #expect(rig.session.accounts == BrokerAccounts(declaredDrops: 0, queued: 0))
    }

    @Test("confirmations in ranges, and takes nothing while too many wait")
    func confirmations() throws {
        let rig = try Rig(topic(4096, partitions: 2), [group()])
        rig.publish(5)
        rig.publish(5)
        let merged = rig.confirmations()
        #expect(merged.map(\.firstCrossing) == [0])
        #expect(merged.map(\.count) == [10])
        #expect(merged.map(\.firstOffset) == [0])
        var taken = 0
        while rig.publish(1, partition: UInt16(taken % 2)) == 1 { taken += 1 }
        #expect(taken == 1024)
        let next = rig.confirmations()
        #expect(next.map(\.firstCrossing) == Array(10..<74))
        #expect(rig.publish(1) == 1)
    }
}
