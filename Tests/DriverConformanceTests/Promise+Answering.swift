import Messaging
import Testing

extension Promise {
    private static var lease: Int64 { shortLease.wholeNanoseconds }

    func ackIsFinal(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        try producer.publish((0..<50).map { _ in producer.event() })
        try consumer.answer(.ack, consumer.take(exactly: 50))
        #expect(try consumer.settled().allSatisfy { $0 == .settled })
        #expect(try consumer.take(for: Self.shortLease * 3).isEmpty)
    }

    func nackWaits(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        try producer.publish((0..<3).map { _ in producer.event() })
        let first = try consumer.take(exactly: 3)
        try consumer.answer(.ack, [first[0], first[2]])
        var refused = first[1]
        for attempt in UInt32(2)...4 {
            let delay = Duration.milliseconds(40)
            let answered = try consumer.answer(.nack, [refused], after: delay)
            let again = try #require(try consumer.take(exactly: 1).first)
            #expect(rig.clock.now.nanoseconds(since: answered) >= delay.wholeNanoseconds)
            #expect(again.header == refused.header && again.offset == refused.offset)
            #expect(again.isIntact && again.isRedelivered && again.attempt == attempt)
            refused = again
        }
        try consumer.answer(.ack, [refused])
        #expect(try consumer.settled().allSatisfy { $0 == .settled })
        #expect(try consumer.take(for: .milliseconds(100)).isEmpty)
    }

    func leaseEnds(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        try producer.publish((0..<3).map { _ in producer.event() })
        let first = try consumer.take(exactly: 3)
        try consumer.answer(.ack, [first[0], first[2]])
        var held = first[1]
        for attempt in UInt32(2)...3 {
            let again = try #require(try consumer.take(exactly: 1).first)
            #expect(rig.clock.now.nanoseconds(since: held.invoked) >= Self.lease)
            #expect(again.header == held.header && again.offset == held.offset)
            #expect(again.isIntact && again.isRedelivered && again.attempt == attempt)
            held = again
        }
        try consumer.answer(.ack, [held])
        #expect(try consumer.settled().allSatisfy { $0 == .settled })
    }

    func extendLengthens(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        try producer.publish([producer.event()])
        let held = try #require(try consumer.take(exactly: 1).first)
        let extended = try consumer.answer(.extend, [held], after: Self.shortLease * 2)
        #expect(try consumer.settled() == [.settled])
        let again = try #require(try consumer.take(exactly: 1).first)
        #expect(rig.clock.now.nanoseconds(since: extended) >= 2 * Self.lease)
        #expect(again.attempt == 2 && again.isRedelivered)
    }

    func staleIsRefused(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        try producer.publish((0..<4).map { _ in producer.event() })
        let late = try consumer.take(exactly: 4)
        let again = try consumer.take(exactly: 4)
        #expect(again.map(\.header.n) == [0, 1, 2, 3])
        // One late answer among those in time must not spoil them, nor count for its event.
        try consumer.answer([
            Settlement(.ack, of: again[0]), Settlement(.ack, of: late[1]),
            Settlement(.ack, of: again[2]), Settlement(.ack, of: again[3]),
        ])
        #expect(try consumer.settled() == [.settled, .staleReceipt, .settled, .settled])
        let third = try #require(try consumer.take(exactly: 1).first)
        #expect(third.header.n == 1 && third.attempt == 3)
        try consumer.answer(.nack, [late[1]])
        try consumer.answer(.ack, [third])
        #expect(try consumer.settled().suffix(2) == [.staleReceipt, .settled])
        #expect(try consumer.take(for: Self.shortLease * 2).isEmpty)
    }

    func secondAnswerIsRefused(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        try producer.publish((0..<3).map { _ in producer.event() })
        let held = try consumer.take(exactly: 3)
        try consumer.answer(.ack, [held[1]])
        try consumer.answer(.ack, [held[1], held[0]])
        #expect(try consumer.settled() == [.settled, .staleReceipt, .settled])
        try consumer.answer(.ack, [held[2]])
        #expect(try consumer.settled().last == .settled)
        #expect(try consumer.take(for: .milliseconds(100)).isEmpty)
    }

    func answersAreNumbered(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        try producer.publish((0..<600).map { _ in producer.event() })
        let first = try consumer.take(exactly: 600)
        let isRefused = { (delivery: Delivery) in delivery.header.n % 7 == 3 }
        try consumer.answer(
            first.map { Settlement(isRefused($0) ? .nack : .ack, of: $0) }
        )
        let again = try consumer.take(exactly: first.count(where: isRefused))
        #expect(again.allSatisfy { isRefused($0) && $0.attempt == 2 })
        try consumer.answer(.ack, again)
        let outcomes = try consumer.settled()
        #expect(outcomes.count == 600 + again.count)
        #expect(outcomes.allSatisfy { $0 == .settled })
    }

    func refusalBlocksKey(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        let blocked = EventKey(pattern: 0, index: 1)
        let free = EventKey(pattern: 0, index: 2)
        try producer.publish([producer.event(key: blocked)])
        let head = try consumer.take(exactly: 1)
        try consumer.answer(.nack, head, after: .milliseconds(150))
        _ = try consumer.settled()
        try producer.publish(
            [blocked, free, blocked, free].map { producer.event(key: $0) }
        )
        #expect(try consumer.take(exactly: 2).map(\.header.n) == [2, 4])
        let again = try consumer.take(exactly: 1)
        #expect(again.map(\.header.n) == [0])
        #expect(try consumer.take(for: .milliseconds(60)).isEmpty)
        try consumer.answer(.ack, again)
        var rest: [UInt64] = []
        for _ in 0..<2 {
            let next = try consumer.take(exactly: 1)
            rest += next.map(\.header.n)
            try consumer.answer(.ack, next)
        }
        #expect(rest == [1, 3])
    }
}
