import RingCore

typealias Run = (_ items: UInt64) throws -> Outcome

/// Every case of ours: what it is called, which ring, and how it runs.
struct Candidates {
    private(set) var runs: [(name: String, candidate: String, run: Run)] = []

    init() {
        addSingle()
        addBatches()
        addMany()
        addTimes()
        addTopologies()
    }

    mutating func add(_ name: String, _ candidate: String, _ run: @escaping Run) {
        runs.append((name, candidate, run))
    }

    private mutating func addSingle() {
        add("spsc_8B", "HybridRing") { try hybrid(of: UInt64.self, $0) }
        add("spsc_64B", "HybridRing") { try hybrid(of: Words.self, $0) }
        add("spsc_8B", "BatchRing") { try batchRing(of: UInt64.self, $0) }
        add("spsc_64B", "BatchRing") { try batchRing(of: Words.self, $0) }
    }

    private mutating func addBatches() {
        add("spsc_batch32_8B", "BatchRing") { try batches(of: UInt64.self, $0) }
        add("spsc_batch32_64B", "BatchRing") { try batches(of: Words.self, $0) }
    }

    private mutating func addMany() {
        for (producers, consumers) in [(1, 1), (2, 1), (1, 2), (2, 2), (3, 1)] {
            addTickets(producers, consumers)
            addLockFree(producers, consumers)
        }
    }

    private mutating func addTickets(_ producers: Int, _ consumers: Int) {
        let topology = "\(producers)p\(consumers)c"
        add("mpmc_\(topology)", "MPMCRing") {
            let ring = try MPMCRing<UInt64>(capacity: Sizes.small)
            return transfer(
                producers: producers,
                consumers: consumers,
                items: $0,
                produce: { produce(ring.makeProducer(), $0, $1, $2) },
                consume: { consume(ring.makeConsumer(), $0, &$1, $2) }
            )
        }
        for (label, capacity) in Self.batchCapacities {
            add("mpmc_batch32_\(label)_\(topology)", "MPMCRing") {
                let ring = try MPMCRing<UInt64>(capacity: capacity)
                return transfer(
                    producers: producers,
                    consumers: consumers,
                    items: $0,
                    produce: { produceBatches(ring.makeProducer(), $0, $1, $2) },
                    consume: { consumeBatches(ring.makeConsumer(), $0, &$1, $2) }
                )
            }
        }
    }

    private mutating func addLockFree(_ producers: Int, _ consumers: Int) {
        let topology = "\(producers)p\(consumers)c"
        let ends = producers + consumers
        add("mpmc_\(topology)", "LockFreeRing") {
            let ring = try LockFreeRing<UInt64>(capacity: Sizes.small, ends: ends)
            return transfer(
                producers: producers,
                consumers: consumers,
                items: $0,
                produce: { produce(ring.makeProducer(), $0, $1, $2) },
                consume: { consume(ring.makeConsumer(), $0, &$1, $2) }
            )
        }
        for (label, capacity) in Self.batchCapacities {
            add("mpmc_batch32_\(label)_\(topology)", "LockFreeRing") {
                let ring = try LockFreeRing<UInt64>(capacity: capacity, ends: ends)
                return transfer(
                    producers: producers,
                    consumers: consumers,
                    items: $0,
                    produce: { produceBatches(ring.makeProducer(), $0, $1, $2) },
                    consume: { consumeBatches(ring.makeConsumer(), $0, &$1, $2) }
                )
            }
        }
    }

    private static let batchCapacities = [("1k", Sizes.small), ("64k", Sizes.large)]

    private mutating func addTimes() {
        add("round_trip_ns", "HybridRing") { items in
            let there = try HybridRing<UInt64>(capacity: Sizes.small)
            let back = try HybridRing<UInt64>(capacity: Sizes.small)
            let tally = Tally()
            let duration = timed(2) { index in
                if index == 0 {
                    ask(there.makeProducer(), back.makeConsumer(), items, tally)
                } else {
                    answer(back.makeProducer(), there.makeConsumer(), items)
                }
            }
            return Outcome(
                value: duration / Double(items),
                violations: tally.violations(producers: 1, each: items)
            )
        }
        add("uncontended_ns", "HybridRing") { items in
            let ring = try HybridRing<UInt64>(capacity: Sizes.small)
            return alone(items) {
                publishAndTake(ring.makeProducer(), ring.makeConsumer(), items, $0)
            }
        }
        add("uncontended_ns", "BatchRing") { items in
            let ring = try BatchRing<UInt64>(capacity: Sizes.small)
            return alone(items) {
                publishAndTake(ring.makeProducer(), ring.makeConsumer(), items, $0)
            }
        }
    }
}

private func alone(_ items: UInt64, _ body: @escaping @Sendable (Tally) -> Void) -> Outcome {
    let tally = Tally()
    let duration = timed(1) { _ in body(tally) }
    return Outcome(
        value: duration / Double(items),
        violations: tally.violations(producers: 1, each: items)
    )
}

private func hybrid<Element: Item>(of type: Element.Type, _ items: UInt64) throws -> Outcome {
    let ring = try HybridRing<Element>(capacity: Sizes.small)
    return transfer(
        producers: 1,
        consumers: 1,
        items: items,
        produce: { produce(ring.makeProducer(), $0, $1, $2) },
        consume: { consume(ring.makeConsumer(), $0, &$1, $2) }
    )
}

private func batchRing<Element: Item>(of type: Element.Type, _ items: UInt64) throws -> Outcome {
    let ring = try BatchRing<Element>(capacity: Sizes.small)
    return transfer(
        producers: 1,
        consumers: 1,
        items: items,
        produce: { produce(ring.makeProducer(), $0, $1, $2) },
        consume: { consume(ring.makeConsumer(), $0, &$1, $2) }
    )
}

private func batches<Element: Item>(of type: Element.Type, _ items: UInt64) throws -> Outcome {
    let ring = try BatchRing<Element>(capacity: Sizes.small)
    return transfer(
        producers: 1,
        consumers: 1,
        items: items,
        produce: { produceBatches(ring, $1, $2) },
        consume: { consumeBatches(ring, $0, &$1, $2) }
    )
}
