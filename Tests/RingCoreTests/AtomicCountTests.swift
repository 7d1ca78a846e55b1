import RingCore
import Testing

/// One producer and one consumer take turns, so that every count is exact.
@Suite("Atomic accesses of the rings", .watchdog)
struct AtomicCountTests {
    static let capacity = 1024
    static let batch = 32
    static let batches = capacity / batch

    let tally = AccessTally()

    /// What one lap costs, after a first one in which the ends learn where the other is.
    private func lap(of steps: Int, _ step: (UInt64) -> Bool) -> AtomicAccesses {
        var before = tally.accesses
        for number in 0..<UInt64(2 * steps) {
            if number == steps { before = tally.accesses }
            #expect(step(number))
        }
        return tally.accesses - before
    }

    private func slots(_ capacity: Int, _ stride: Int) -> SlotStorage {
        SlotStorage(capacity: capacity, stride: stride)
    }

    private func cell(_: RingCellRole, _ value: UInt64) -> CountingCell {
        CountingCell(value, tally)
    }

    @Test("a hybrid ring costs a load and a store an element, and a store every 64")
    func hybrid() throws {
        let ring = try HybridRingOver<UInt64, CountingCell, SlotStorage>(
            capacity: Self.capacity,
            firstSequence: 0,
            makeSlots: slots,
            cell: cell
        )
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        let cost = lap(of: Self.capacity) { number in
            producer.tryPublish(number) == nil && consumer.tryTake() == number
        }
        // The producer looks once a lap how far the consumer is.
        #expect(cost == AtomicAccesses(loads: 1024 + 1, stores: 1024 + 16, modifications: 0))
    }

    @Test("a hybrid consumer that finds nothing announces once, and then only looks")
    func hybridRunsDry() throws {
        let ring = try HybridRingOver<UInt64, CountingCell, SlotStorage>(
            capacity: Self.capacity,
            firstSequence: 0,
            makeSlots: slots,
            cell: cell
        )
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        #expect(producer.tryPublish(7) == nil)
        #expect(consumer.tryTake() == 7)
        let before = tally.accesses
        for _ in 0..<10 { #expect(consumer.tryTake() == nil) }
        let cost = tally.accesses - before
        #expect(cost == AtomicAccesses(loads: 10, stores: 1, modifications: 0))
    }

    @Test("a batch ring costs a load and two stores a batch")
    func batches() throws {
        let ring = try BatchRingOver<UInt64, CountingCell, SlotStorage>(
            capacity: Self.capacity,
            firstSequence: 0,
            makeSlots: slots,
            cell: cell
        )
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        let cost = lap(of: Self.batches) { number in
            // SAFETY: only the place that is filled here is read below.
            let places = unsafe producer.claim(Self.batch)
            unsafe places[Self.batch - 1] = number
            producer.publish(Self.batch)
            // SAFETY: nothing is read after the release.
            let items = unsafe consumer.drain(Self.batch)
            let isRight = unsafe items[Self.batch - 1] == number
            consumer.release(Self.batch)
            return isRight
        }
        #expect(cost == AtomicAccesses(loads: 32 + 1, stores: 64, modifications: 0))
    }

    @Test("a batch ring's consumer looks again only when it has drained what it knows of")
    func batchesKnown() throws {
        let ring = try BatchRingOver<UInt64, CountingCell, SlotStorage>(
            capacity: Self.capacity,
            firstSequence: 0,
            makeSlots: slots,
            cell: cell
        )
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        let items = (0..<UInt64(Self.batch)).map(\.self)
        #expect(producer.tryPublish(batch: items.span) == Self.batch)
        let before = tally.accesses
        for item in items { #expect(consumer.tryTake() == item) }
        let cost = tally.accesses - before
        #expect(cost == AtomicAccesses(loads: 1, stores: Self.batch, modifications: 0))
    }

    @Test("a many-to-many ring costs three loads, two exchanges and a store an element")
    func manyToMany() throws {
        let ring = try makeMany()
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        let cost = lap(of: Self.capacity) { number in
            producer.tryPublish(number) == nil && consumer.tryTake() == number
        }
        // The producer looks once a lap how far consumers are, the consumer 16 times for producers.
        #expect(cost == AtomicAccesses(loads: 3072 + 17, stores: 1024, modifications: 2048))
    }

    @Test("a many-to-many ring costs one exchange a batch at each end")
    func manyToManyBatches() throws {
        let ring = try makeMany()
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        let items = (0..<UInt64(Self.batch)).map(\.self)
        let cost = lap(of: Self.batches) { _ in
            guard producer.tryPublish(batch: items.span) == Self.batch else { return false }
            let taken = [UInt64](capacity: Self.batch) { output in
                _ = consumer.tryTake(into: &output)
            }
            return taken == items
        }
        #expect(cost == AtomicAccesses(loads: 34 * 32 + 1, stores: 1024, modifications: 64))
    }

    private func makeMany() throws -> MPMCRingOver<UInt64, CountingCell, SlotStorage> {
        try MPMCRingOver(
            capacity: Self.capacity,
            firstSequence: 0,
            makeSlots: slots,
            cell: cell
        )
    }

    @Test(
        "a multicast ring costs a load and two stores a batch; shared, a word more a slot",
        arguments: [
            (RingProducers.single, AtomicAccesses(loads: 32 + 1, stores: 64, modifications: 0)),
            (.multiple, AtomicAccesses(loads: 33 * 32 + 1, stores: 33 * 32, modifications: 32)),
        ]
    )
    func multicast(producers: RingProducers, expected: AtomicAccesses) throws {
        let ring = try MulticastRingOver<CountingCell, SlotStorage>(
            capacity: Self.capacity,
            slotBytes: 64,
            producers: producers,
            groups: 1,
            firstSequence: 0,
            slots: SlotStorage(capacity: Self.capacity, stride: 64),
            cell: cell
        )
        var writer = ring.makeWriter()
        var reader = ring.makeReader(group: 0)
        let cost = lap(of: Self.batches) { _ in
            writer.publish(writer.tryClaim(Self.batch))
            let seen = reader.available(from: reader.released, max: Self.batch)
            reader.release(below: seen.upperBound)
            return seen.count == Self.batch
        }
        #expect(cost == expected)
    }

    @Test("a multicast reader looks again only when what it knows does not suffice")
    func multicastKnown() throws {
        let ring = try MulticastRingOver<CountingCell, SlotStorage>(
            capacity: Self.capacity,
            slotBytes: 64,
            producers: .single,
            groups: 1,
            firstSequence: 0,
            slots: SlotStorage(capacity: Self.capacity, stride: 64),
            cell: cell
        )
        var writer = ring.makeWriter()
        var reader = ring.makeReader(group: 0)
        writer.publish(writer.tryClaim(Self.batch))
        let before = tally.accesses
        for sequence in 0..<UInt64(Self.batch) {
            #expect(reader.available(from: sequence, max: 1).count == 1)
            reader.release(below: sequence + 1)
            reader.release(below: sequence + 1)
        }
        let cost = tally.accesses - before
        #expect(cost == AtomicAccesses(loads: 1, stores: Self.batch, modifications: 0))
    }
}
