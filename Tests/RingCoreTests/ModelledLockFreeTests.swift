import ModelAtomics
import RingCore
import Testing

/// The calls of a modelled many-to-many ring, whichever its kind.
struct ManyEnds {
    enum Kind: String, Sendable { case lockFree, tickets }

    var tryPublish: [(Pair) -> Pair?] = []
    var tryPublishBatch: [([Pair]) -> Int] = []
    var tryTake: [() -> Pair?] = []

    init(
        _ kind: Kind,
        _ execution: ModelExecution,
        producers: Int,
        consumers: Int,
        capacity: Int = 2,
        weakening: (RingCellRole) -> Weakening = { _ in [] }
    ) throws {
        switch kind {
        case .lockFree:
            let ring = try LockFreeRingOver<Pair, ModelCell, ModelSlots>(
                capacity: capacity,
                ends: producers + consumers,
                firstSequence: 1,
                makeSlots: { ModelSlots(execution, capacity: $0, stride: $1) },
                cell: { ModelCell(execution, $1, weakening: weakening($0)) }
            )
            for _ in 0..<producers {
                let end = End(ring.makeProducer())
                tryPublish.append { end.value.tryPublish($0) }
                tryPublishBatch.append { end.value.tryPublish(batch: $0.span) }
            }
            for _ in 0..<consumers {
                let end = End(ring.makeConsumer())
                tryTake.append { end.value.tryTake() }
            }
        case .tickets:
            let ring = try MPMCRingOver<Pair, ModelCell, ModelSlots>(
                capacity: capacity,
                firstSequence: 1,
                makeSlots: { ModelSlots(execution, capacity: $0, stride: $1) },
                cell: { ModelCell(execution, $1, weakening: weakening($0)) }
            )
            for _ in 0..<producers {
                let end = End(ring.makeProducer())
                tryPublish.append { end.value.tryPublish($0) }
                tryPublishBatch.append { end.value.tryPublish(batch: $0.span) }
            }
            for _ in 0..<consumers {
                let end = End(ring.makeConsumer())
                tryTake.append { end.value.tryTake() }
            }
        }
    }
}

/// Publishes what waits for room, until the execution is given up.
private func publish(
    _ execution: ModelExecution,
    _ values: [UInt64],
    _ tryPublish: (Pair) -> Pair?
) {
    for value in values {
        execution.beginAttempt()
        while let refused = tryPublish(Pair(value)) {
            execution.require(refused == Pair(value), "handed back another element")
            guard execution.waitForChange() else { return }
            execution.beginAttempt()
        }
    }
}

/// Takes until `isEnough`, and gives what was taken.
private func take(
    _ execution: ModelExecution,
    _ tryTake: () -> Pair?,
    into taken: inout [UInt64],
    until isEnough: ([UInt64]) -> Bool
) {
    while !isEnough(taken) {
        execution.beginAttempt()
        if let pair = tryTake() {
            execution.require(pair.isWhole, "a torn element \(pair)")
            taken.append(pair.value)
        } else if !execution.waitForChange() {
            return
        }
    }
}

private final class Box<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
}

@Suite("Lock-free ring, modelled")
struct ModelledLockFreeTests {
    /// Small programs, each with what must hold of it.
    enum Program: String, CaseIterable, Sendable {
        case twoProducers, twoConsumers, batches, neverFull, neverEmpty

        func search(
            weakening: @escaping (RingCellRole) -> Weakening = { _ in [] }
        ) -> ModelOutcome {
            ModelSearch(executionsMax: 1_000_000).run { execution in
                do {
                    let ends = try ManyEnds(
                        .lockFree,
                        execution,
                        producers: 2,
                        consumers: 2,
                        weakening: weakening
                    )
                    switch self {
                    case .twoProducers: twoProducers(execution, ends)
                    case .twoConsumers: twoConsumers(execution, ends)
                    case .batches: batches(execution, ends)
                    case .neverFull: neverFull(execution, ends)
                    case .neverEmpty: neverEmpty(execution, ends)
                    }
                } catch {
                    Issue.record("\(error)")
                }
            }
        }

        private func twoProducers(_ execution: ModelExecution, _ ends: ManyEnds) {
            let taken = Box<[UInt64]>([])
            execution.thread { publish(execution, [1, 2], ends.tryPublish[0]) }
            execution.thread { publish(execution, [11], ends.tryPublish[1]) }
            execution.thread {
                take(execution, ends.tryTake[0], into: &taken.value) { $0.count == 3 }
            }
            execution.atEnd {
                execution.require(taken.value.sorted() == [1, 2, 11], "\(taken.value)")
                execution.require(taken.value.filter { $0 < 10 } == [1, 2], "\(taken.value)")
            }
        }

        private func twoConsumers(_ execution: ModelExecution, _ ends: ManyEnds) {
            let taken = Box<[[UInt64]]>([[], []])
            execution.thread { publish(execution, [1, 2, 3], ends.tryPublish[0]) }
            for consumer in 0..<2 {
                execution.thread {
                    take(execution, ends.tryTake[consumer], into: &taken.value[consumer]) {
                        // Fixed shares, so that both end.
                        $0.count == 1 + consumer
                    }
                }
            }
            execution.atEnd {
                execution.require(taken.value.joined().sorted() == [1, 2, 3], "\(taken.value)")
                for list in taken.value { execution.require(list == list.sorted(), "\(list)") }
            }
        }

