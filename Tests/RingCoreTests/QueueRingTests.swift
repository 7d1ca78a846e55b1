import RingCore
import Testing

@Suite("Queue rings, one thread", .watchdog)
struct QueueRingTests {
    static let capacities = [1, 2, 4, 8, 16]

    @Test("a full hybrid ring hands the element back, at every wrap", arguments: capacities)
    func hybridRefuses(capacity: Int) throws {
        for offset in 0..<UInt64(2 * capacity) {
            let ring = try HybridRing<Pair>(capacity: capacity, firstSequence: offset)
            var producer = ring.makeProducer()
            var consumer = ring.makeConsumer()
            #expect(consumer.tryTake() == nil)
            for lap in 0..<3 {
                let base = UInt64(lap * 100)
                for index in 0..<UInt64(capacity) {
                    #expect(producer.tryPublish(Pair(base + index)) == nil)
                }
                #expect(producer.tryPublish(Pair(999)) == Pair(999), "capacity \(capacity)")
                for index in 0..<UInt64(capacity) {
                    #expect(consumer.tryTake() == Pair(base + index), "offset \(offset)")
                }
                #expect(consumer.tryTake() == nil)
            }
        }
    }

    @Test("a hybrid consumer announces lazily, when it runs dry, and when told")
    func hybridAnnounces() throws {
        let ring = try HybridRing<UInt64>(capacity: 64)
        #expect(ring.announceEvery == 16)
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        for value in 0..<UInt64(64) { #expect(producer.tryPublish(value) == nil) }
        for _ in 0..<15 { _ = consumer.tryTake() }
        #expect(producer.tryPublish(64) == 64, "fifteen are free but not announced")
        consumer.announce()
        #expect(producer.tryPublish(64) == nil)
        for _ in 0..<16 { _ = consumer.tryTake() }
        for value in 65..<UInt64(95) { #expect(producer.tryPublish(value) == nil) }
        #expect(producer.tryPublish(95) == 95)
        #expect(try HybridRing<UInt64>(capacity: 4096).announceEvery == 64)
        #expect(try HybridRing<UInt64>(capacity: 1).announceEvery == 1)
    }

    @Test("a hybrid consumer that runs dry leaves the whole ring to the producer")
    func hybridAnnouncesWhenDry() throws {
        let ring = try HybridRing<UInt64>(capacity: 64)
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        for value in 0..<UInt64(10) { #expect(producer.tryPublish(value) == nil) }
        for value in 0..<UInt64(10) { #expect(consumer.tryTake() == value) }
        #expect(consumer.tryTake() == nil)
        for value in 0..<UInt64(64) { #expect(producer.tryPublish(value) == nil) }
        #expect(producer.tryPublish(64) == 64)
    }

    @Test("what a hybrid consumer has taken stays taken when it goes away before it announces")
    func hybridConsumerLeaves() throws {
        let ring = try HybridRing<UInt64>(capacity: 64)
        var producer = ring.makeProducer()
        for value in 0..<UInt64(64) { #expect(producer.tryPublish(value) == nil) }
        for value in 0..<UInt64(3) {
            var consumer = ring.makeConsumer()
            #expect(consumer.tryTake() == value)
        }
        for value in 64..<UInt64(67) { #expect(producer.tryPublish(value) == nil) }
        #expect(producer.tryPublish(67) == 67)
    }

    @Test("ends of single-ended rings can be made again and continue")
    func endsContinue() throws {
        let hybrid = try HybridRing<UInt64>(capacity: 4)
        let batches = try BatchRing<UInt64>(capacity: 4)
        for value in 0..<UInt64(10) {
            do {
                var producer = hybrid.makeProducer()
                #expect(producer.tryPublish(value) == nil)
                var other = batches.makeProducer()
                #expect(other.tryPublish(value) == nil)
            }
            var consumer = hybrid.makeConsumer()
            #expect(consumer.tryTake() == value)
            var other = batches.makeConsumer()
            #expect(other.tryTake() == value)
        }
    }

    @Test("a batch ring takes what fits and keeps order, at every wrap", arguments: capacities)
    func batchRing(capacity: Int) throws {
        for offset in 0..<UInt64(2 * capacity) {
            for size in 1...(capacity + 1) {
                let ring = try BatchRing<UInt64>(capacity: capacity, firstSequence: offset)
                var producer = ring.makeProducer()
                var consumer = ring.makeConsumer()
                var sent: UInt64 = 0
                var expected: UInt64 = 0
                while expected < UInt64(3 * capacity) {
                    let batch = (0..<UInt64(size)).map { sent + $0 }
                    let count = producer.tryPublish(batch: batch.span)
                    #expect(count == min(size, capacity))
                    sent += UInt64(count)
                    while let value = consumer.tryTake() {
                        #expect(value == expected, "capacity \(capacity) offset \(offset)")
                        expected += 1
                    }
                    #expect(expected == sent)
                }
            }
        }
    }

    @Test("places claimed in a batch ring are contiguous and seen when published")
    func batchRingInPlace() throws {
        let ring = try BatchRing<UInt64>(capacity: 8, firstSequence: 6)
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        // SAFETY: filled before publish, not touched after it.
        let places = unsafe producer.claim(5)
        #expect(places.count == 2, "the ring's end is two places away")
        unsafe places[0] = 10
        unsafe places[1] = 11
        #expect(unsafe consumer.drain(9).isEmpty)
        producer.publish(2)
        // SAFETY: as above.
        let more = unsafe producer.claim(9)
        #expect(more.count == 6)
        for index in 0..<6 { unsafe more[index] = UInt64(12 + index) }
        producer.publish(6)
        #expect(unsafe producer.claim(1).isEmpty)
        #expect(producer.tryPublish(99) == 99)
        // SAFETY: read before release.
        #expect(unsafe Array(consumer.drain(9)) == [10, 11])
        consumer.release(1)
        #expect(unsafe Array(consumer.drain(9)) == [11])
        consumer.release(1)
        #expect(unsafe Array(consumer.drain(4)) == [12, 13, 14, 15])
        consumer.release(4)
        #expect(unsafe Array(consumer.drain(4)) == [16, 17])
    }

    @Test(
        "a many-to-many ring refuses when full and keeps order",
        arguments: capacities
    )
    func manyToMany(capacity: Int) throws {
        for offset in 0..<UInt64(2 * capacity) {
            let ring = try MPMCRing<Pair>(capacity: capacity, firstSequence: offset)
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

    @Test("batches in a many-to-many ring are cut to what fits", arguments: capacities)
    func manyToManyBatches(capacity: Int) throws {
        for offset in 0..<UInt64(2 * capacity) {
            let ring = try MPMCRing<UInt64>(capacity: capacity, firstSequence: offset)
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

    @Test("what a consumer appends stands behind what the output holds")
    func appends() throws {
        let many = try MPMCRing<UInt64>(capacity: 8)
        let lockFree = try LockFreeRing<UInt64>(capacity: 8, ends: 2)
        var manyPuts = many.makeProducer()
        var lockFreePuts = lockFree.makeProducer()
        for value in 0..<UInt64(5) {
            #expect(manyPuts.tryPublish(value) == nil)
            #expect(lockFreePuts.tryPublish(value) == nil)
        }
        var manyTakes = many.makeConsumer()
        var lockFreeTakes = lockFree.makeConsumer()
        let fromMany = [UInt64](capacity: 4) { output in
            output.append(99)
            #expect(manyTakes.tryTake(into: &output) == 3)
            #expect(manyTakes.tryTake(into: &output) == 0, "there is no room")
        }
        let fromLockFree = [UInt64](capacity: 4) { output in
            output.append(99)
            #expect(lockFreeTakes.tryTake(into: &output) == 3)
            #expect(lockFreeTakes.tryTake(into: &output) == 0, "there is no room")
        }
        #expect(fromMany == [99, 0, 1, 2])
        #expect(fromLockFree == [99, 0, 1, 2])
        #expect(manyTakes.tryTake() == 3)
        #expect(lockFreeTakes.tryTake() == 3)
    }

    @Test("elements of several lines come out as they went in, round the ring")
    func largeElements() throws {
        let hybrid = try HybridRing<SIMD32<UInt64>>(capacity: 4)
        let many = try MPMCRing<SIMD32<UInt64>>(capacity: 4)
        var hybridPuts = hybrid.makeProducer()
        var hybridTakes = hybrid.makeConsumer()
        var manyPuts = many.makeProducer()
        var manyTakes = many.makeConsumer()
        let elements = (0..<UInt64(10)).map { first in
            SIMD32<UInt64>((0..<32).map { first << 32 | $0 })
        }
        for lap in elements.indices.dropLast() {
            for element in elements[lap...(lap + 1)] {
                #expect(hybridPuts.tryPublish(element) == nil)
                #expect(manyPuts.tryPublish(element) == nil)
            }
            for element in elements[lap...(lap + 1)] {
                #expect(hybridTakes.tryTake() == element)
                #expect(manyTakes.tryTake() == element)
            }
        }
    }

    @Test("queue rings of an impossible capacity are refused")
    func refusesImpossibleSizes() {
        #expect(throws: RingError.badCapacity(3)) {
            _ = try HybridRing<Pair>(capacity: 3)
        }
        #expect(throws: RingError.badCapacity(0)) {
            _ = try BatchRing<Pair>(capacity: 0)
        }
        #expect(throws: RingError.badCapacity(6)) {
            _ = try MPMCRing<Pair>(capacity: 6)
        }
    }
}
