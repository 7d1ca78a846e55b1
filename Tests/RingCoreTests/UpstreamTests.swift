import RingCore
import Testing

/// Groups that come after other groups: pipelines and diamonds.
@Suite("Multicast ring, groups after groups", .watchdog)
struct UpstreamTests {
    static let kinds: [RingProducers] = [.single, .multiple]

    @Test("a stage sees what the stage before it has released, no more", arguments: kinds)
    func pipeline(producers: RingProducers) throws {
        for offset in 0..<UInt64(8) {
            let ring = try ring(producers, groups: 2, firstSequence: offset)
            var writer = ring.makeWriter()
            var first = ring.makeReader(group: 0)
            var second = ring.makeReader(group: 1, after: 0..<1)
            let claim = writer.tryClaim(4)
            writer.publish(claim)
            #expect(second.available(from: offset, max: 4).isEmpty, "offset \(offset)")
            #expect(first.available(from: offset, max: 4) == claim)
            first.release(below: offset + 3)
            #expect(second.available(from: offset, max: 4) == offset..<(offset + 3))
            #expect(second.available(from: offset, max: 2) == offset..<(offset + 2))
            #expect(writer.tryClaim(1).isEmpty, "the last stage gates the producer")
            second.release(below: offset + 2)
            #expect(writer.tryClaim(4) == (offset + 4)..<(offset + 6))
        }
    }

    @Test("the end of a diamond waits for the slower of both sides", arguments: kinds)
    func diamond(producers: RingProducers) throws {
        let ring = try ring(producers, groups: 3, firstSequence: 0)
        var writer = ring.makeWriter()
        var left = ring.makeReader(group: 0)
        var right = ring.makeReader(group: 1)
        var end = ring.makeReader(group: 2, after: 0..<2)
        writer.publish(writer.tryClaim(3))
        #expect(left.available(from: 0, max: 4) == 0..<3)
        #expect(right.available(from: 0, max: 4) == 0..<3)
        left.release(below: 3)
        #expect(end.available(from: 0, max: 4).isEmpty)
        right.release(below: 1)
        #expect(end.available(from: 0, max: 4) == 0..<1)
    }

    @Test("a stage reads what the stage before it wrote, on threads of their own")
    func writesTravel() throws {
        let items: UInt64 = 50_000
        let ring = try ring(.single, groups: 2, firstSequence: 0)
        let failures = Failures()
        let writer = End(ring.makeWriter())
        let first = End(ring.makeReader(group: 0))
        let second = End(ring.makeReader(group: 1, after: 0..<1))
        runThreads([
            { publish(writer, items, failures) },
            {
                // SAFETY: the slots are used inside the closure only.
                unsafe drain(first, items, failures) { slot in
                    // SAFETY: slots have 16 bytes, and only this group writes the second word.
                    let value = unsafe slot.load(as: UInt64.self)
                    unsafe slot.storeBytes(of: ~value, toByteOffset: 8, as: UInt64.self)
                    return true
                }
            },
            {
                // SAFETY: as for the first stage.
                unsafe drain(second, items, failures) { slot in
                    // SAFETY: slots have 16 bytes, and the group before this one is past them.
                    let value = unsafe slot.load(as: UInt64.self)
                    return unsafe slot.load(fromByteOffset: 8, as: UInt64.self) == ~value
                }
            },
        ])
        #expect(failures.all == [])
        #expect(ring.released(by: 1) == items)
    }

    @Test("a group that comes after itself, or after a group that is none, traps")
    func misuse() async {
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 2)
            _ = ring.makeReader(group: 1, after: 0..<2)
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 2)
            _ = ring.makeReader(group: 0, after: 1..<3)
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 2)
            _ = ring.makeReader(group: 1, after: -1..<1)
        }
    }

    private func ring(
        _ producers: RingProducers,
        groups: Int,
        firstSequence: UInt64
    ) throws -> MulticastRing {
        try MulticastRing(
            capacity: 4,
            slotBytes: 16,
            producers: producers,
            groups: groups,
            firstSequence: firstSequence
        )
    }
}

private func publish(_ end: End<RingWriter>, _ items: UInt64, _ failures: Failures) {
    var patience = Patience()
    var item: UInt64 = 0
    while item < items {
        let claim = end.value.tryClaim(1)
        if claim.isEmpty {
            guard patience.idle() else { return failures.add("the writer waits for ever") }
            continue
        }
        patience.reset()
        // SAFETY: claimed and not yet published.
        unsafe end.value.slot(claim.lowerBound).storeBytes(of: item, as: UInt64.self)
        end.value.publish(claim)
        item += 1
    }
}

private func drain(
    _ end: End<RingReader>,
    _ items: UInt64,
    _ failures: Failures,
    _ handle: (UnsafeMutableRawPointer) -> Bool
) {
    var patience = Patience()
    var next: UInt64 = 0
    while next < items {
        let range = end.value.available(from: next, max: 3)
        if range.isEmpty {
            guard patience.idle() else { return failures.add("a group waits for ever") }
            continue
        }
        patience.reset()
        for sequence in range {
            // SAFETY: observed and not yet released.
            let slot = unsafe UnsafeMutableRawPointer(mutating: end.value.slot(sequence))
            if unsafe !handle(slot) { return failures.add("\(sequence) came without its mark") }
        }
        next = range.upperBound
        end.value.release(below: next)
    }
}
