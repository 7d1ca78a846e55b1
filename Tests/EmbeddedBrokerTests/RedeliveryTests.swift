import EmbeddedBroker
import Messaging
import RingDriver
import Testing

@Suite("The embedded broker delivers again", .everyIntake)
struct RedeliveryTests {
    @Test("a refused event when its delay is over, not before, and with its bytes")
    func refusal() throws {
        let rig = try Rig(topic(4), [group()])
        let consumer = rig.consumer()
        rig.publish(1)
        let first = rig.receive(consumer)
        #expect(rig.settle(consumer, .nack, first, nanoseconds: 50) == [.settled])
        for _ in 0..<3 {
            rig.publish(3)
            rig.settle(consumer, .ack, rig.receive(consumer))
        }
        rig.pass(49)
        #expect(rig.receive(consumer).isEmpty)
        rig.pass(1)
        let second = rig.receive(consumer)
        #expect(second.offsets == [0] && second.attempts == [2])
        #expect(second.map(\.isRedelivered) == [true])
        let payload = try #require(second.first).payload
        #expect(rig.isIntact(payload, n: 0))
        #expect(rig.settle(consumer, .ack, second) == [.settled])
        rig.pass(1000)
        #expect(rig.receive(consumer).isEmpty, "acknowledged is for ever")
    }

    @Test(
        "an answer counts until the lease ends",
        arguments: [
            (Int64(99), SettlementResult.Outcome.settled), (100, .staleReceipt),
        ]
    )
    func leaseEnd(nanoseconds: Int64, outcome: SettlementResult.Outcome) throws {
        let rig = try Rig(topic(), [group()])
        let consumer = rig.consumer()
        rig.publish(3)
        let first = rig.receive(consumer)
        rig.pass(nanoseconds)
        #expect(rig.settle(consumer, .ack, first) == [outcome, outcome, outcome])
        let again = rig.receive(consumer)
        #expect(again.attempts == (outcome == .settled ? [] : [2, 2, 2]))
    }

