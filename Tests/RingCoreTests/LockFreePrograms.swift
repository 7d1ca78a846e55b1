import ModelAtomics
import RingCore

/// Programs over the lock-free ring: those of every many-to-many ring, and some of its own.
enum LockFreePrograms {
    static let all: [RingProgram] =
        table.map(\.program) + batches.map(\.program) + answers + positions + ends + [
            RingProgram(ring: .lockFree, title: "a producer fills the slot of a consumer that left")
            { try handOver($0, comesLate: false) },
            RingProgram(ring: .lockFree, title: "a slot that left and came back") {
                try handOver($0, comesLate: true)
            },
            RingProgram(ring: .lockFree, title: "ends made at the same time") {
                try count($0)
            },
        ]

    private static let table = [
        QueueProgram(
            ring: .lockFree,
            title: "2 producers x 2 elements, 1 consumer, answers of 2 slots",
            producers: [[.one(1), .one(2)], [.one(11), .one(12)]],
            consumers: [[.one, .one]],
            waits: false,
            isLong: true
        ),
        QueueProgram(
            ring: .lockFree,
            title: "2 producers, 3 elements, 1 consumer",
            producers: [[.one(1), .one(2)], [.one(11)]],
            consumers: [Array(repeating: .one, count: 3)],
            isLong: true
        ),
        QueueProgram(
            ring: .lockFree,
            title: "2 producers, 2 elements, 1 consumer",
            producers: [[.one(1)], [.one(11)]],
            consumers: [[.one, .one]]
        ),
        QueueProgram(
            ring: .lockFree,
            title: "2 producers, 1 slot, 1 consumer",
            capacity: 1,
            producers: [[.one(1)], [.one(11)]],
            consumers: [Array(repeating: .one, count: 2)]
        ),
        QueueProgram(
            ring: .lockFree,
            title: "4 elements whose slots come back",
            capacity: 1,
            producers: [(1...4).map { .one($0) }],
            consumers: [Array(repeating: .one, count: 4)]
        ),
        QueueProgram(
            ring: .lockFree,
            title: "1 producer, 3 elements, 2 consumers",
            producers: [[.one(1), .one(2), .one(3)]],
            consumers: [[.one], [.one, .one]],
            isLong: true
        ),
        QueueProgram(
            ring: .lockFree,
            title: "1 producer, 2 elements, 2 consumers",
            producers: [[.one(1), .one(2)]],
            consumers: [[.one], [.one]]
        ),
        QueueProgram(
            ring: .lockFree,
            title: "a batch of 3 through 2 slots, 2 consumers",
            producers: [[.batch([1, 2, 3])]],
            consumers: [[.one], [.batch(2)]],
            isLong: true
        ),
        QueueProgram(
            ring: .lockFree,
            title: "a batch of 2, 2 consumers",
            producers: [[.batch([1, 2])]],
            consumers: [[.one], [.batch(1)]]
        ),
        QueueProgram(
            ring: .lockFree,
            title: "2 batching producers, 1 batching consumer, answers",
            producers: [[.batch([1, 2])], [.batch([11, 12])]],
            consumers: [[.batch(2), .batch(2)]],
            waits: false,
            isLong: true
        ),
        QueueProgram(
            ring: .lockFree,
            title: "2 batching consumers of a full ring, answers",
            prefilled: 2,
            producers: [[.one(3)]],
            consumers: [[.batch(2)], [.batch(2)]],
            waits: false
        ),
    ]

    /// The slot that a consumer has read and left is the next producer's to write.
    ///
    /// Where the consumer comes late, its slot leaves the spare ones and comes back as it was.
    private static func handOver(_ execution: ModelExecution, comesLate: Bool) throws {
        let ring = try ModelledQueue.lockFree(execution, ends: 2)
        let first = End(ring.makeProducer())
        _ = first.value.tryPublish(Pair(1))
        let consumer = Owned(comesLate ? nil : End(ring.makeConsumer()))
        let signal = ModelCell(execution, 0, name: "signal")
        execution.thread {
            if comesLate { consumer.end = execution.call("join") { End(ring.makeConsumer()) } }
            let taken = execution.call("tryTake") { consumer.end?.value.tryTake() }
            execution.require(taken == Pair(1), "took \(String(describing: taken))")
            execution.call("leave") { consumer.end = nil }
            signal.storeRelaxed(1)
        }
        execution.thread {
            execution.beginAttempt()
            while signal.loadRelaxed() == 0 {
                guard execution.waitForChange() else { return }
                execution.beginAttempt()
            }
            let joined = Owned(execution.call("join") { End(ring.makeProducer()) })
            let refused = execution.call("tryPublish") { joined.end?.value.tryPublish(Pair(2)) }
            execution.require(refused == nil, "there is room")
            execution.call("leave") { joined.end = nil }
        }
        execution.atEnd { withExtendedLifetime(first) {} }
    }

    /// Two threads make an end each: each is counted, and has a slot of its own.
    private static func count(_ execution: ModelExecution) throws {
        let ring = try ModelledQueue.lockFree(execution, ends: 2)
        let made = Owned<[End<ModelledQueue.LockFree.Consumer>]>([])
        for _ in 0..<2 {
            execution.thread {
                let end = execution.call("join") { End(ring.makeConsumer()) }
                made.end?.append(end)
            }
        }
        execution.atEnd {
            let ends = ModelledQueue.ends(of: ring)
            execution.require(ends == 2, "\(ends) of 2 ends are counted")
            let slots = (made.end ?? []).map(ModelledQueue.slot)
            execution.require(Set(slots).count == 2, "two ends own the slots \(slots)")
        }
    }

    /// A place to let go of an end, which one modelled thread at a time touches.
    final class Owned<Value> {
        var end: Value?
        init(_ end: Value?) { self.end = end }
    }
}
