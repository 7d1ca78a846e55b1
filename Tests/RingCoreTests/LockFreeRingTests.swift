import Testing

@testable import RingCore

@Suite("Lock-free ring, one thread", .watchdog)
struct LockFreeRingTests {
    static let capacities = [1, 2, 4, 8, 16]

    @Test("a full lock-free ring hands the element back, at every wrap", arguments: capacities)
    func refuses(capacity: Int) throws {
        for offset in [0..<UInt64(2 * capacity), (UInt64.max - 20)..<UInt64.max].joined() {
            let ring = try LockFreeRing<Pair>(capacity: capacity, ends: 2, firstSequence: offset)
            var producer = ring.makeProducer()
            var consumer = ring.makeConsumer()
            for lap in 0..<3 {
                let base = UInt64(lap * 100)
                #expect(consumer.tryTake() == nil)
                for index in 0..<UInt64(capacity) {
                    #expect(producer.tryPublish(Pair(base + index)) == nil)
                }
                #expect(producer.tryPublish(Pair(999)) == Pair(999))
                for index in 0..<UInt64(capacity) {
                    #expect(consumer.tryTake() == Pair(base + index), "offset \(offset)")
                }
            }
        }
    }

    @Test("batches in a lock-free ring are cut to what fits", arguments: capacities)
    func batches(capacity: Int) throws {
        for offset in 0..<UInt64(2 * capacity) {
            let ring = try LockFreeRing<UInt64>(capacity: capacity, ends: 2, firstSequence: offset)
            var producer = ring.makeProducer()
            var consumer = ring.makeConsumer()
            for lap in 0..<UInt64(3) {
                let batch = (0..<UInt64(capacity + 2)).map { lap * 100 + $0 }
                #expect(producer.tryPublish(batch: batch.span) == capacity)
                #expect(producer.tryPublish(batch: batch.span) == 0)
                let taken = [UInt64](capacity: capacity + 5) { output in
                    #expect(consumer.tryTake(into: &output) == capacity)
                }
                #expect(taken == Array(batch.prefix(capacity)), "offset \(offset)")
                #expect(consumer.tryTake() == nil)
            }
        }
    }

    @Test("ends share the ring, and whoever comes later continues", arguments: capacities)
    func endsComeAndGo(capacity: Int) throws {
        let ring = try LockFreeRing<Pair>(capacity: capacity, ends: 3)
        var other = ring.makeProducer()
        for value in 0..<UInt64(100) {
            var producer = ring.makeProducer()
            if value % 2 == 0 {
                #expect(producer.tryPublish(Pair(value)) == nil)
            } else {
                #expect(other.tryPublish(Pair(value)) == nil)
            }
            var consumer = ring.makeConsumer()
            #expect(consumer.tryTake() == Pair(value))
            #expect(consumer.tryTake() == nil)
        }
    }

    @Test("no slot is lost or doubled, however ends and elements move", arguments: capacities)
    func slotsAreConserved(capacity: Int) throws {
        let ring = try LockFreeRing<UInt64>(capacity: capacity, ends: 3, firstSequence: 3)
        for round in 0..<UInt64(50) {
            var producer = ring.makeProducer()
            var consumer = ring.makeConsumer()
            for value in 0..<(round % 7) { _ = producer.tryPublish(value) }
            for _ in 0..<(round % 5) { _ = consumer.tryTake() }
            let row = ring.row
            let held = (0..<UInt64(capacity)).map { ring.code.slot(row[$0].loadOwn()) }
            let rest = ring.makeProducer()
            let all = held + [producer.side.own, consumer.side.own, rest.side.own]
            #expect(all.sorted() == Array(0..<(capacity + 3)), "round \(round)")
        }
    }