        private func batches(_ execution: ModelExecution, _ ends: ManyEnds) {
            let taken = Box<[UInt64]>([])
            for (producer, values) in [[UInt64(1), 2], [11]].enumerated() {
                execution.thread {
                    var rest = values.map { Pair($0) }
                    while !rest.isEmpty {
                        execution.beginAttempt()
                        let count = ends.tryPublishBatch[producer](rest)
                        rest.removeFirst(count)
                        if count == 0 && !execution.waitForChange() { return }
                    }
                }
            }
            execution.thread {
                take(execution, ends.tryTake[0], into: &taken.value) { $0.count == 3 }
            }
            execution.atEnd {
                execution.require(taken.value.sorted() == [1, 2, 11], "\(taken.value)")
                execution.require(taken.value.filter { $0 < 10 } == [1, 2], "\(taken.value)")
            }
        }

        /// One thread never has more than one element inside: there is room for the other's.
        private func neverFull(_ execution: ModelExecution, _ ends: ManyEnds) {
            execution.thread {
                for value in 1...2 as ClosedRange<UInt64> {
                    _ = ends.tryPublish[0](Pair(value))
                    _ = ends.tryTake[0]()
                }
            }
            execution.thread {
                let refused = ends.tryPublish[1](Pair(11))
                execution.require(refused == nil, "refused by a ring that was never full")
            }
        }

        /// One thread never leaves less than one element inside: there is one for the other.
        private func neverEmpty(_ execution: ModelExecution, _ ends: ManyEnds) {
            _ = ends.tryPublish[0](Pair(1))
            execution.thread {
                for value in 2...3 as ClosedRange<UInt64> {
                    _ = ends.tryPublish[0](Pair(value))
                    _ = ends.tryTake[0]()
                }
            }
            execution.thread {
                let taken = ends.tryTake[1]()
                execution.require(taken != nil, "nothing in a ring that was never empty")
            }
        }
    }

    @Test("a modelled lock-free ring keeps every promise", arguments: Program.allCases)
    func keepsPromises(program: Program) {
        let outcome = program.search()
        #expect(outcome.violation == nil)
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
    }

    static let weakenings: [(Program, RingCellRole, Weakening)] = [
        (.twoProducers, .place(0), .releases), (.twoProducers, .place(0), .acquires),
        (.twoProducers, .place(0), .exchanges),
        (.neverFull, .tail, .releases), (.neverFull, .tail, .acquires),
        (.neverEmpty, .head, .releases), (.neverEmpty, .head, .acquires),
    ]

    @Test("a lock-free ring with any one ordering left out is caught", arguments: weakenings)
    func catchesWeakening(program: Program, weakened: RingCellRole, weakening: Weakening) {
        let outcome = program.search { $0 == weakened ? weakening : [] }
        #expect(outcome.violation != nil, "\(outcome.executions) executions saw nothing")
    }
}

/// A thread stopped at any step, for ever, stops nobody else: the definition, step by step.
@Suite("Lock-free progress, modelled")
struct ModelledLockFreeProgressTests {
    /// A call alone takes four steps; beyond that it meets others' elements on its way.
    static let steps = 0...6

    /// A producer stopped after `step` steps; another one's elements must reach the consumer.
    private func stopsProducer(_ kind: ManyEnds.Kind, after step: Int) -> ModelOutcome {
        search(kind, producers: 2, consumers: 1) { execution, ends in
            let taken = Box<[UInt64]>([])
            execution.thread(stopsAfter: step) { _ = ends.tryPublish[0](Pair(1)) }
            execution.thread { publish(execution, [11, 12], ends.tryPublish[1]) }
            execution.thread {
                take(execution, ends.tryTake[0], into: &taken.value) {
                    $0.filter { $0 > 10 }.count == 2
                }
            }
            execution.atEnd {
                let others = taken.value.filter { $0 > 10 }
                execution.require(others == [11, 12], "\(taken.value)")
            }
        }
    }

    /// A consumer stopped after `step` steps; all else must go through the ring's two places.
    private func stopsConsumer(_ kind: ManyEnds.Kind, after step: Int) -> ModelOutcome {
        search(kind, producers: 1, consumers: 2) { execution, ends in
            let taken = Box<[UInt64]>([])
            execution.thread(stopsAfter: step) { _ = ends.tryTake[0]() }
            execution.thread { publish(execution, [1, 2, 3], ends.tryPublish[0]) }
            execution.thread {
                take(execution, ends.tryTake[1], into: &taken.value) { $0.count == 2 }
            }
            execution.atEnd {
                execution.require(taken.value.count == 2, "\(taken.value)")
                execution.require(taken.value == taken.value.sorted(), "\(taken.value)")
            }
        }
    }

    private func search(
        _ kind: ManyEnds.Kind,
        producers: Int,
        consumers: Int,
        _ program: @escaping (ModelExecution, ManyEnds) -> Void
    ) -> ModelOutcome {
        ModelSearch(executionsMax: 1_000_000).run { execution in
            do {
                let ends = try ManyEnds(
                    kind,
                    execution,
                    producers: producers,
                    consumers: consumers
                )
                program(execution, ends)
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test("a stopped producer stops nobody in a lock-free ring", arguments: steps)
    func producer(step: Int) {
        let outcome = stopsProducer(.lockFree, after: step)
        #expect(outcome.violation == nil)
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
    }

    @Test("a stopped consumer stops nobody in a lock-free ring", arguments: steps)
    func consumer(step: Int) {
        let outcome = stopsConsumer(.lockFree, after: step)
        #expect(outcome.violation == nil)
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
    }

    @Test("the same programs catch a ring of tickets between ticket and element")
    func ticketsFail() {
        let producers = Self.steps.filter { stopsProducer(.tickets, after: $0).violation != nil }
        let consumers = Self.steps.filter { stopsConsumer(.tickets, after: $0).violation != nil }
        #expect(!producers.isEmpty)
        #expect(!consumers.isEmpty)
    }
}
