import ModelAtomics
import RingCore
import Testing

/// What each kind promises while another thread is suspended at any of its steps.
@Suite("Progress with a thread suspended, modelled", .oneSearchAtATime)
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

    /// Whether a search of every step came across what its test is about.
    private final class Seen {
        var stalls = 0
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

    @Test(
        "a queue of one producer is wait-free, and a stopped end hides nothing of the other's",
        arguments: [RingProgram.Ring.hybrid, .batch],
        steps
    )
    func queueIsWaitFree(kind: RingProgram.Ring, step: Int) {
        for suspended in 0..<2 {
            search { execution in
                let queue = try ModelledQueue(kind, execution, capacity: 2, firstSequence: 0)
                let producer = queue.makeProducer()
                let consumer = queue.makeConsumer()
                var sent: UInt64 = 0
                var taken: UInt64 = 0
                execution.thread(stopsAfter: suspended == 0 ? step : nil) {
                    for _ in 0..<3 {
                        let refused = bounded(execution, 2) { producer.one(Pair(sent + 1)) }
                        if refused == nil { sent += 1 }
                    }
                }
                execution.thread(stopsAfter: suspended == 1 ? step : nil) {
                    for _ in 0..<3 where bounded(execution, 2, consumer.one) != nil { taken += 1 }
                }
                execution.atEnd {
                    if suspended == 0 {
                        while let pair = consumer.one() {
                            taken += 1
                            execution.require(pair == Pair(taken), "took \(pair) as \(taken)")
                        }
                        execution.require(taken == sent, "\(sent) were sent, \(taken) taken")
                    } else {
                        while producer.one(Pair(sent + 1)) == nil { sent += 1 }
                        execution.require(sent == taken + 2, "\(sent) fit, \(taken) were taken")
                    }
                }
            }
        }
    }

    @Test("a producer suspended in a claim stalls readers visibly, and no call")
    func suspendedClaimStalls() {
        let seen = Seen()
        for step in Self.steps {
            search { execution in try stopInClaim(execution, step, seen) }
        }
        #expect(seen.stalls > 0)
    }

    private func stopInClaim(_ execution: ModelExecution, _ step: Int, _ seen: Seen) throws {
        let ring = try ring(execution, .multiple, groups: 1)
        let stopping = End(ring.makeWriter())
        let going = End(ring.makeWriter())
        let rescuer = End(ring.makeWriter())
        let reader = End(ring.makeReader(group: 0))
        var stoppedClaim = 0..<UInt64(0)
        var published = false
        execution.thread(stopsAfter: step) {
            stoppedClaim = stopping.value.tryClaim(1)
            for sequence in stoppedClaim { ringSlotWrite(stopping.value, sequence, 1) }
            stopping.value.publish(stoppedClaim)
            published = true
        }
        execution.thread {
            // Each failed exchange is somebody's success, and there is one other claim.
            let claim = bounded(execution, 5) { going.value.tryClaim(1) }
            execution.require(claim.count == 1, "there is room for both")
            for sequence in claim { ringSlotWrite(going.value, sequence, 2) }
            bounded(execution, 1) { going.value.publish(claim) }
            _ = bounded(execution, 3) { reader.value.available(from: 0, max: 2) }
        }
        execution.atEnd {
            guard stoppedClaim.count == 1, !published else {
                execution.require(ring.claimed == ring.published, "no claim is open")
                return
            }
            seen.stalls += 1
            execution.require(ring.claimed == 2, "both have claimed")
            execution.require(
                ring.published == stoppedClaim.lowerBound,
                "the ring shows the first claim that is open"
            )
            let reached = reader.value.available(from: 0, max: 2)
            execution.require(reached.upperBound == ring.published, "readers stop there")
            // Whoever knows that the thread is gone publishes in its place.
            ringSlotWrite(rescuer.value, stoppedClaim.lowerBound, 3)
            rescuer.value.publish(stoppedClaim)
            let values = reader.value.available(from: 0, max: 2).map {
                ringSlotRead(reader.value, $0)
            }
            let expected: [UInt64] = stoppedClaim.lowerBound == 0 ? [3, 2] : [2, 3]
            execution.require(values == expected, "read \(values) after the rescue")
        }
    }

    @Test("a many-to-many ring answers while any one thread is suspended, and shows where")
    func manyToManyAnswers() {
        let claims = Seen()
        for step in Self.steps {
            for suspended in 0..<3 {
                search { execution in try stopOneOfMany(execution, suspended, step, claims) }
            }
        }
        #expect(claims.stalls > 0)
    }

    private func stopOneOfMany(
        _ execution: ModelExecution,
        _ suspended: Int,
        _ step: Int,
        _ seen: Seen
    ) throws {
        let ring = try Many(
            capacity: 2,
            firstSequence: 0,
            makeSlots: { ModelSlots(execution, capacity: $0, stride: $1) },
            cell: { ModelCell(execution, $1, role: $0) }
        )
        let producers = [End(ring.makeProducer()), End(ring.makeProducer())]
        let consumer = End(ring.makeConsumer())
        var sent: UInt64 = 0
        var taken: UInt64 = 0
        for (index, producer) in producers.enumerated() {
            execution.thread(stopsAfter: suspended == index ? step : nil) {
                if bounded(execution, 12, { producer.value.tryPublish(Pair(1)) }) == nil {
                    sent += 1
                }
            }
        }
        execution.thread(stopsAfter: suspended == 2 ? step : nil) {
            for _ in 0..<2 where bounded(execution, 8, { consumer.value.tryTake() }) != nil {
                taken += 1
            }
        }
        execution.atEnd {
            if suspended == 2 {
                execution.require(ring.openClaim == nil, "every producer has published")
                while producers[0].value.tryPublish(Pair(1)) == nil { sent += 1 }
                // The stopped consumer may have taken one more than it could tell.
                execution.require(
                    sent - taken - 2 <= 1,
                    "\(sent) fit, but a stopped consumer holds no more than its one take"
                )
            } else {
                while consumer.value.tryTake() != nil { taken += 1 }
                let end = ring.openClaim ?? sent
                execution.require(taken == end, "\(taken) came out, the claim of \(end) is open")
                if ring.openClaim != nil { seen.stalls += 1 }
            }
        }
    }
}
