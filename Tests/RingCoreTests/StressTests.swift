import CGyreShims
import RingCore
import Testing

/// Real threads over real atomics: bounded runs, every element checked.
///
/// Each kind of ring also meets more threads than there are processors: then a thread is stopped
/// in the middle of its claim, its write or its release, and others run on.
///
/// On x86-64 they also pass with all orderings relaxed; the thread sanitizer and the model are
/// what sees orderings. These see what the model's small sizes cannot.
@Suite("Rings, real threads", .serialized, .watchdog)
struct StressTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var producers: Int
        var consumers: Int
        var capacity: Int
        /// Items of each producer.
        var items = StressTests.items
        var testDescription: String { "\(producers)P \(consumers)C capacity \(capacity)" }
    }

    static let items: UInt64 = 50_000
    static let processors = Int(gyre_allowed_processor_count())
    /// Items of each thread where threads outnumber processors.
    static let itemsInCrowd = items / UInt64(2 * processors + 1)
    static let multicastShapes = [
        Shape(producers: 1, consumers: 1, capacity: 1024),
        Shape(producers: 1, consumers: 2, capacity: 8),
        Shape(producers: 2, consumers: 1, capacity: 64),
        Shape(producers: 3, consumers: 2, capacity: 16),
        Shape(producers: 2, consumers: 2, capacity: 1, items: items / 10),
        Shape(producers: 1, consumers: processors, capacity: 16, items: itemsInCrowd),
        Shape(producers: processors, consumers: 2, capacity: 8, items: itemsInCrowd),
    ]

    @Test("every group reads every item of every producer in order", arguments: multicastShapes)
    func multicast(shape: Shape) throws {
        let items = shape.items
        let ring = try MulticastRing(
            capacity: shape.capacity,
            slotBytes: 64,
            producers: shape.producers == 1 ? .single : .multiple,
            groups: shape.consumers
        )
        let failures = Failures()
        var bodies: [@Sendable () -> Void] = []
        for producer in 0..<shape.producers {
            let end = End(ring.makeWriter())
            bodies.append { write(end, UInt64(producer), items, failures) }
        }
        for group in 0..<shape.consumers {
            let end = End(ring.makeReader(group: group))
            let producers = shape.producers
            bodies.append { readAll(end, producers, items, failures) }
        }
        runThreads(bodies)
        #expect(failures.all == [])
        #expect(ring.published == items * UInt64(shape.producers))
    }

    private func write(
        _ end: End<RingWriter>,
        _ producer: UInt64,
        _ items: UInt64,
        _ failures: Failures
    ) {
        var patience = Patience()
        var item: UInt64 = 0
        while item < items {
            let claim = end.value.tryClaim(Int(min(1 + item % 7, items - item)))
            if claim.isEmpty {
                guard patience.idle() else { return failures.add("a writer waits for ever") }
                continue
            }
            patience.reset()
            for sequence in claim {
                ringSlotWrite(end.value, sequence, producer << 32 | item)
                item += 1
            }
            end.value.publish(claim)
        }
    }

    static let manyShapes = [
        Shape(producers: 1, consumers: 1, capacity: 2),
        Shape(producers: 2, consumers: 2, capacity: 64),
        Shape(producers: 3, consumers: 2, capacity: 16),
        Shape(producers: processors, consumers: processors, capacity: 8, items: itemsInCrowd),
    ]

    @Test("a many-to-many ring delivers each element once", arguments: manyShapes, [1, 5])
    func manyToMany(shape: Shape, batch: Int) throws {
        let ring = try MPMCRing<Pair>(capacity: shape.capacity)
        let failures = Failures()
        let tally = ManyTally()
        let total = shape.items * UInt64(shape.producers)
        var bodies: [@Sendable () -> Void] = []
        for producer in 0..<shape.producers {
            let end = End(ring.makeProducer())
            bodies.append { publishMany(end, UInt64(producer), shape.items, batch, failures) }
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
        // Each value once: their sum and the number of distinct producers' items fix that
        // together with the order that every consumer has checked.
        let sum = (0..<shape.items).reduce(0, &+) &* UInt64(shape.producers)
        #expect(tally.itemSum == sum)
    }

    private func publishMany(
        _ end: End<MPMCRing<Pair>.Producer>,
        _ producer: UInt64,
        _ items: UInt64,
        _ batch: Int,
        _ failures: Failures
    ) {
        var patience = Patience()
        var item: UInt64 = 0
        while item < items {
            let last = min(item + UInt64(batch), items)
            let pairs = (item..<last).map { Pair(producer << 32 | $0) }
            let count =
                batch == 1
                ? (end.value.tryPublish(pairs[0]) == nil ? 1 : 0)
                : end.value.tryPublish(batch: pairs.span)
            item += UInt64(count)
            if count > 0 {
                patience.reset()
            } else if !patience.idle() {
                return failures.add("publish waits")
            }
        }
    }
}
