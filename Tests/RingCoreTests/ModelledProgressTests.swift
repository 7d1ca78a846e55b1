import ModelAtomics
import RingCore
import Testing

/// What each kind promises while another thread is suspended at any of its steps.
@Suite("Progress with a thread suspended, modelled")
struct ModelledProgressTests {
    typealias Many = MPMCRingOver<Pair, ModelCell, ModelSlots>

    /// More steps than any body below has, so that the last search suspends nothing.
    static let steps = 0...9

    private func ring(
        _ execution: ModelExecution,
        _ producers: RingProducers,
        groups: Int
    ) throws -> ModelledRing {
        try ModelledRing(
            capacity: 2,
            slotBytes: 64,
            producers: producers,
            groups: groups,
            firstSequence: 0,
            slots: ModelSlots(execution, capacity: 2, stride: 64),
            cell: { ModelCell(execution, $1, role: $0) }
        )
    }

    private func search(_ program: @escaping (ModelExecution) throws -> Void) {
        let outcome = ModelSearch().run { execution in
            do { try program(execution) } catch { Issue.record("\(error)") }
        }
        #expect(outcome.violation == nil)
        #expect(outcome.isExhausted)
    }

    /// Runs a call and requires that it took at most `limit` atomic operations.
    private func bounded<Value>(
        _ execution: ModelExecution,
        _ limit: Int,
        _ call: () -> Value
    ) -> Value {
        let before = execution.operationCount
        let value = call()
        let count = execution.operationCount - before
        execution.require(count <= limit, "a call took \(count) operations, not \(limit)")
        return value
    }

    @Test("a single-producer ring is wait-free: a fixed number of steps a call", arguments: steps)
    func singleProducerIsWaitFree(step: Int) {
        for suspended in 0..<3 {
            search { execution in
                let ring = try ring(execution, .single, groups: 2)
                let writer = End(ring.makeWriter())
                let readers = (0..<2).map { End(ring.makeReader(group: $0)) }
                execution.thread(stopsAfter: suspended == 0 ? step : nil) {
                    for _ in 0..<3 {
                        let claim = bounded(execution, 2) { writer.value.tryClaim(1) }
                        bounded(execution, 1) { writer.value.publish(claim) }
                    }
                }
                for group in 0..<2 {
                    execution.thread(stopsAfter: suspended == group + 1 ? step : nil) {
                        var next: UInt64 = 0
                        for _ in 0..<2 {
                            let range = bounded(execution, 1) {
                                readers[group].value.available(from: next, max: 2)
                            }
                            next = range.upperBound
                            bounded(execution, 1) { readers[group].value.release(below: next) }
                        }
                    }
                }
            }
        }
    }

    @Test("a producer suspended in a claim stalls readers visibly, and no call", arguments: steps)
    func suspendedClaimStalls(step: Int) {
        search { execution in
            let ring = try ring(execution, .multiple, groups: 1)
            let stopping = End(ring.makeWriter())
            let going = End(ring.makeWriter())
            let reader = End(ring.makeReader(group: 0))
            var stoppedClaim = 0..<UInt64(0)
            var published = false
            execution.thread(stopsAfter: step) {
                stoppedClaim = stopping.value.tryClaim(1)
                stopping.value.publish(stoppedClaim)
                published = true
            }
            execution.thread {
                // Each failed exchange is somebody's success, and there is one other claim.
                let claim = bounded(execution, 5) { going.value.tryClaim(1) }
                execution.require(claim.count == 1, "there is room for both")
                bounded(execution, 1) { going.value.publish(claim) }
                _ = bounded(execution, 3) { reader.value.available(from: 0, max: 2) }
            }
            execution.atEnd {
                let isStalled = stoppedClaim.count == 1 && !published
                execution.require(
                    !isStalled || ring.published <= stoppedClaim.lowerBound,
                    "nothing behind an open claim counts as published"
                )
                execution.require(
                    !isStalled || ring.claimed > ring.published,
                    "the ring shows an open claim"
                )
            }
        }
    }

    @Test("a many-to-many ring answers while any one thread is suspended", arguments: steps)
    func manyToManyAnswers(step: Int) {
        for suspended in 0..<3 {
            search { execution in
                let ring = try Many(
                    capacity: 2,
                    firstSequence: 0,
                    makeSlots: { ModelSlots(execution, capacity: $0, stride: $1) },
                    cell: { ModelCell(execution, $1, role: $0) }
                )
                let producers = [End(ring.makeProducer()), End(ring.makeProducer())]
                let consumer = End(ring.makeConsumer())
                for (index, producer) in producers.enumerated() {
                    execution.thread(stopsAfter: suspended == index ? step : nil) {
                        _ = bounded(execution, 12) { producer.value.tryPublish(Pair(1)) }
                    }
                }
                execution.thread(stopsAfter: suspended == 2 ? step : nil) {
                    for _ in 0..<2 { _ = bounded(execution, 8) { consumer.value.tryTake() } }
                }
            }
        }
    }
}