    @Test("a stale receipt settles nothing")
    func staleReceipts() throws {
        let rig = try Rig(topic(), [group(order: .pass)])
        let consumer = rig.consumer()
        rig.publish(2)
        let first = rig.receive(consumer)
        #expect(rig.settle(consumer, .nack, [first[0]]) == [.settled])
        let second = rig.receive(consumer)
        #expect(second.offsets == [0] && second.attempts == [2])
        for kind in [Settlement.Kind.ack, .nack, .extend, .commit, .deadLetter] {
            #expect(rig.settle(consumer, kind, [first[0]]) == [.staleReceipt])
        }
        var invented = first[1]
        for (offset, receipt) in [(1, 2), (1, 0), (7, 1), (-1, 1), (.max, 1), (.min, 9)] {
            invented.offset = Int64(offset)
            invented.receipt = UInt64(receipt)
            #expect(rig.settle(consumer, .ack, [invented]) == [.staleReceipt])
        }
        #expect(rig.settle(consumer, .ack, second + [first[1]]) == [.settled, .settled])
        #expect(
            rig.settle(consumer, .ack, second + [first[1]]) == [.staleReceipt, .staleReceipt]
        )
        #expect(rig.session.accounts.queued == 0)
    }

    @Test("an extended lease ends later, and its event stays where it can be found")
    func lengthened() throws {
        let rig = try Rig(topic(4), [group()])
        let consumer = rig.consumer()
        rig.publish(2)
        let first = rig.receive(consumer)
        rig.pass(90)
        #expect(rig.settle(consumer, .extend, [first[0]], nanoseconds: 60) == [.settled])
        rig.pass(59)
        let other = rig.receive(consumer)
        #expect(other.offsets == [1] && other.attempts == [2])
        rig.settle(consumer, .ack, other)
        #expect(rig.publish(4) == 4, "the extended event does not pin the ring")
        let payload = try #require(consumer.payload(of: first[0], at: rig.now))
        #expect(rig.isIntact(payload, n: 0))
        rig.pass(1)
        #expect(consumer.payload(of: first[0], at: rig.now) == nil)
        #expect(rig.settle(consumer, .ack, [first[0]]) == [.staleReceipt])
    }

    @Test("later events of a refused key wait behind it, other keys go on")
    func blockedKey() throws {
        let rig = try Rig(topic(), [group()])
        let consumer = rig.consumer()
        rig.publish([rig.event(key: 1), rig.event(key: 1), rig.event(key: 2)])
        let out = rig.receive(consumer)
        rig.settle(consumer, .nack, [out[0]], nanoseconds: 10)
        rig.settle(consumer, .ack, [out[2]])
        rig.publish([1, 2, 0, 1, 2].map { rig.event(key: $0) })
        let others = rig.receive(consumer)
        #expect(others.numbers == [4, 5, 7], "key 2 and no key at all go on")
        #expect(rig.settle(consumer, .ack, others + [out[1]]).allSatisfy { $0 == .settled })
        rig.pass(10)
        let again = rig.receive(consumer)
        #expect(again.numbers == [0] && again.attempts == [2])
        rig.settle(consumer, .ack, again)
        let waited = rig.receive(consumer)
        #expect(waited.numbers == [3, 6] && waited.attempts == [1, 1])
        #expect(waited.map(\.isRedelivered) == [false, false])
    }

    @Test("with pass, later events overtake")
    func pass() throws {
        let rig = try Rig(topic(), [group(order: .pass)])
        let consumer = rig.consumer()
        rig.publish(1, key: 1)
        rig.settle(consumer, .nack, rig.receive(consumer), nanoseconds: 10)
        rig.publish(2, key: 1)
        #expect(rig.receive(consumer).numbers == [1, 2])
    }

    @Test("events without a key never wait for one another")
    func keyless() throws {
        let rig = try Rig(topic(), [group()])
        let consumer = rig.consumer()
        rig.publish(3)
        rig.settle(consumer, .nack, rig.receive(consumer))
        rig.publish(1)
        #expect(rig.receive(consumer).numbers == [0, 1, 2, 3])
    }

    @Test("poisoned events without starving new ones", arguments: [1, 4])
    func poison(limit: Int) throws {
        let rig = try Rig(topic(), [group()])
        let consumer = rig.consumer()
        rig.publish(limit)
        rig.settle(consumer, .nack, rig.receive(consumer, limit))
        rig.publish(3)
        var healthy: [UInt64] = []
        for _ in 0..<8 {
            let out = rig.receive(consumer, limit)
            healthy += out.numbers.filter { $0 >= UInt64(limit) }
            rig.settle(consumer, .nack, out.filter { $0.header.n < UInt64(limit) })
            rig.settle(consumer, .ack, out.filter { $0.header.n >= UInt64(limit) })
        }
        #expect(healthy == Array(UInt64(limit)..<UInt64(limit) + 3))
    }

    @Test("no more often than the broker's own limit")
    func maxDeliveries() throws {
        let rig = try Rig(topic(), [group(maxDeliveries: 3)])
        let consumer = rig.consumer()
        rig.publish(2, key: 1)
        for attempt in 1...3 as ClosedRange<UInt32> {
            let out = rig.receive(consumer, 1)
            #expect(out.numbers == [0] && out.attempts == [attempt])
            if attempt == 2 { rig.pass(100) } else { rig.settle(consumer, .nack, out) }
        }
        #expect(rig.receive(consumer).numbers == [1], "the key is free again")
        #expect(rig.session.counters.exhausted == 1)
    }

    @Test("an unanswered event stops pinning the ring when three quarters are claimed")
    func pressure() throws {
        let rig = try Rig(topic(16), [group()])
        let consumer = rig.consumer()
        rig.publish(1)
        let stuck = rig.receive(consumer)
        var taken = 0
        for _ in 0..<40 {
            taken += rig.publish(1)
            rig.settle(consumer, .ack, rig.receive(consumer))
        }
        #expect(taken == 40)
        #expect(rig.session.counters.relieved == 1)
        let payload = try #require(consumer.payload(of: stuck[0], at: rig.now))
        #expect(rig.isIntact(payload, n: 0))
        #expect(rig.settle(consumer, .ack, stuck) == [.settled])
    }

    @Test("a full shelf stops the group, says so, and gates the producer")
    func shelfFull() throws {
        let rig = try Rig(topic(4), [group()])
        let consumer = rig.consumer()
        rig.publish(4)
        rig.settle(consumer, .nack, rig.receive(consumer), nanoseconds: 1000)
        #expect(rig.publish(6) == 4)
        #expect(rig.receive(consumer).isEmpty)
        #expect(rig.session.counters.shelfFull > 0)
        #expect(rig.publish(1) == 0)
        rig.pass(1000)
        let again = rig.receive(consumer)
        #expect(again.numbers == [0, 1, 2, 3])
        rig.settle(consumer, .ack, again)
        #expect(rig.receive(consumer).numbers == [4, 5, 6, 7])
    }
}