    @Test("lock-free rings of an impossible size are refused")
    func refusesImpossibleSizes() {
        #expect(throws: RingError.badCapacity(3)) {
            _ = try LockFreeRing<Pair>(capacity: 3, ends: 2)
        }
        #expect(throws: RingError.badEndCount(0)) {
            _ = try LockFreeRing<Pair>(capacity: 2, ends: 0)
        }
        #expect(throws: RingError.tooLarge(capacity: Int.max, slotBytes: 16)) {
            _ = try LockFreeRing<Pair>(capacity: 2, ends: Int.max)
        }
        #expect(throws: RingError.tooLarge(capacity: Int.max / 16 + 2, slotBytes: 16)) {
            _ = try LockFreeRing<Pair>(capacity: 2, ends: Int.max / 16)
        }
        #expect(throws: RingError.tooLarge(capacity: Int.max / 32 + 2, slotBytes: 16)) {
            _ = try LockFreeRing<Pair>(capacity: 2, ends: Int.max / 32)
        }
    }

    @Test("whoever is refused moves the position on for a thread that stopped before doing so")
    func movesOnForOthers() throws {
        let ring = try LockFreeRing<UInt64>(capacity: 1, ends: 2)
        var stopped = ring.makeProducer()
        var other = ring.makeProducer()
        var sequence: UInt64 = 0
        let isExchanged = stopped.side.exchange(&sequence)
        #expect(isExchanged)
        #expect(ring.tail.loadOwn() == 0)
        #expect(other.tryPublish(7) == 7)
        #expect(ring.tail.loadOwn() == 1)
    }

    @Test("a batch that meets another's element goes on behind it, and the position with it")
    func passesOthers() throws {
        let tally = AccessTally()
        let ring = try LockFreeRingOver<UInt64, CountingCell, SlotStorage>(
            capacity: 8,
            ends: 2,
            firstSequence: 0,
            makeSlots: { SlotStorage(capacity: $0, stride: $1) },
            cell: { CountingCell($1, tally) }
        )
        var batching = ring.makeProducer()
        var other = ring.makeProducer()
        var sequence: UInt64 = 0
        for _ in 0..<3 { _ = batching.side.exchange(&sequence) }
        var behind = sequence
        _ = other.side.exchange(&behind)
        #expect((sequence, behind) == (3, 4))
        #expect(ring.tail.loadOwn() == 0, "nobody has moved it yet")
        let before = tally.accesses
        _ = batching.side.exchange(&sequence)
        // The place, the position and its exchange, the place behind and its exchange.
        let cost = tally.accesses - before
        #expect(cost == AtomicAccesses(loads: 3, stores: 0, modifications: 2))
        #expect(sequence == 5)
        #expect(ring.tail.loadOwn() == 4)
    }

    @Test("a call that was stopped for long goes on where the others are, not place by place")
    func jumps() throws {
        let tally = AccessTally()
        let ring = try LockFreeRingOver<UInt64, CountingCell, SlotStorage>(
            capacity: 4,
            ends: 3,
            firstSequence: 0,
            makeSlots: { SlotStorage(capacity: $0, stride: $1) },
            cell: { CountingCell($1, tally) }
        )
        var stopped = ring.makeProducer()
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        for value in 0..<UInt64(1_000) {
            #expect(producer.tryPublish(value) == nil)
            #expect(consumer.tryTake() == value)
        }
        let before = tally.accesses
        var sequence: UInt64 = 0
        let isExchanged = stopped.side.exchange(&sequence)
        #expect(isExchanged)
        #expect(sequence == 1_001)
        // The place, the position, the place there, and the exchange.
        let cost = tally.accesses - before
        #expect(cost == AtomicAccesses(loads: 3, stores: 0, modifications: 1))
    }

    @Test("an end more than there is room for traps")
    func tooManyEnds() async {
        await #expect(processExitsWith: .failure) {
            endUnlessTrapped()
            let ring = try LockFreeRing<Pair>(capacity: 2, ends: 2)
            let producer = ring.makeProducer()
            let consumer = ring.makeConsumer()
            let third = ring.makeProducer()
            withExtendedLifetime(producer) {
                withExtendedLifetime(consumer) { withExtendedLifetime(third) {} }
            }
        }
    }
}

@Suite("Lock-free ring, real threads", .serialized, .watchdog)
struct LockFreeStressTests {
    typealias Shape = StressTests.Shape

    static let items: UInt64 = 20_000
    /// More threads than the two cores of small machines in all but the first.
    static let shapes = [
        Shape(producers: 1, consumers: 1, capacity: 1),
        Shape(producers: 2, consumers: 2, capacity: 64),
        Shape(producers: 3, consumers: 2, capacity: 2),
        Shape(producers: 4, consumers: 4, capacity: 16),
    ]

    @Test("a lock-free ring delivers each element once, in order", arguments: shapes, [1, 5])
    func deliversOnce(shape: Shape, batch: Int) throws {
        let ring = try LockFreeRing<Pair>(
            capacity: shape.capacity,
            ends: shape.producers + shape.consumers
        )
        let failures = Failures()
        let tally = ManyTally()
        let total = Self.items * UInt64(shape.producers)
        var bodies: [@Sendable () -> Void] = []
        for producer in 0..<shape.producers {
            let end = End(ring.makeProducer())
            bodies.append {
                publish(UInt64(producer), batch, failures) { pairs in
                    guard batch == 1 else { return end.value.tryPublish(batch: pairs.span) }
                    return end.value.tryPublish(pairs[0]) == nil ? 1 : 0
                }
            }
        }
        for consumer in 0..<shape.consumers {
            let end = End(ring.makeConsumer())
            bodies.append {
                tally.consume(consumer, total, failures) {
                    guard batch > 1 else { return end.value.tryTake().map { [$0] } ?? [] }
                    return [Pair](capacity: batch) { _ = end.value.tryTake(into: &$0) }
                }
            }
        }
        runThreads(bodies)
        #expect(failures.all == [])
        #expect(tally.taken == total)
        #expect(tally.itemSum == (0..<Self.items).reduce(0, &+) &* UInt64(shape.producers))
    }

    @Test("ends that come and go between other threads' calls hand their slots on")
    func endsComeAndGo() throws {
        let ring = try LockFreeRing<Pair>(capacity: 8, ends: 4)
        let failures = Failures()
        let tally = ManyTally()
        let total = Self.items * 2
        var bodies: [@Sendable () -> Void] = []
        for producer in 0..<2 {
            bodies.append {
                publish(UInt64(producer), 3, failures) { pairs in
                    var end = ring.makeProducer()
                    return end.tryPublish(batch: pairs.span)
                }
            }
            bodies.append {
                tally.consume(producer, total, failures) {
                    var end = ring.makeConsumer()
                    return [Pair](capacity: 3) { _ = end.tryTake(into: &$0) }
                }
            }
        }
        runThreads(bodies)
        #expect(failures.all == [])
        #expect(tally.taken == total)
        #expect(tally.itemSum == (0..<Self.items).reduce(0, &+) &* 2)
    }

    private func publish(
        _ producer: UInt64,
        _ batch: Int,
        _ failures: Failures,
        _ tryPublish: ([Pair]) -> Int
    ) {
        var patience = Patience()
        var item: UInt64 = 0
        while item < Self.items {
            let last = min(item + UInt64(batch), Self.items)
            let count = tryPublish((item..<last).map { Pair(producer << 32 | $0) })
            item += UInt64(count)
            if count > 0 {
                patience.reset()
            } else if !patience.idle() {
                return failures.add("producer \(producer) waits")
            }
        }
    }
}
