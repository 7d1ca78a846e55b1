import RingCore
import Testing

/// Broken rules trap in every build: a wrong range would corrupt slots much later.
@Suite("Misuse traps")
struct MisuseTests {
    @Test("a second writer of a single-producer ring")
    func secondWriter() async {
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 1)
            let first = ring.makeWriter()
            let second = ring.makeWriter()
            withExtendedLifetime(first) { withExtendedLifetime(second) {} }
        }
    }

    @Test("a second reader of a group, and a reader of no group")
    func secondReader() async {
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 1)
            let first = ring.makeReader(group: 0)
            let second = ring.makeReader(group: 0)
            withExtendedLifetime(first) { withExtendedLifetime(second) {} }
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 1)
            _ = ring.makeReader(group: 1)
        }
    }

    @Test("publishing what was not claimed, or out of order")
    func publishesUnclaimed() async {
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 1)
            var writer = ring.makeWriter()
            writer.publish(0..<1)
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 1)
            var writer = ring.makeWriter()
            _ = writer.tryClaim(2)
            writer.publish(1..<2)
        }
    }

    @Test("releasing what was not observed, or backwards, and looking below what was released")
    func releasesUnobserved() async {
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 1)
            var reader = ring.makeReader(group: 0)
            reader.release(below: 1)
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(
                capacity: 2,
                slotBytes: 64,
                producers: .single,
                groups: 1,
                firstSequence: 5
            )
            var reader = ring.makeReader(group: 0)
            reader.release(below: 4)
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(
                capacity: 2,
                slotBytes: 64,
                producers: .single,
                groups: 1,
                firstSequence: 5
            )
            var reader = ring.makeReader(group: 0)
            _ = reader.available(from: 4, max: 1)
        }
    }

    @Test("a second producer or consumer of a ring that has one of each")
    func secondEnds() async {
        await #expect(processExitsWith: .failure) {
            let ring = try HybridRing<UInt64>(capacity: 2)
            let first = ring.makeProducer()
            let second = ring.makeProducer()
            withExtendedLifetime(first) { withExtendedLifetime(second) {} }
        }
        await #expect(processExitsWith: .failure) {
            let ring = try HybridRing<UInt64>(capacity: 2)
            let first = ring.makeConsumer()
            let second = ring.makeConsumer()
            withExtendedLifetime(first) { withExtendedLifetime(second) {} }
        }
        await #expect(processExitsWith: .failure) {
            let ring = try BatchRing<UInt64>(capacity: 2)
            let first = ring.makeProducer()
            let second = ring.makeProducer()
            withExtendedLifetime(first) { withExtendedLifetime(second) {} }
        }
        await #expect(processExitsWith: .failure) {
            let ring = try BatchRing<UInt64>(capacity: 2)
            let first = ring.makeConsumer()
            let second = ring.makeConsumer()
            withExtendedLifetime(first) { withExtendedLifetime(second) {} }
        }
    }

    @Test("sizes below zero, and a group that the ring has not")
    func impossibleSizes() async {
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 1)
            var writer = ring.makeWriter()
            _ = writer.tryClaim(-1)
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 1)
            var reader = ring.makeReader(group: 0)
            _ = reader.available(from: 0, max: -1)
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 1)
            _ = ring.released(by: 1)
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(capacity: 2, slotBytes: 64, producers: .single, groups: 1)
            _ = ring.makeReader(group: -1)
        }
        await #expect(processExitsWith: .failure) { _ = SlotStorage(capacity: 0, stride: 8) }
        await #expect(processExitsWith: .failure) { _ = AdaptiveWait(parkNanosecondsMax: 0) }
    }

    @Test("a batch ring's ends going beyond what they were given")
    func overrunsBatch() async {
        await #expect(processExitsWith: .failure) {
            let ring = try BatchRing<UInt64>(capacity: 2)
            var producer = ring.makeProducer()
            producer.publish(3)
        }
        await #expect(processExitsWith: .failure) {
            let ring = try BatchRing<UInt64>(capacity: 2)
            var consumer = ring.makeConsumer()
            consumer.release(1)
        }
    }
}
