import RingCore
import Testing

/// One thread owns every end, so every answer of a ring is determined: none may be less or more.
///
/// Calls come by chance. What an end remembers of the other side is then of every age.
@Suite("Exact answers, one thread", .watchdog)
struct ExactAnswerTests {
    static let calls = 8_000

    @Test(
        "a multicast ring claims all that is free and shows all that is published",
        arguments: [RingProducers.single, .multiple],
        [1, 2, 8]
    )
    func multicast(producers: RingProducers, capacity: Int) throws {
        let ring = try MulticastRing(
            capacity: capacity,
            slotBytes: 64,
            producers: producers,
            groups: 2,
            firstSequence: 5
        )
        var writer = ring.makeWriter()
        let readers = (End(ring.makeReader(group: 0)), End(ring.makeReader(group: 1)))
        var claims: [Range<UInt64>] = []
        var (claimed, released, seen) = (UInt64(5), [UInt64(5), 5], [UInt64(5), 5])
        var chance = SeededChance(state: UInt64(capacity))
        for _ in 0..<Self.calls {
            let published = claims.map(\.lowerBound).min() ?? claimed
            let count = chance.below(capacity + 3)
            let group = chance.below(2)
            let reader = group == 0 ? readers.0 : readers.1
            switch chance.below(4) {
            case 0:
                let free = UInt64(capacity) - (claimed - min(released[0], released[1]))
                let claim = claimed..<(claimed + min(UInt64(count), free))
                try #require(writer.tryClaim(count) == claim)
                claimed = claim.upperBound
                if !claim.isEmpty { claims.append(claim) }
            case 1 where !claims.isEmpty:
                let isInOrder = producers == .single
                let claim = claims.remove(at: isInOrder ? 0 : chance.below(claims.count))
                for sequence in claim { ringSlotWrite(writer, sequence, sequence) }
                writer.publish(claim)
            case 2:
                let next = released[group] + UInt64(chance.below(2))
                let end = max(next, min(published, next + UInt64(count)))
                try #require(reader.value.available(from: next, max: count) == next..<end)
                for sequence in next..<end {
                    try #require(ringSlotRead(reader.value, sequence) == sequence)
                }
                if end > next { seen[group] = max(seen[group], end) }
            default:
                released[group] += UInt64(chance.below(Int(seen[group] - released[group]) + 1))
                reader.value.release(below: released[group])
            }
            try #require(ring.published == claims.map(\.lowerBound).min() ?? claimed)
        }
        #expect(claimed > 50)
    }

    @Test(
        "a ring for many takes all that fits and gives all that is there",
        arguments: ManyEnds.Kind.allCases,
        [1, 2, 8]
    )
    func many(kind: ManyEnds.Kind, capacity: Int) throws {
        // What one end remembers is old when the other has gone on.
        let ends = try ManyEnds.pairs(kind, capacity)
        var inside: ArraySlice<UInt64> = []
        var sent: UInt64 = 0
        var chance = SeededChance(state: UInt64(capacity))
        for _ in 0..<Self.calls {
            let end = ends[chance.below(2)]
            let free = capacity - inside.count
            let count = chance.below(capacity + 3)
            switch chance.below(4) {
            case 0:
                try #require(end.publish(sent) == (free > 0 ? nil : sent))
                if free > 0 { inside.append(sent) }
            case 1:
                let batch = (0..<UInt64(count)).map { sent + $0 }
                try #require(end.publishBatch(batch) == min(count, free))
                inside += batch.prefix(free)
            case 2: try #require(end.take() == inside.popFirst())
            default:
                try #require(end.takeBatch(count) == Array(inside.prefix(count)))
                inside = inside.dropFirst(count)
            }
            sent += UInt64(capacity + 3)
        }
        #expect(inside.startIndex > 100)
    }

    @Test("a batch ring gives all that fits and all that is there", arguments: [1, 2, 8])
    func batches(capacity: Int) throws {
        let ring = try BatchRing<UInt64>(capacity: capacity, firstSequence: 3)
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        var (sent, taken) = (UInt64(3), UInt64(3))
        var chance = SeededChance(state: UInt64(capacity))
        for _ in 0..<Self.calls {
            let free = capacity - Int(sent - taken)
            let count = chance.below(capacity + 3)
            let untilEnd = { (sequence: UInt64) in capacity - Int(sequence % UInt64(capacity)) }
            switch chance.below(5) {
            case 0:
                try #require(producer.tryPublish(sent) == (free > 0 ? nil : sent))
                if free > 0 { sent += 1 }
            case 1:
                let batch = (0..<UInt64(count)).map { sent + $0 }
                try #require(producer.tryPublish(batch: batch.span) == min(count, free))
                sent += UInt64(min(count, free))
            case 2:
                // SAFETY: filled before publish, not touched after it.
                let places = unsafe producer.claim(count)
                try #require(places.count == min(count, free, untilEnd(sent)))
                for index in places.indices { unsafe places[index] = sent + UInt64(index) }
                let part = chance.below(places.count + 1)
                producer.publish(part)
                sent += UInt64(part)
            case 3:
                try #require(consumer.tryTake() == (sent > taken ? taken : nil))
                if sent > taken { taken += 1 }
            default:
                // SAFETY: copied before release.
                let elements = unsafe Array(consumer.drain(count))
                let there = min(count, Int(sent - taken), untilEnd(taken))
                try #require(elements == (0..<UInt64(there)).map { taken + $0 })
                let part = chance.below(there + 1)
                consumer.release(part)
                taken += UInt64(part)
            }
        }
        #expect(taken > 100)
    }
}

/// A producer and a consumer of a ring that has two of each.
struct ManyEnds {
    enum Kind: CaseIterable { case manyToMany, lockFree }

    var publish: (UInt64) -> UInt64?
    var publishBatch: ([UInt64]) -> Int
    var take: () -> UInt64?
    var takeBatch: (Int) -> [UInt64]

    static func pairs(_ kind: Kind, _ capacity: Int) throws -> [ManyEnds] {
        switch kind {
        case .manyToMany:
            let ring = try MPMCRing<UInt64>(capacity: capacity, firstSequence: 3)
            return (0..<2).map { _ in ends(End(ring.makeProducer()), End(ring.makeConsumer())) }
        case .lockFree:
            let ring = try LockFreeRing<UInt64>(capacity: capacity, ends: 4, firstSequence: 3)
            return (0..<2).map { _ in ends(End(ring.makeProducer()), End(ring.makeConsumer())) }
        }
    }

    private static func ends(
        _ producer: End<MPMCRing<UInt64>.Producer>,
        _ consumer: End<MPMCRing<UInt64>.Consumer>
    ) -> ManyEnds {
        ManyEnds(
            publish: { producer.value.tryPublish($0) },
            publishBatch: { producer.value.tryPublish(batch: $0.span) },
            take: { consumer.value.tryTake() },
            takeBatch: { count in
                [UInt64](capacity: count) { _ = consumer.value.tryTake(into: &$0) }
            }
        )
    }

    private static func ends(
        _ producer: End<LockFreeRing<UInt64>.Producer>,
        _ consumer: End<LockFreeRing<UInt64>.Consumer>
    ) -> ManyEnds {
        ManyEnds(
            publish: { producer.value.tryPublish($0) },
            publishBatch: { producer.value.tryPublish(batch: $0.span) },
            take: { consumer.value.tryTake() },
            takeBatch: { count in
                [UInt64](capacity: count) { _ = consumer.value.tryTake(into: &$0) }
            }
        )
    }
}

/// Numbers that are the same in every run.
private struct SeededChance {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}
