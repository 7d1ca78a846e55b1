import CGyreShims
import Synchronization
import Testing

@testable import LatencyMetrics

@Suite struct ProbeTests {
    @Test(
        "round trips fall into their bands",
        arguments: [
            (70, .smt), (90, .smt), (100, .near), (120, .near), (440, .far), (490, .far),
            (1999, .far), (2001, .mixed), (30_000, .mixed),
        ] as [(Double, PlacementLabel)]
    )
    func bands(roundTrip: Double, label: PlacementLabel) {
        #expect(PlacementLabel(roundTripNanoseconds: roundTrip) == label)
    }

    @Test("a distance that changes during the probe is mixed, an interrupt is not")
    func steadiness() {
        #expect(PlacementReading(groups: [80, 81, 82, 450, 460, 470]).label == .mixed)
        #expect(PlacementReading(groups: [80, 81, 82, 83, 84, 85, 86, 9000]).label == .smt)
        #expect(PlacementReading(groups: [80, 80, 80, 80, 80, 450, 460]).label == .mixed)
        #expect(PlacementReading(groups: [80, 80, 450, 450, 450, 450, 460]).label == .mixed)
        #expect(PlacementReading(groups: []).label == .mixed)
        #expect(PlacementReading(groups: [450, 450, 450]).label == .mixed)
        #expect(PlacementReading(groups: [450, 450, 450, 450]).label == .far)
        let near = PlacementReading(label: .near, roundTrip: nil)
        let far = PlacementReading(label: .far, roundTrip: nil)
        #expect(PlacementReading.label(before: near, after: near) == .near)
        #expect(PlacementReading.label(before: near, after: far) == .mixed)
    }

    @Test("the probe ends and gives a label", .timeLimit(.minutes(1)))
    func probeEnds() {
        let reading = PlacementProbe.read(milliseconds: 5)
        #expect((reading.label == .single) == (PlacementProbe.usableProcessors() == 1))
        if reading.label != .single {
            #expect((reading.roundTrip?.minimum ?? 0) > 0)
        }
    }

    /// Above the distance of two cores, and below what two threads on one processor need, who wait
    /// out their patience at each turn: how long that is depends on the build and the machine.
    private static func sharesAbove(_ shared: PlacementReading) -> Double {
        (shared.roundTrip?.minimum ?? 0) / 4
    }

    @Test(
        "the probe's threads stay on the processors that they are given",
        .enabled(if: PlacementProbe.usableProcessors() > 1, "one processor"),
        .timeLimit(.minutes(1))
    )
    func staysPut() throws {
        let two = UsableProcessors.first(2)
        try #require(two.count == 2)
        for one in two {
            let shared = PlacementProbe.read(milliseconds: 5, on: [one, one])
            #expect(shared.label == .mixed, "\(shared)")
            // Others may hold up either thread, but not for all of a probe.
            let apart = PlacementProbe.read(milliseconds: 50, on: two)
            let found = apart.roundTrip?.minimum ?? .infinity
            #expect(found < Self.sharesAbove(shared), "\(apart), \(shared)")
        }
    }

    @Test(
        "short probes do not find both threads on one processor",
        .enabled(if: PlacementProbe.usableProcessors() > 1, "one processor"),
        .timeLimit(.minutes(1))
    )
    func apartFromTheStart() throws {
        let one = try #require(UsableProcessors.first(1).first)
        let sharesAbove = Self.sharesAbove(PlacementProbe.read(milliseconds: 5, on: [one, one]))
        let readings = (0..<20).map { _ in PlacementProbe.read(milliseconds: 5) }
        let apart = readings.count { ($0.roundTrip?.minimum ?? .infinity) < sharesAbove }
        #expect(apart > readings.count / 2, "\(sharesAbove): \(readings.map(\.roundTrip))")
    }

