import RingCore

/// What the rings carry: a word, or a cache line.
protocol RingItem: BitwiseCopyable, Sendable {
    init(_ number: UInt64)
    var number: UInt64 { get }
}

extension UInt64: RingItem {
    var number: UInt64 { self }
}

/// 64 bytes that all say the same number.
struct LineItem: RingItem {
    private var words: SIMD8<UInt64>
    init(_ number: UInt64) { words = SIMD8(repeating: number) }
    var number: UInt64 { words[7] }
}

extension HotPath {
    private static var capacity: Int { 1024 }
    private static var batch: Int { 32 }

    static var rings: [HotPath] {
        [
            hybrid("ring-hybrid-8B", UInt64.self),
            hybrid("ring-hybrid-64B", LineItem.self),
            batches("ring-batch-32x8B", UInt64.self),
            batches("ring-batch-32x64B", LineItem.self),
            many, manyBatches,
            multicast("ring-multicast-32", .single),
            multicast("ring-multicast-shared-32", .multiple),
        ]
    }

    private static func hybrid<Item: RingItem>(_ name: String, _: Item.Type) -> HotPath {
        HotPath(name, per: "push and pop") {
            try HybridRing<Item>(capacity: capacity)
        } work: { ring, count in
            var producer = ring.makeProducer()
            var consumer = ring.makeConsumer()
            for number in 0..<UInt64(count) {
                precondition(producer.tryPublish(Item(number)) == nil, "the ring is full")
                precondition(consumer.tryTake()?.number == number, "another item")
            }
        }
    }

    private static func batches<Item: RingItem>(_ name: String, _: Item.Type) -> HotPath {
        HotPath(name, per: "batch in and out") {
            try BatchRing<Item>(capacity: capacity)
        } work: { ring, count in
            var producer = ring.makeProducer()
            var consumer = ring.makeConsumer()
            for number in 0..<UInt64(count) {
                // SAFETY: only the last place is read below, and it is filled here.
                let places = unsafe producer.claim(batch)
                unsafe places[batch - 1] = Item(number)
                producer.publish(batch)
                // SAFETY: nothing is read after the release.
                let items = unsafe consumer.drain(batch)
                precondition(unsafe items[batch - 1].number == number, "another item")
                consumer.release(batch)
            }
        }
    }

    private static var many: HotPath {
        HotPath("ring-mpmc-8B", per: "push and pop") {
            try MPMCRing<UInt64>(capacity: capacity)
        } work: { ring, count in
            var producer = ring.makeProducer()
            var consumer = ring.makeConsumer()
            for number in 0..<UInt64(count) {
                precondition(producer.tryPublish(number) == nil, "the ring is full")
                precondition(consumer.tryTake() == number, "another item")
            }
        }
    }

    private static var manyBatches: HotPath {
        HotPath("ring-mpmc-32x8B", per: "batch in and out") {
            try MPMCRing<UInt64>(capacity: capacity)
        } work: { ring, count in
            var producer = ring.makeProducer()
            var consumer = ring.makeConsumer()
            let items = (0..<UInt64(batch)).map(\.self)
            // SAFETY: the buffer is this call's alone and lives as long as it.
            let taken = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: batch)
            defer { unsafe taken.deallocate() }
            for _ in 0..<count {
                precondition(producer.tryPublish(batch: items.span) == batch, "it is full")
                // SAFETY: the buffer has room for a batch, and nothing in it counts yet.
                var output = unsafe OutputSpan(buffer: taken, initializedCount: 0)
                precondition(consumer.tryTake(into: &output) == batch, "it is empty")
                precondition(output[batch - 1] == UInt64(batch - 1), "another item")
                _ = unsafe output.finalize(for: taken)
            }
        }
    }

    private static func multicast(_ name: String, _ producers: RingProducers) -> HotPath {
        HotPath(name, per: "batch in and out") {
            try MulticastRing(capacity: capacity, slotBytes: 64, producers: producers, groups: 1)
        } work: { ring, count in
            var writer = ring.makeWriter()
            var reader = ring.makeReader(group: 0)
            for number in 0..<UInt64(count) {
                let claim = writer.tryClaim(batch)
                // SAFETY: the sequence is claimed and not published, a slot has 64 bytes.
                unsafe writer.slot(claim.upperBound - 1).storeBytes(of: number, as: UInt64.self)
                writer.publish(claim)
                let seen = reader.available(from: reader.released, max: batch)
                // SAFETY: the sequence is published and not released.
                let found = unsafe reader.slot(seen.upperBound - 1).load(as: UInt64.self)
                precondition(found == number, "another item")
                reader.release(below: seen.upperBound)
            }
        }
    }
}
