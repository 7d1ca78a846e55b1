import ModelAtomics
import RingCore
import Testing

/// A thread stopped at any step, for ever, stops nobody else: the definition, step by step.
@Suite("Lock-free progress, modelled", .oneSearchAtATime)
struct ModelledLockFreeTests {
    /// A call alone takes four steps; beyond that it meets others' elements on its way.
    static let steps = 0...6

    private func search(
        _ ring: RingProgram.Ring,
        _ program: @escaping (ModelExecution, ModelledQueue, QueueRun) -> Void
    ) -> ModelOutcome {
        ModelSearch(executionsMax: 1_000_000).run { execution in
            do {
                let queue = try ModelledQueue(ring, execution, capacity: 2, firstSequence: 1)
                program(execution, queue, QueueRun(execution, queue, capacity: 2))
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    /// A producer stopped after `step` steps; another one's elements must reach the consumer.
    private func stopsProducer(_ ring: RingProgram.Ring, after step: Int) -> ModelOutcome {
        search(ring) { execution, queue, run in
            let (stopping, going) = (queue.makeProducer(), queue.makeProducer())
            let consumer = queue.makeConsumer()
            var taken: [UInt64] = []
            execution.thread(stopsAfter: step) { _ = stopping.one(Pair(1)) }
            execution.thread { run.produce(going, [.one(11), .one(12)], 1, waits: true) }
            execution.thread {
                while taken.count(where: { $0 > 10 }) < 2 {
                    execution.beginAttempt()
                    if let pair = consumer.one() {
                        taken.append(pair.value)
                    } else if !execution.waitForChange() {
                        return
                    }
                }
            }
            execution.atEnd {
                execution.require(taken.filter { $0 > 10 } == [11, 12], "took \(taken)")
            }
        }
    }

    /// A consumer stopped after `step` steps; all else must go through the ring's two places.
    private func stopsConsumer(_ ring: RingProgram.Ring, after step: Int) -> ModelOutcome {
        search(ring) { execution, queue, run in
            let producer = queue.makeProducer()
            let (stopping, going) = (queue.makeConsumer(), queue.makeConsumer())
            execution.thread(stopsAfter: step) { _ = stopping.one() }
            execution.thread {
                run.produce(producer, [.one(1), .one(2), .one(3)], 1, waits: true)
            }
            execution.thread { run.consume(going, [.one, .one], 2, waits: true) }
            execution.atEnd {
                execution.require(run.history.taken == 2, "\(run.history.taken) were taken")
            }
        }
    }

    @Test("a stopped producer stops nobody in a lock-free ring", arguments: steps)
    func producer(step: Int) {
        let outcome = stopsProducer(.lockFree, after: step)
        #expect(outcome.violation == nil)
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
    }

    @Test(
        "a stopped consumer stops nobody in a lock-free ring, nor in one of tickets",
        arguments: [RingProgram.Ring.lockFree, .manyToMany],
        steps
    )
    func consumer(ring: RingProgram.Ring, step: Int) {
        let outcome = stopsConsumer(ring, after: step)
        #expect(outcome.violation == nil)
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
    }

    @Test("the same programs catch a ring of tickets between ticket and element")
    func ticketsFail() {
        let producers = Self.steps.filter { stopsProducer(.manyToMany, after: $0).violation != nil }
        #expect(producers.contains(2), "the second step takes the ticket")
    }

    @Test("a stopped appender stops no other, and no group", arguments: steps)
    func appender(step: Int) {
        let outcome = ModelSearch(executionsMax: 1_000_000).run { execution in
            do { try stopsAppender(execution, step) } catch { Issue.record("\(error)") }
        }
        #expect(outcome.violation == nil)
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
    }

    /// An end that goes away is counted out last: a number that has room has a slot, too.
    @Test("an end that stops while it goes away stops no other from coming", arguments: steps)
    func leaver(step: Int) {
        let outcome = ModelSearch(executionsMax: 10_000).run { execution in
            do {
                let ring = try ModelledQueue.lockFree(execution, ends: 1)
                let leaving = LockFreePrograms.Owned(End(ring.makeConsumer()))
                execution.thread(stopsAfter: step) { leaving.end = nil }
                execution.thread {
                    guard ModelledQueue.ends(of: ring) == 0 else { return }
                    let joined = End(ring.makeProducer())
                    execution.require(joined.value.tryPublish(Pair(1)) == nil, "no room")
                }
            } catch {
                Issue.record("\(error)")
            }
        }
        #expect(outcome.violation == nil)
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
    }

    private func stopsAppender(_ execution: ModelExecution, _ step: Int) throws {
        let ring = try ModelledRing(
            capacity: 2,
            slotBytes: 64,
            producers: .lockFree(ends: 2),
            groups: 1,
            firstSequence: 1,
            slots: ModelSlots(execution, capacity: 4, stride: 64, hides: 0..<64),
            cell: { ModelCell(execution, $1, role: $0) }
        )
        let (stopping, going) = (End(ring.makeAppender()), End(ring.makeAppender()))
        let reader = End(ring.makeReader(group: 0))
        var seen: [UInt64?] = []
        execution.thread(stopsAfter: step) {
            ringSlotWrite(stopping.value, 11)
            _ = stopping.value.tryAppend()
        }
        execution.thread {
            for value in [UInt64(21), 22] {
                execution.beginAttempt()
                ringSlotWrite(going.value, value)
                while going.value.tryAppend() == nil {
                    guard execution.waitForChange() else { return }
                    execution.beginAttempt()
                }
            }
        }
        execution.thread {
            var next: UInt64 = 1
            while seen.count(where: { $0 != 11 }) < 2 {
                execution.beginAttempt()
                let range = reader.value.available(from: next, max: 2)
                if range.isEmpty && !execution.waitForChange() { return }
                seen += range.map { ringSlotRead(reader.value, $0) }
                next = range.upperBound
                reader.value.release(below: next)
            }
        }
        execution.atEnd {
            execution.require(seen.filter { $0 != 11 } == [21, 22], "read \(seen)")
        }
    }
}
