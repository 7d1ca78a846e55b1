import ModelAtomics
import RingCore

/// Ends that go away on one thread and are made anew on another, ordered by their token alone.
enum HandOver {
    static let programs: [RingProgram] =
        [RingProgram.Ring.hybrid, .batch].flatMap { ring in
            [
                RingProgram(ring: ring, title: "a second producer goes on") { execution in
                    try producers(execution, ring)
                },
                RingProgram(ring: ring, title: "a second consumer goes on") { execution in
                    try consumers(execution, ring)
                },
                RingProgram(ring: ring, title: "two threads want one end") { execution in
                    try contend(execution, ring)
                },
            ]
        } + [
            RingProgram(ring: .hybrid, title: "a second consumer goes on before an announcement") {
                try unannounced($0)
            },
            RingProgram(ring: .multicast, title: "a second writer and reader go on") {
                try multicast($0)
            },
        ]

    /// Says that the first owner is done, and orders nothing.
    private final class Signal {
        private let execution: ModelExecution
        private let cell: ModelCell

        init(_ execution: ModelExecution) {
            self.execution = execution
            cell = ModelCell(execution, 0, name: "signal")
        }

        func give() { cell.storeRelaxed(1) }

        /// False when the execution was given up.
        func awaitIt() -> Bool {
            execution.beginAttempt()
            while cell.loadRelaxed() == 0 {
                guard execution.waitForChange() else { return false }
                execution.beginAttempt()
            }
            return true
        }
    }

    private static func producers(_ execution: ModelExecution, _ ring: RingProgram.Ring) throws {
        let queue = try ModelledQueue(ring, execution, capacity: 2, firstSequence: 1)
        let run = QueueRun(execution, queue, capacity: 2)
        let signal = Signal(execution)
        for (thread, values) in [[UInt64(1), 2], [3]].enumerated() {
            execution.thread {
                if thread == 1 && !signal.awaitIt() { return }
                var end: ModelledQueue.Producer? = execution.call("makeProducer") {
                    queue.makeProducer()
                }
                if let end { run.produce(end, values.map { .one($0) }, thread, waits: true) }
                execution.call("producer goes away") { end = nil }
                if thread == 0 { signal.give() }
            }
        }
        let consumer = queue.makeConsumer()
        execution.thread { run.consume(consumer, [.one, .one, .one], 2, waits: true) }
        execution.atEnd { run.finish(consumer) }
    }

    private static func consumers(_ execution: ModelExecution, _ ring: RingProgram.Ring) throws {
        let queue = try ModelledQueue(ring, execution, capacity: 2, firstSequence: 1)
        let run = QueueRun(execution, queue, capacity: 2)
        let signal = Signal(execution)
        let producer = queue.makeProducer()
        execution.thread { run.produce(producer, [.one(1), .one(2), .one(3)], 0, waits: true) }
        for thread in 1...2 {
            execution.thread {
                if thread == 2 && !signal.awaitIt() { return }
                var end: ModelledQueue.Consumer? = execution.call("makeConsumer") {
                    queue.makeConsumer()
                }
                let calls = [QueueProgram.Take](repeating: .one, count: thread)
                if let end { run.consume(end, calls, thread, waits: true) }
                execution.call("consumer goes away") { end = nil }
                if thread == 1 { signal.give() }
            }
        }
        execution.atEnd { run.finish(queue.makeConsumer()) }
    }

    /// A consumer of 8 slots announces every two elements, so what it has taken is its own to leave.
    private static func unannounced(_ execution: ModelExecution) throws {
        let queue = try ModelledQueue(.hybrid, execution, capacity: 8, firstSequence: 1)
        let signal = Signal(execution)
        let producer = queue.makeProducer()
        for value in [UInt64(1), 2] { _ = producer.one(Pair(value)) }
        for thread in 0..<2 {
            execution.thread {
                if thread == 1 && !signal.awaitIt() { return }
                var end: ModelledQueue.Consumer? = execution.call("makeConsumer") {
                    queue.makeConsumer()
                }
                let taken = execution.call("tryTake") { end?.one() }
                execution.call("consumer goes away") { end = nil }
                execution.require(
                    taken == Pair(UInt64(thread + 1)),
                    "consumer \(thread) took \(String(describing: taken))"
                )
                if thread == 0 { signal.give() }
            }
        }
        execution.atEnd { withExtendedLifetime(producer.one) {} }
    }

    /// The loser of a token traps in a real ring, so the token is asked itself.
    private static func contend(_ execution: ModelExecution, _ ring: RingProgram.Ring) throws {
        let owners = try ModelledQueue.tokens(ring, execution)
        var taken = [0, 0]
        for _ in 0..<2 {
            execution.thread {
                if execution.call("makeProducer", { owners.producer() }) { taken[0] += 1 }
                if execution.call("makeConsumer", { owners.consumer() }) { taken[1] += 1 }
            }
        }
        execution.atEnd { execution.require(taken == [1, 1], "owners of an end: \(taken)") }
    }

    private static func multicast(_ execution: ModelExecution) throws {
        let run = try MulticastRun(execution, MulticastProgram(title: "", itemsEach: 3, groups: 1))
        let signals = [Signal(execution), Signal(execution)]
        for thread in 0..<2 {
            execution.thread {
                if thread == 1 && !signals[0].awaitIt() { return }
                var end: End<ModelledRing.Writer>? = execution.call("makeWriter") {
                    End(run.ring.makeWriter())
                }
                if let end { run.produce(end, 0, items: thread == 0 ? 0..<2 : 2..<3, claim: 1) }
                execution.call("writer goes away") { end = nil }
                if thread == 0 { signals[0].give() }
            }
            execution.thread {
                if thread == 1 && !signals[1].awaitIt() { return }
                var end: End<ModelledRing.Reader>? = execution.call("makeReader") {
                    End(run.ring.makeReader(group: 0))
                }
                if let end { run.consume(end, 0, until: thread == 0 ? 1 : 3, readMax: 1) }
                execution.call("reader goes away") { end = nil }
                if thread == 0 { signals[1].give() }
            }
        }
        execution.atEnd { run.check() }
    }
}
