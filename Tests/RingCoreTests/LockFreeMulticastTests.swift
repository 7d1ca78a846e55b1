import RingCore
import Testing

@Suite("Multicast ring with lock-free producers", .watchdog)
struct LockFreeMulticastTests {
    static let capacities = [1, 2, 4, 8]

    @Test(
        "a full ring refuses until its slowest group releases, at every wrap",
        arguments: capacities
    )
    func refuses(capacity: Int) throws {
        let offsets = Array([0..<UInt64(2 * capacity), 1_000_003..<1_000_005].joined())
        for (offset, lazyGroup) in offsets.flatMap({ [($0, 0), ($0, 1)] }) {
            let ring = try ring(capacity, ends: 2, groups: 2, firstSequence: offset)
            var appender = ring.makeAppender()
            var keen = ring.makeReader(group: 1 - lazyGroup)
            var lazy = ring.makeReader(group: lazyGroup)
            var next = offset
            for _ in 0..<3 {
                for _ in 0..<capacity {
                    #expect(append(&appender, next) == next, "offset \(offset)")
                    next += 1
                }
                #expect(append(&appender, 999) == nil)
                #expect(ring.published == next)
                let range = (next - UInt64(capacity))..<next
                #expect(keen.available(from: range.lowerBound, max: 99) == range)
                keen.release(below: next)
                #expect(append(&appender, 999) == nil, "the other group has released nothing")
                #expect(lazy.available(from: range.lowerBound, max: 99) == range)
                for sequence in range { #expect(ringSlotRead(lazy, sequence) == sequence) }
                lazy.release(below: next)
            }
        }
    }

    @Test("producers that come and go share the sequence")
    func endsComeAndGo() throws {
        let ring = try ring(4, ends: 2, groups: 1, firstSequence: 0)
        var other = ring.makeAppender()
        var reader = ring.makeReader(group: 0)
        for value in 0..<UInt64(50) {
            if value % 2 == 0 {
                var appender = ring.makeAppender()
                #expect(append(&appender, value) == value)
            } else {
                #expect(append(&other, value) == value)
            }
            #expect(reader.available(from: value, max: 4) == value..<(value + 1))
            #expect(ringSlotRead(reader, value) == value)
            reader.release(below: value + 1)
        }
    }

    @Test("claiming where producers append, and appending where they claim, traps")
    func misuse() async {
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(
                capacity: 2,
                slotBytes: 64,
                producers: .lockFree(ends: 1),
                groups: 1
            )
            _ = ring.makeWriter()
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(
                capacity: 2,
                slotBytes: 64,
                producers: .multiple,
                groups: 1
            )
            _ = ring.makeAppender()
        }
        await #expect(processExitsWith: .failure) {
            let ring = try MulticastRing(
                capacity: 2,
                slotBytes: 64,
                producers: .lockFree(ends: 1),
                groups: 1
            )
            endUnlessTrapped()
            let first = ring.makeAppender()
            let second = ring.makeAppender()
            withExtendedLifetime(first) { withExtendedLifetime(second) {} }
        }
    }

    @Test("lock-free producers without an end are refused")
    func refusesNoEnds() {
        #expect(throws: RingError.badEndCount(0)) {
            _ = try MulticastRing(
                capacity: 2,
                slotBytes: 64,
                producers: .lockFree(ends: 0),
                groups: 1
            )
        }
    }

    static let shapes = [
        StressTests.Shape(producers: 2, consumers: 1, capacity: 64),
        StressTests.Shape(producers: 3, consumers: 2, capacity: 2),
        StressTests.Shape(producers: 4, consumers: 2, capacity: 16),
    ]

    @Test("every group reads every item of every producer in order", arguments: shapes)
    func stress(shape: StressTests.Shape) throws {
        let items: UInt64 = 20_000
        let ring = try ring(
            shape.capacity,
            ends: shape.producers,
            groups: shape.consumers,
            firstSequence: 0
        )
        let failures = Failures()
        var bodies: [@Sendable () -> Void] = []
        for producer in 0..<UInt64(shape.producers) {
            let end = End(ring.makeAppender())
            bodies.append { produce(end, producer, items, failures) }
        }
        for group in 0..<shape.consumers {
            let end = End(ring.makeReader(group: group))
            let producers = shape.producers
            bodies.append { readAll(end, producers, items, failures) }
        }
        runThreads(bodies)
        #expect(failures.all == [])
        #expect(ring.published == items * UInt64(shape.producers))
    }

    private func ring(
        _ capacity: Int,
        ends: Int,
        groups: Int,
        firstSequence: UInt64
    ) throws -> MulticastRing {
        try MulticastRing(
            capacity: capacity,
            slotBytes: 64,
            producers: .lockFree(ends: ends),
            groups: groups,
            firstSequence: firstSequence
        )
    }
}

/// Fills the appender's slot with a word at both ends and appends it.
private func append(_ appender: inout RingAppender, _ value: UInt64) -> UInt64? {
    ringSlotWrite(appender, value)
    return appender.tryAppend()
}

private func produce(
    _ end: End<RingAppender>,
    _ producer: UInt64,
    _ items: UInt64,
    _ failures: Failures
) {
    var patience = Patience()
    var item: UInt64 = 0
    while item < items {
        if append(&end.value, producer << 32 | item) == nil {
            guard patience.idle() else { return failures.add("producer \(producer) waits") }
            continue
        }
        patience.reset()
        item += 1
    }
}
