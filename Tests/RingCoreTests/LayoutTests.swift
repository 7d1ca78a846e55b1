import CGyreShims
import Testing

@testable import RingCore

@Suite("Layout and allocation", .watchdog)
struct LayoutTests {
    /// Two pairs of 64-byte lines: what keeps a word out of its neighbour's prefetched pair.
    static let apart = 256

    @Test("words that different threads write stand 256 bytes apart, aligned to 128")
    func multicastPadding() throws {
        for producers in [RingProducers.single, .multiple] {
            let ring = try MulticastRing(
                capacity: 8,
                slotBytes: 64,
                producers: producers,
                groups: 3
            )
            expectApart([ring.head] + (0..<3).map { ring.gate($0) })
        }
    }

    @Test("the ends of queue rings write words 256 bytes apart")
    func queuePadding() throws {
        let hybrid = try HybridRing<UInt64>(capacity: 8)
        expectApart([hybrid.head, hybrid.restingTail])
        let batches = try BatchRing<UInt64>(capacity: 8)
        expectApart([batches.head, batches.tail])
        let many = try MPMCRing<UInt64>(capacity: 8)
        expectApart([many.head, many.tail])
        let lockFree = try LockFreeRing<UInt64>(capacity: 8, ends: 2)
        expectApart([lockFree.head, lockFree.tail])
    }