    @Test("who asks for a probe keeps its own processors", .timeLimit(.minutes(1)))
    func callerStaysFree() {
        let before = UsableProcessors.first(PlacementProbe.usableProcessors())
        _ = PlacementProbe.read(milliseconds: 1)
        #expect(UsableProcessors.first(PlacementProbe.usableProcessors()) == before)
        #expect(UsableProcessors.first(before.count + 1) == [])
    }

    @Test("processor time and memory are counted")
    func usage() {
        let before = ThreadUsage.current()
        var sum: UInt64 = 1
        for step in 0..<2_000_000 { sum = sum &* 31 &+ UInt64(step) }
        let used = ThreadUsage.current().since(before)
        #expect(sum != 0)
        #expect(used.processorNanoseconds > 0)
        let process = ProcessUsage.current()
        #expect(process.residentBytesMax > 1 << 20)
        #expect(process.userNanoseconds + process.systemNanoseconds > 0)
    }

    @Test("what a thread used is the difference of two readings, unless one of them is unknown")
    func differences() {
        func reading(_ scale: Int64) -> ThreadUsage {
            ThreadUsage(
                processorNanoseconds: 7 * scale,
                allocatedBytes: 64 * scale,
                queuedNanoseconds: 100 * scale
            )
        }
        let used = reading(3).since(reading(1))
        #expect(used == reading(2))
        #expect(used.queuedShare(of: 800) == 0.25)
        let unknown = ThreadUsage(
            processorNanoseconds: 1,
            allocatedBytes: -1,
            queuedNanoseconds: -1
        )
        #expect(unknown.allocatedBytes == nil && unknown.queuedNanoseconds == nil)
        for mixed in [unknown.since(reading(0)), reading(3).since(unknown)] {
            #expect(mixed.allocatedBytes == nil && mixed.queuedShare(of: 1) == nil)
        }
    }

    #if os(Linux)
    @Test("three threads that want one processor wait for it, one that sleeps does not")
    func queues() throws {
        let one = UsableProcessors.first(1)
        let length: Int64 = 100_000_000
        let shares = Mutex<[Double?]>([])
        let bodies: [@Sendable () -> Void] = [
            { Self.spin(for: length) }, { Self.spin(for: length) }, { Self.spin(for: length) },
            { gyre_park_nanoseconds(length) },
        ]
        for group in [bodies.dropLast(), bodies.suffix(1)] {
            let threads = group.compactMap { body in
                JoinableThread {
                    UsableProcessors.pin(0, among: one)
                    let before = ThreadUsage.current()
                    body()
                    let share = ThreadUsage.current().since(before).queuedShare(of: length)
                    shares.withLock { $0.append(share) }
                }
            }
            for thread in threads { thread.join() }
        }
        let found = shares.withLock(\.self).compactMap(\.self)
        try #require(found.count == bodies.count)
        // Two of them wait at any time; together they cannot run for more than the length once.
        #expect(found.dropLast().reduce(0, +) > 1.2, "\(found)")
        #expect(found[3] < 0.25, "\(found)")
    }

    private static func spin(for nanoseconds: Int64) {
        let end = gyre_monotonic_nanoseconds() + nanoseconds
        while gyre_monotonic_nanoseconds() < end {}
    }
    #endif

    @Test(
        "medians and ranges",
        arguments: [
            ([3], 3, 3, 3), ([5, 1, 3], 1, 3, 5), ([4, 1, 3, 2], 1, 2.5, 4),
        ] as [([Double], Double, Double, Double)]
    )
    func spread(samples: [Double], minimum: Double, median: Double, maximum: Double) throws {
        let spread = try #require(SampleSpread(of: samples))
        #expect(spread.minimum == minimum)
        #expect(spread.median == median)
        #expect(spread.maximum == maximum)
        #expect(spread.count == samples.count)
        #expect(SampleSpread(of: []) == nil)
        #expect(SampleSpread(of: [1, .nan]) == nil)
    }
}
