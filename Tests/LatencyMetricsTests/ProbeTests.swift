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
        let before = ThreadUsage.current(allocated: { 100 })
        var sum: UInt64 = 1
        for step in 0..<2_000_000 { sum = sum &* 31 &+ UInt64(step) }
        let used = ThreadUsage.current(allocated: { 164 }).since(before)
        #expect(sum != 0)
        #expect(used.processorNanoseconds > 0)
        #expect(used.allocatedBytes == 64)
        let unknown = ThreadUsage.current(allocated: { -1 })
        #expect(unknown.allocatedBytes == nil)
        #expect(unknown.since(before).allocatedBytes == nil)
        let process = ProcessUsage.current()
        #expect(process.residentBytesMax > 1 << 20)
        #expect(process.userNanoseconds + process.systemNanoseconds > 0)
    }

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
