import RingCore
import Testing

/// Real threads over the rings with one thread at each end; see `StressTests`.
@Suite("Rings for two threads, real threads", .serialized, .watchdog)
struct SingleProducerStressTests {
    enum Kind: CaseIterable {
        case hybrid, batch
    }

    @Test("a ring keeps order and loses nothing", arguments: Kind.allCases, [1, 2, 64, 1024])
    func alone(kind: Kind, capacity: Int) throws {
        try transfer(items: StressTests.items, through: [pipe(kind, capacity)])
    }

    @Test(
        "rings side by side, two threads for each processor, keep order and lose nothing",
        arguments: Kind.allCases
    )
    func sideBySide(kind: Kind) throws {
        let pipes = try (0..<StressTests.processors).map { try pipe(kind, 1 << ($0 % 4)) }
        try transfer(items: StressTests.itemsInCrowd, through: pipes)
    }

    /// Both ends of a ring.
    private struct Pipe {
        var publish: @Sendable (Pair) -> Pair?
        var take: @Sendable () -> Pair?
    }

    private func pipe(_ kind: Kind, _ capacity: Int) throws -> Pipe {
        switch kind {
        case .hybrid:
            let ring = try HybridRing<Pair>(capacity: capacity)
            let producer = End(ring.makeProducer())
            let consumer = End(ring.makeConsumer())
            return Pipe(
                publish: { producer.value.tryPublish($0) },
                take: { consumer.value.tryTake() }
            )
        case .batch:
            let ring = try BatchRing<Pair>(capacity: capacity)
            let producer = End(ring.makeProducer())
            let consumer = End(ring.makeConsumer())
            return Pipe(
                publish: { producer.value.tryPublish($0) },
                take: { consumer.value.tryTake() }
            )
        }
    }

    private func transfer(items: UInt64, through pipes: [Pipe]) throws {
        let failures = Failures()
        var bodies: [@Sendable () -> Void] = []
        for pipe in pipes {
            bodies.append { publish(items, into: pipe, failures) }
            bodies.append { take(items, from: pipe, failures) }
        }
        runThreads(bodies)
        #expect(failures.all == [])
    }

    private func publish(_ items: UInt64, into pipe: Pipe, _ failures: Failures) {
        var patience = Patience()
        for value in 0..<items {
            while pipe.publish(Pair(value)) != nil {
                guard patience.idle() else { return failures.add("publish waits") }
            }
            patience.reset()
        }
    }

    private func take(_ items: UInt64, from pipe: Pipe, _ failures: Failures) {
        var patience = Patience()
        for value in 0..<items {
            var taken = pipe.take()
            while taken == nil {
                guard patience.idle() else { return failures.add("take waits") }
                taken = pipe.take()
            }
            patience.reset()
            guard taken == Pair(value) else {
                return failures.add("took \(String(describing: taken)), not \(value)")
            }
        }
    }
}
