import RingCore
import Testing

@Suite("Multicast ring, one thread", .watchdog)
struct MulticastRingTests {
    static let kinds: [RingProducers] = [.single, .multiple]
    static let capacities = [1, 2, 4, 8]

    @Test("a ring with an impossible size is refused, and the message names the value")
    func refusesImpossibleSizes() {
        let cases: [(Int, Int, Int, RingError)] = [
            (0, 64, 1, .badCapacity(0)),
            (-4, 64, 1, .badCapacity(-4)),
            (1000, 64, 1, .badCapacity(1000)),
            (8, 0, 1, .badSlotBytes(0)),
            (8, 65, 1, .badSlotBytes(65)),
            (8, 12, 1, .badSlotBytes(12)),
            (8, 64, 0, .badGroupCount(0)),
            (1 << 60, 64, 1, .tooLarge(capacity: 1 << 60, slotBytes: 64)),
            (1 << 56, 64, 1, .tooLarge(capacity: 1 << 56, slotBytes: 64)),
        ]
        for (capacity, bytes, groups, expected) in cases {
            #expect(throws: expected) {
                _ = try MulticastRing(
                    capacity: capacity,
                    slotBytes: bytes,
                    producers: .single,
                    groups: groups
                )
            }
        }
        #expect(RingError.badCapacity(1000).description.contains("1000"))
    }

    @Test(
        "every group sees every sequence once, in order, at every wrap",
        arguments: kinds,
        capacities
    )
    func everyGroupSeesAll(producers: RingProducers, capacity: Int) throws {
        for offset in 0..<UInt64(2 * capacity) {
            for batch in 1...capacity {
                let ring = try MulticastRing(
                    capacity: capacity,
                    slotBytes: 128,
                    producers: producers,
                    groups: 2,
                    firstSequence: offset
                )
                try pump(ring, batch: batch, total: UInt64(3 * capacity + 1), from: offset)
            }
        }
    }

    private func pump(
        _ ring: MulticastRing,
        batch: Int,
        total: UInt64,
        from offset: UInt64
    ) throws {
        var writer = ring.makeWriter()
        var first = ring.makeReader(group: 0)
        var second = ring.makeReader(group: 1)
        while first.released < offset + total {
            let claim = writer.tryClaim(batch)
            try #require(!claim.isEmpty, "capacity \(ring.capacity) offset \(offset)")
            for sequence in claim { ringSlotWrite(writer, sequence, sequence &* 7) }
            #expect(first.available(from: claim.lowerBound, max: batch).isEmpty)
            writer.publish(claim)
            #expect(first.available(from: claim.lowerBound, max: batch) == claim)
            #expect(second.available(from: claim.lowerBound, max: 1_000) == claim)
            for sequence in claim {
                #expect(ringSlotRead(first, sequence) == sequence &* 7)
                #expect(ringSlotRead(second, sequence) == sequence &* 7)
            }
            first.release(below: claim.upperBound)
            second.release(below: claim.upperBound)
        }
    }

    @Test(
        "a full ring claims less, then nothing, until the slowest group releases",
        arguments: kinds,
        capacities
    )
    func refusesWhenFull(producers: RingProducers, capacity: Int) throws {
        for (offset, slowest) in (0..<UInt64(2 * capacity)).flatMap({ [($0, 0), ($0, 1)] }) {
            let ring = try MulticastRing(
                capacity: capacity,
                slotBytes: 64,
                producers: producers,
                groups: 2,
                firstSequence: offset
            )
            var writer = ring.makeWriter()
            var fast = ring.makeReader(group: 1 - slowest)
            var slow = ring.makeReader(group: slowest)
            let all = writer.tryClaim(capacity + 3)
            #expect(all == offset..<(offset + UInt64(capacity)))
            #expect(writer.tryClaim(1).isEmpty)
            writer.publish(all)
            #expect(fast.available(from: offset, max: 100) == all)
            fast.release(below: all.upperBound)
            #expect(writer.tryClaim(1).isEmpty, "the slow group still holds every slot")
            #expect(slow.available(from: offset, max: 1) == offset..<(offset + 1))
            slow.release(below: offset + 1)
            #expect(writer.tryClaim(capacity) == all.upperBound..<(all.upperBound + 1))
            #expect(ring.released(by: 1 - slowest) == all.upperBound)
            #expect(ring.released(by: slowest) == offset + 1)
        }
    }

    @Test("an empty ring and a size of zero answer with an empty range", arguments: kinds)
    func answersEmpty(producers: RingProducers) throws {
        let ring = try MulticastRing(
            capacity: 4,
            slotBytes: 64,
            producers: producers,
            groups: 1
        )
        var writer = ring.makeWriter()
        var reader = ring.makeReader(group: 0)
        #expect(reader.available(from: 0, max: 10) == 0..<0)
        #expect(writer.tryClaim(0).isEmpty)
        let claim = writer.tryClaim(2)
        writer.publish(writer.tryClaim(0))
        #expect(reader.available(from: 0, max: 10).isEmpty, "nothing was published")
        writer.publish(claim)
        #expect(reader.available(from: 0, max: 0).isEmpty)
        #expect(reader.available(from: 2, max: 10) == 2..<2)
        #expect(reader.available(from: 3, max: 10).isEmpty)
        #expect(reader.available(from: 1, max: 10) == 1..<2)
    }

    @Test("a claim that is not published stops every group there, and the ring says so")
    func unpublishedClaimStalls() throws {
        let ring = try MulticastRing(
            capacity: 8,
            slotBytes: 64,
            producers: .multiple,
            groups: 1
        )
        var first = ring.makeWriter()
        var second = ring.makeWriter()
        var reader = ring.makeReader(group: 0)
        let hole = first.tryClaim(2)
        let later = second.tryClaim(3)
        second.publish(later)
        #expect(later == 2..<5)
        #expect(reader.available(from: 0, max: 8).isEmpty)
        #expect(reader.available(from: 2, max: 8).isEmpty, "a gap is never jumped")
        #expect(ring.claimed == 5)
        #expect(ring.published == 0)
        first.publish(hole)
        #expect(reader.available(from: 0, max: 8) == 0..<5)
        #expect(ring.published == 5)
    }

    @Test("a single producer may publish a claim in parts")
    func publishesInParts() throws {
        let ring = try MulticastRing(capacity: 8, slotBytes: 64, producers: .single, groups: 1)
        var writer = ring.makeWriter()
        var reader = ring.makeReader(group: 0)
        #expect(writer.tryClaim(4) == 0..<4)
        writer.publish(0..<1)
        #expect(reader.available(from: 0, max: 8) == 0..<1)
        writer.publish(1..<4)
        #expect(reader.available(from: 0, max: 8) == 0..<4)
        #expect(ring.published == 4)
    }

    @Test("an end that goes away can be made again and continues", arguments: kinds)
    func endsCanBeRemade(producers: RingProducers) throws {
        let ring = try MulticastRing(
            capacity: 4,
            slotBytes: 64,
            producers: producers,
            groups: 1
        )
        do {
            var writer = ring.makeWriter()
            writer.publish(writer.tryClaim(3))
            var reader = ring.makeReader(group: 0)
            #expect(reader.available(from: 0, max: 2) == 0..<2)
            reader.release(below: 1)
        }
        var writer = ring.makeWriter()
        var reader = ring.makeReader(group: 0)
        #expect(reader.released == 1)
        #expect(reader.available(from: 1, max: 9) == 1..<3)
        #expect(writer.tryClaim(9) == 3..<5)
    }

    @Test("a producer that comes late is held up by every group, too", arguments: [0, 1])
    func lateProducers(slow: Int) throws {
        for producers in [RingProducers.single, .multiple, .lockFree(ends: 2)] {
            let ring = try MulticastRing(
                capacity: 2,
                slotBytes: 64,
                producers: producers,
                groups: 2
            )
            var keen = ring.makeReader(group: 1 - slow)
            #expect(produce(ring) == 0)
            #expect(produce(ring) == 1)
            #expect(keen.available(from: 0, max: 2) == 0..<2)
            keen.release(below: 2)
            #expect(produce(ring) == nil, "the other group has released nothing")
        }
    }

    /// Publishes by an end that goes away, and answers the sequence.
    private func produce(_ ring: MulticastRing) -> UInt64? {
        if ring.producers.isLockFree {
            var end = ring.makeAppender()
            return end.tryAppend()
        }
        var end = ring.makeWriter()
        let claim = end.tryClaim(1)
        end.publish(claim)
        return claim.first
    }
}
