import ModelAtomics
import RingCore
import Testing

/// An element of two words, so that a torn one shows.
struct Pair: BitwiseCopyable, Equatable, Sendable {
    var value: UInt64
    var check: UInt64

    init(_ value: UInt64) {
        self.value = value
        check = ~value
    }

    var isWhole: Bool { check == ~value }
}

/// The production queue rings over modelled memory.
enum QueueProgram: String, CaseIterable, Sendable {
    case hybrid, batch, manyToMany, manyToManyBatches

    typealias Hybrid = HybridRingOver<Pair, ModelCell, ModelSlots>
    typealias Batches = BatchRingOver<Pair, ModelCell, ModelSlots>
    typealias Many = MPMCRingOver<Pair, ModelCell, ModelSlots>

    /// What consumers took, one list each.
    final class Taken {
        var lists: [[UInt64]]
        init(_ consumers: Int) { lists = Array(repeating: [], count: consumers) }
        var count: Int { lists.reduce(0) { $0 + $1.count } }
    }

    func search(
        weakening: @escaping (RingCellRole) -> Weakening = { _ in [] }
    ) -> ModelOutcome {
        ModelSearch().run { execution in
            let slots = { ModelSlots(execution, capacity: $0, stride: $1) }
            let cell = { ModelCell(execution, $1, weakening: weakening($0)) }
            do {
                switch self {
                case .hybrid:
                    hybrid(
                        execution,
                        try Hybrid(capacity: 2, firstSequence: 1, makeSlots: slots, cell: cell)
                    )
                case .batch:
                    batch(
                        execution,
                        try Batches(capacity: 2, firstSequence: 1, makeSlots: slots, cell: cell)
                    )
                case .manyToMany:
                    many(
                        execution,
                        try Many(capacity: 2, firstSequence: 1, makeSlots: slots, cell: cell)
                    )
                case .manyToManyBatches:
                    manyBatches(
                        execution,
                        try Many(capacity: 2, firstSequence: 1, makeSlots: slots, cell: cell)
                    )
                }
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    private func hybrid(_ execution: ModelExecution, _ ring: Hybrid) {
        let producer = End(ring.makeProducer())
        let consumer = End(ring.makeConsumer())
        produce(execution, 1...4) { producer.value.tryPublish($0) }
        let taken = Taken(1)
        consume(execution, taken, 0, until: 4) { consumer.value.tryTake() }
        execution.atEnd { execution.require(taken.lists[0] == [1, 2, 3, 4], "\(taken.lists)") }
    }

    private func batch(_ execution: ModelExecution, _ ring: Batches) {
        let producer = End(ring.makeProducer())
        let consumer = End(ring.makeConsumer())
        execution.thread {
            let items = (1...4).map { Pair($0) }
            var sent = 0
            while sent < items.count {
                execution.beginAttempt()
                let rest = Array(items[sent...])
                let count = producer.value.tryPublish(batch: rest.span)
                sent += count
                if count == 0 && !execution.waitForChange() { return }
            }
        }
        let taken = Taken(1)
        consume(execution, taken, 0, until: 4) { consumer.value.tryTake() }
        execution.atEnd { execution.require(taken.lists[0] == [1, 2, 3, 4], "\(taken.lists)") }
    }

    private func many(_ execution: ModelExecution, _ ring: Many) {
        let first = End(ring.makeProducer())
        let second = End(ring.makeProducer())
        let consumer = End(ring.makeConsumer())
        produce(execution, 1...2) { first.value.tryPublish($0) }
        produce(execution, 11...11) { second.value.tryPublish($0) }
        let taken = Taken(1)
        consume(execution, taken, 0, until: 3) { consumer.value.tryTake() }
        execution.atEnd {
            execution.require(taken.lists[0].sorted() == [1, 2, 11], "\(taken.lists)")
            execution.require(taken.lists[0].filter { $0 < 10 } == [1, 2], "\(taken.lists)")
        }
    }

    private func manyBatches(_ execution: ModelExecution, _ ring: Many) {
        let producer = End(ring.makeProducer())
        let consumers = [End(ring.makeConsumer()), End(ring.makeConsumer())]
        execution.thread {
            let items = (1...3).map { Pair($0) }
            var sent = 0
            while sent < items.count {
                execution.beginAttempt()
                let rest = Array(items[sent...])
                let count = producer.value.tryPublish(batch: rest.span)
                sent += count
                if count == 0 && !execution.waitForChange() { return }
            }
        }
        let taken = Taken(2)
        for (index, consumer) in consumers.enumerated() {
            // Fixed shares, so that both consumers end.
            consume(execution, taken, index, until: index == 0 ? 1 : 2) {
                consumer.value.tryTake()
            }
        }
        execution.atEnd {
            execution.require(taken.lists.flatMap { $0 }.sorted() == [1, 2, 3], "\(taken.lists)")
            for list in taken.lists { execution.require(list == list.sorted(), "\(list)") }
        }
    }

    private func produce(
        _ execution: ModelExecution,
        _ values: ClosedRange<UInt64>,
        _ tryPublish: @escaping (Pair) -> Pair?
    ) {
        execution.thread {
            for value in values {
                execution.beginAttempt()
                while let refused = tryPublish(Pair(value)) {
                    execution.require(refused == Pair(value), "handed back another element")
                    guard execution.waitForChange() else { return }
                    execution.beginAttempt()
                }
            }
        }
    }

    private func consume(
        _ execution: ModelExecution,
        _ taken: Taken,
        _ index: Int,
        until count: Int,
        _ tryTake: @escaping () -> Pair?
    ) {
        execution.thread {
            while taken.lists[index].count < count {
                execution.beginAttempt()
                if let pair = tryTake() {
                    execution.require(pair.isWhole, "a torn element \(pair)")
                    taken.lists[index].append(pair.value)
                } else if !execution.waitForChange() {
                    return
                }
            }
        }
    }
}

@Suite("Queue rings, modelled")
struct ModelledQueueTests {
    @Test("a modelled queue ring keeps every promise", arguments: QueueProgram.allCases)
    func keepsPromises(program: QueueProgram) {
        let outcome = program.search()
        #expect(outcome.violation == nil)
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
    }

    @Test(
        "a queue ring with any one ordering left out is caught",
        arguments: QueueProgram.allCases,
        [Weakening.releases, .acquires]
    )
    func catchesWeakening(program: QueueProgram, weakening: Weakening) {
        let roles: [(RingCellRole) -> Bool] =
            switch program {
            case .hybrid: [\.isTurn, { $0 == .head }]
            case .batch: [{ $0 == .tail }, { $0 == .head }]
            case .manyToMany, .manyToManyBatches: [\.isTurn]
            }
        for applies in roles {
            let outcome = program.search { applies($0) ? weakening : [] }
            #expect(outcome.violation != nil, "\(outcome.executions) executions saw nothing")
        }
    }

    @Test("tickets taken in two steps are caught", arguments: [RingCellRole.tail, .head])
    func catchesSplitExchange(role: RingCellRole) {
        let program: QueueProgram = role == .tail ? .manyToMany : .manyToManyBatches
        let outcome = program.search { $0 == role ? .exchanges : [] }
        #expect(outcome.violation != nil, "\(outcome.executions) executions saw nothing")
    }
}