    private func expectApart(_ cursors: [Cursor<HardwareCell>]) {
        // SAFETY: only the addresses are looked at.
        let addresses = cursors.map { unsafe UInt(bitPattern: $0.cell) }.sorted()
        for (low, high) in zip(addresses, addresses.dropFirst()) {
            #expect(high - low >= UInt(Self.apart))
        }
        for address in addresses { #expect(address % 128 == 0) }
    }

    @Test("slots are contiguous, aligned to 128 and zero")
    func slotLayout() throws {
        let ring = try MulticastRing(capacity: 4, slotBytes: 192, producers: .single, groups: 1)
        var writer = ring.makeWriter()
        let claim = writer.tryClaim(4)
        // SAFETY: the sequences are claimed.
        let first = unsafe UInt(bitPattern: writer.slot(claim.lowerBound))
        #expect(first % 128 == 0)
        for sequence in claim {
            // SAFETY: as above; the word lies inside the slot.
            let slot = unsafe writer.slot(sequence)
            #expect(UInt(bitPattern: slot) == first + UInt(sequence) * 192)
            #expect(unsafe slot.load(fromByteOffset: 184, as: UInt64.self) == 0)
        }
    }

    @Test("an element that fits shares its word's line, aligned for it")
    func sequencedLayout() {
        typealias Bytes = SequencedSlots<UInt8, HardwareCell>
        typealias Vectors = SequencedSlots<SIMD4<UInt64>, HardwareCell>
        #expect((Bytes.elementOffset, Bytes.elementStride, Bytes.turnStride) == (8, 16, 16))
        #expect(Vectors.elementOffset == MemoryLayout<SIMD4<UInt64>>.alignment)
        #expect((Vectors.elementStride, Vectors.bytes) == (64, 64))
        typealias Sevens = SequencedSlots<SevenWords, HardwareCell>
        #expect((Sevens.elementStride, Sevens.bytes) == (64, 64), "it just fits")
    }

    private struct SevenWords: BitwiseCopyable {
        var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    }

    private struct NineWords: BitwiseCopyable {
        var seven: SevenWords
        var two: (UInt64, UInt64)
    }

    @Test("larger elements have lines of their own, and their words stand densely")
    func apartLayout() throws {
        typealias Lines = SequencedSlots<SIMD8<UInt64>, HardwareCell>
        #expect((Lines.elementStride, Lines.turnStride, Lines.bytes) == (64, 8, 72))
        typealias Nines = SequencedSlots<NineWords, HardwareCell>
        #expect((Nines.elementStride, Nines.turnStride, Nines.bytes) == (128, 8, 136))
        let ring = try HybridRing<SIMD8<UInt64>>(capacity: 8)
        // SAFETY: only addresses are looked at.
        let elements = (0..<8).map { unsafe UInt(bitPattern: ring.slots.elementAddress($0)) }
        let turns = (0..<8).map { unsafe UInt(bitPattern: ring.slots.turn($0).cell) }
        for place in 0..<8 {
            #expect(elements[place] == elements[0] + UInt(place) * 64)
            #expect(turns[place] == elements[7] + 64 + UInt(place) * 8)
        }
        #expect(elements[0] % 128 == 0)
    }

    static let isCounting = gyre_thread_allocated_bytes() >= 0

    @Test("the allocation counter counts", .enabled(if: isCounting))
    func counterCounts() {
        let before = gyre_thread_allocated_bytes()
        // SAFETY: freed at once.
        let block = UnsafeMutableRawPointer.allocate(byteCount: 100_000, alignment: 16)
        let after = gyre_thread_allocated_bytes()
        unsafe block.deallocate()
        #expect(after - before >= 100_000)
        #expect(gyre_process_allocated_bytes() > 0)
    }

    @Test(
        "no operation of a multicast ring allocates",
        .enabled(if: isCounting),
        arguments: [RingProducers.single, .multiple]
    )
    func multicastAllocatesNothing(producers: RingProducers) throws {
        let ring = try MulticastRing(capacity: 8, slotBytes: 64, producers: producers, groups: 1)
        var writer = ring.makeWriter()
        var reader = ring.makeReader(group: 0)
        // The first round instantiates generic types, once per process.
        var before: Int64 = 0
        var next: UInt64 = 0
        for round in 0...1_000 {
            if round == 1 { before = gyre_thread_allocated_bytes() }
            let claim = writer.tryClaim(3)
            writer.publish(claim)
            next = reader.available(from: next, max: 8).upperBound
            reader.release(below: next)
        }
        let after = gyre_thread_allocated_bytes()
        #expect(after == before)
        #expect(next == 3_003)
    }

    @Test("no operation of a queue ring allocates", .enabled(if: isCounting))
    func queuesAllocateNothing() throws {
        let hybrid = try HybridRing<UInt64>(capacity: 8)
        var hybridPuts = hybrid.makeProducer()
        var hybridTakes = hybrid.makeConsumer()
        expectNoAllocation { value in
            if hybridPuts.tryPublish(value) != nil { return false }
            return hybridTakes.tryTake() == value
        }
        let batches = try BatchRing<UInt64>(capacity: 8)
        var batchPuts = batches.makeProducer()
        var batchTakes = batches.makeConsumer()
        expectNoAllocation { value in
            if batchPuts.tryPublish(value) != nil { return false }
            return batchTakes.tryTake() == value
        }
        let many = try MPMCRing<UInt64>(capacity: 8)
        var manyPuts = many.makeProducer()
        var manyTakes = many.makeConsumer()
        expectNoAllocation { value in
            if manyPuts.tryPublish(value) != nil { return false }
            return manyTakes.tryTake() == value
        }
        let lockFree = try LockFreeRing<UInt64>(capacity: 8, ends: 2)
        var lockFreePuts = lockFree.makeProducer()
        var lockFreeTakes = lockFree.makeConsumer()
        expectNoAllocation { value in
            if lockFreePuts.tryPublish(value) != nil { return false }
            return lockFreeTakes.tryTake() == value
        }
    }

    private func expectNoAllocation(
        location: SourceLocation = #_sourceLocation,
        _ transfer: (UInt64) -> Bool
    ) {
        // The first round instantiates generic types, once per process.
        var before: Int64 = 0
        var count = 0
        for value in 0...1_000 {
            if value == 1 { before = gyre_thread_allocated_bytes() }
            if transfer(UInt64(value)) { count += 1 }
        }
        let after = gyre_thread_allocated_bytes()
        #expect(after == before, sourceLocation: location)
        #expect(count == 1_001, sourceLocation: location)
    }
}
