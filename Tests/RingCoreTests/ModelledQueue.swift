import ModelAtomics
import RingCore

/// A queue ring of any kind over modelled memory.
struct ModelledQueue {
    typealias Hybrid = HybridRingOver<Pair, ModelCell, ModelSlots>
    typealias Batches = BatchRingOver<Pair, ModelCell, ModelSlots>
    typealias Many = MPMCRingOver<Pair, ModelCell, ModelSlots>
    typealias LockFree = LockFreeRingOver<Pair, ModelCell, ModelSlots>

    /// One end's calls; the end goes away with the last copy.
    struct Producer {
        var one: (Pair) -> Pair?
        var batch: ([Pair]) -> Int = { _ in preconditionFailure("this ring has no batches") }
        var inPlace: ([Pair]) -> Int = { _ in preconditionFailure("this ring has no claims") }
    }

    /// One end's calls; the end goes away with the last copy.
    struct Consumer {
        var one: () -> Pair?
        var batch: (Int) -> [Pair] = { _ in preconditionFailure("this ring has no batches") }
        var inPlace: (Int) -> [Pair] = { _ in preconditionFailure("this ring has no claims") }
    }

    let makeProducer: () -> Producer
    let makeConsumer: () -> Consumer
    /// As many ends as any program has at a time.
    private static let endsMax = 4
    /// Elements between two announcements of the consumer.
    var announceEvery = 1

    init(
        _ kind: RingProgram.Ring,
        _ execution: ModelExecution,
        capacity: Int,
        firstSequence: UInt64
    ) throws {
        let slots = { Self.slots(kind, execution, $0, $1) }
        let cell = { (role: RingCellRole, value) in ModelCell(execution, value, role: role) }
        switch kind {
        case .hybrid:
            let ring = try Hybrid(
                capacity: capacity,
                firstSequence: firstSequence,
                makeSlots: slots,
                cell: cell
            )
            announceEvery = Int(ring.announceEvery)
            makeProducer = { Self.end(ring.makeProducer()) }
            makeConsumer = { Self.end(ring.makeConsumer()) }
        case .batch:
            let ring = try Batches(
                capacity: capacity,
                firstSequence: firstSequence,
                makeSlots: slots,
                cell: cell
            )
            makeProducer = { Self.end(ring.makeProducer()) }
            makeConsumer = { Self.end(ring.makeConsumer()) }
        case .manyToMany:
            let ring = try Many(
                capacity: capacity,
                firstSequence: firstSequence,
                makeSlots: slots,
                cell: cell
            )
            makeProducer = { Self.end(ring.makeProducer()) }
            makeConsumer = { Self.end(ring.makeConsumer()) }
        case .lockFree:
            let ring = try LockFree(
                capacity: capacity,
                ends: Self.endsMax,
                firstSequence: firstSequence,
                makeSlots: slots,
                cell: cell
            )
            makeProducer = { Self.end(ring.makeProducer()) }
            makeConsumer = { Self.end(ring.makeConsumer()) }
        case .multicast, .multicastShared, .multicastLockFree:
            preconditionFailure("a multicast ring is no queue")
        }
    }

    private static func end(_ producer: consuming Hybrid.Producer) -> Producer {
        let end = End(producer)
        return Producer(one: { end.value.tryPublish($0) })
    }

    private static func end(_ consumer: consuming Hybrid.Consumer) -> Consumer {
        let end = End(consumer)
        return Consumer(one: { end.value.tryTake() })
    }

    private static func end(_ producer: consuming Batches.Producer) -> Producer {
        let end = End(producer)
        return Producer(
            one: { end.value.tryPublish($0) },
            batch: { end.value.tryPublish(batch: $0.span) },
            inPlace: { pairs in
                // SAFETY: the places are filled here, before they are published.
                let places = unsafe end.value.claim(pairs.count)
                for index in places.indices { unsafe places[index] = pairs[index] }
                let count = places.count
                end.value.publish(count)
                return count
            }
        )
    }

    private static func end(_ consumer: consuming Batches.Consumer) -> Consumer {
        let end = End(consumer)
        return Consumer(
            one: { end.value.tryTake() },
            inPlace: { count in
                // SAFETY: the elements are copied here, before they are released.
                let elements = unsafe end.value.drain(count)
                let copy = unsafe Array(elements)
                end.value.release(copy.count)
                return copy
            }
        )
    }

    private static func end(_ producer: consuming Many.Producer) -> Producer {
        let end = End(producer)
        return Producer(
            one: { end.value.tryPublish($0) },
            batch: { end.value.tryPublish(batch: $0.span) }
        )
    }

    private static func end(_ consumer: consuming Many.Consumer) -> Consumer {
        let end = End(consumer)
        return Consumer(
            one: { end.value.tryTake() },
            batch: { count in
                [Pair](capacity: count) { output in _ = end.value.tryTake(into: &output) }
            }
        )
    }

    private static func end(_ producer: consuming LockFree.Producer) -> Producer {
        let end = End(producer)
        return Producer(
            one: { end.value.tryPublish($0) },
            batch: { end.value.tryPublish(batch: $0.span) }
        )
    }

    private static func end(_ consumer: consuming LockFree.Consumer) -> Consumer {
        let end = End(consumer)
        return Consumer(
            one: { end.value.tryTake() },
            batch: { count in
                [Pair](capacity: count) { output in _ = end.value.tryTake(into: &output) }
            }
        )
    }
}
