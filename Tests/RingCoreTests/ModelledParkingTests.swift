import ModelAtomics
import RingCore
import Testing

/// Why a consumer that sleeps until it is woken needs fences, and that a lost wake-up is found.
///
/// The wait strategies park for bounded spans and are never woken, so they cannot lose a wake-up:
/// a thread looks again by itself. A thread that parks without a bound must announce itself, look
/// once more, and only then park; both it and the producer need a fence between their store and
/// their look, or each may miss the other (store buffering).
@Suite("Parking and waking, modelled", .oneSearchAtATime)
struct ModelledParkingTests {
    enum Variant: String, CaseIterable, Sendable {
        case complete, noFenceOfConsumer, noFenceOfProducer, noSecondLook, noWaking

        var isRight: Bool { self == .complete }
    }

    /// A consumer's announcement, and the permit that ends its park.
    private final class Parking {
        let execution: ModelExecution
        let variant: Variant
        let waits: ModelCell
        let permit: ModelCell

        init(_ execution: ModelExecution, _ variant: Variant) {
            self.execution = execution
            self.variant = variant
            waits = ModelCell(execution, 0, name: "waits")
            permit = ModelCell(execution, 0, name: "permit")
        }

        /// Parks until there is a permit; false when the execution was given up.
        func park() -> Bool {
            execution.beginAttempt()
            while !permit.compareExchangeAcquire(1, 0).exchanged {
                guard execution.waitForChange() else { return false }
                execution.beginAttempt()
            }
            return true
        }

        /// Wakes a consumer that has announced itself.
        func wake() {
            if variant != .noFenceOfProducer { execution.fence(.sequentiallyConsistent) }
            guard variant != .noWaking, waits.loadRelaxed() == 1 else { return }
            waits.storeRelaxed(0)
            permit.storeRelease(1)
        }

        func announce() {
            waits.storeRelaxed(1)
            if variant != .noFenceOfConsumer { execution.fence(.sequentiallyConsistent) }
        }
    }

    private func search(_ variant: Variant) -> ModelOutcome {
        ModelSearch().run { execution in
            do {
                let queue = try ModelledQueue(.hybrid, execution, capacity: 2, firstSequence: 0)
                let producer = queue.makeProducer()
                let consumer = queue.makeConsumer()
                let parking = Parking(execution, variant)
                execution.thread {
                    for value in 1...2 {
                        let refused = producer.one(Pair(UInt64(value)))
                        execution.require(refused == nil, "both fit")
                        parking.wake()
                    }
                }
                execution.thread { consume(consumer, parking) }
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    private func consume(_ consumer: ModelledQueue.Consumer, _ parking: Parking) {
        var taken: UInt64 = 0
        while taken < 2 {
            var pair = consumer.one()
            if pair == nil {
                parking.announce()
                if parking.variant != .noSecondLook { pair = consumer.one() }
                if pair == nil && !parking.park() { return }
            }
            guard let pair else { continue }
            taken += 1
            parking.execution.require(pair == Pair(taken), "took \(pair) as number \(taken)")
        }
    }

    @Test(
        "a parked consumer is woken, and a wake-up that is lost is found",
        arguments: Variant.allCases
    )
    func wakes(variant: Variant) throws {
        let outcome = search(variant)
        if variant.isRight {
            #expect(outcome.violation == nil)
            #expect(outcome.isExhausted)
        } else {
            let violation = try #require(outcome.violation, "\(variant) was not caught")
            #expect(violation.hasPrefix("every thread waits"))
        }
    }
}
