import Foundation
import Synchronization
import Testing

@testable import LatencyMetrics

/// SplitMix64: inputs that differ from test to test but not from run to run.
struct SeededDraws {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

enum SampleShape: String, CaseIterable, Sendable {
    case uniform, exponential, bimodal, powers, constant, tiny

    func samples(_ count: Int, seed: UInt64) -> [Int64] {
        var draws = SeededDraws(state: seed)
        return (0..<count).map { _ in
            switch self {
            case .uniform: Int64(draws.unit() * 1e9)
            case .exponential: Int64(-log(1 - draws.unit()) * 50_000)
            case .bimodal: Int64(draws.unit() < 0.99 ? 1000 + draws.unit() * 50 : 2e9)
            case .powers: 1 << Int64(draws.next() % 41)
            case .constant: 123_456_789
            case .tiny: Int64(draws.next() % 5)
            }
        }
    }
}

private func histogram(_ samples: [Int64]) -> HistogramSnapshot {
    var histogram = LatencyHistogram()
    for sample in samples { histogram.record(sample) }
    return histogram.snapshot()
}

private final class SharedHistogram: Sendable {
    let histogram = Mutex(LatencyHistogram())
}

@Suite struct LatencyHistogramTests {
    @Test("every index agrees with HdrHistogram's formula and covers its values once")
    func layout() {
        let layout = HistogramLayout.nanosecondsToOneHour
        // HdrHistogram 2.1.12 with (1, 3.6e12, 3) has this many counters.
        #expect(layout.counters == 33_792)
        #expect(layout.highestTrackable == 4_398_046_511_103)
        var expected: Int64 = 0
        for index in 0..<layout.counters {
            #expect(layout.lowestValue(at: index) == expected)
            #expect(layout.index(of: expected) == index)
            #expect(layout.index(of: layout.highestValue(at: index)) == index)
            expected = layout.highestValue(at: index) + 1
        }
        #expect(expected == layout.highestTrackable + 1)
        // countsArrayIndex of the reference for three values.
        #expect(layout.index(of: 2047) == 2047)
        #expect(layout.index(of: 2049) == 2048)
        #expect(layout.index(of: 1_000_000) == 11_169)
    }

    @Test(
        "percentiles are those of the sorted samples, to three digits",
        arguments: SampleShape.allCases,
        [1, 2, 3, 10, 999, 1000, 20_000]
    )
    func percentiles(shape: SampleShape, count: Int) {
        let samples = shape.samples(count, seed: UInt64(count))
        let snapshot = histogram(samples)
        let sorted = samples.sorted()
        for percentile in [0, 0.1, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100] {
            let rank = max(1, Int((percentile.nextDown * Double(count) / 100).rounded(.up)))
            let exact = sorted[rank - 1]
            let value = snapshot.value(atPercentile: percentile) ?? -1
            #expect(value >= exact, "\(shape) n=\(count) p\(percentile)")
            #expect(value <= exact + exact / 1024, "\(shape) n=\(count) p\(percentile)")
            #expect(value <= sorted[count - 1])
        }
        #expect(snapshot.total == Int64(count))
        #expect(snapshot.lowest == sorted[0])
        #expect(snapshot.highest == sorted[count - 1])
        let mean = samples.map(Double.init).reduce(0, +) / Double(count)
        #expect(abs((snapshot.mean ?? -1) - mean) <= mean / 1000 + 1e-9)
        #expect(snapshot.buckets.map(\.count).reduce(0, +) == Int64(count))
    }

    @Test("whole percentages ask for whole numbers of values")
    func roundingAsksForNoValueTooMany() {
        let snapshot = histogram((1...100).map { Int64($0) })
        for percentile in 1...100 {
            #expect(snapshot.value(atPercentile: Double(percentile)) == Int64(percentile))
        }
    }

    @Test("merging equals recording everything in one", arguments: SampleShape.allCases)
    func merging(shape: SampleShape) {
        let first = shape.samples(3000, seed: 1) + [-5, 0, .max]
        let second = shape.samples(500, seed: 2) + [-7]
        let all = histogram(first + second)
        var live = LatencyHistogram()
        for sample in first { live.record(sample) }
        var other = LatencyHistogram()
        for sample in second { other.record(sample) }
        live.merge(other)
        #expect(live.snapshot() == all)
        other.merge(live)
        live.reset()
        live.merge(other)
        live.merge(LatencyHistogram())
        #expect(live.snapshot() == histogram(second + first + second))
        var stored = histogram(first)
        stored.merge(histogram(second))
        #expect(stored == all)
        stored.merge(HistogramSnapshot())
        #expect(stored == all)
    }

    @Test("a value with a count equals the value so many times")
    func counted() {
        var once = LatencyHistogram()
        once.record(777, count: 5)
        once.record(.max, count: 2)
        once.record(-3, count: 4)
        let many = Array(repeating: Int64(777), count: 5) + [.max, .max, -3, -3, -3, -3]
        #expect(once.snapshot() == histogram(many))
    }

    @Test("zero and negative samples are kept and counted")
    func clockAnomalies() {
        let snapshot = histogram([-10, -1, 0, 0, 5])
        #expect(snapshot.total == 5)
        #expect(snapshot.negatives == 2)
        #expect(snapshot.zeros == 4)
        #expect(snapshot.lowest == -10)
        #expect(snapshot.highest == 5)
        #expect(snapshot.value(atPercentile: 50) == 0)
        #expect(histogram([-9]).value(atPercentile: 100) == 0)
    }

    @Test("overflow is counted, not clamped")
    func overflow() {
        let beyond = HistogramLayout.nanosecondsToOneHour.highestTrackable
        let snapshot = histogram([1, beyond, beyond + 1, .max])
        #expect(snapshot.overflows == 2)
        #expect(snapshot.total == 4)
        #expect(snapshot.value(atPercentile: 50) == beyond)
        #expect(snapshot.value(atPercentile: 75) == .max)
        #expect(snapshot.highest == .max)
        let mean = histogram([0, beyond * 2]).mean ?? 0
        #expect(abs(mean / Double(beyond) - 1) < 0.001)
    }

    @Test("an empty histogram has no percentiles")
    func empty() {
        let snapshot = histogram([])
        #expect(snapshot == HistogramSnapshot())
        #expect(snapshot.value(atPercentile: 50) == nil)
        #expect(snapshot.mean == nil)
        #expect(snapshot.lowest == nil)
        #expect(snapshot.highest == nil)
        var used = LatencyHistogram()
        used.record(-4)
        used.record(.max)
        used.reset()
        #expect(used.snapshot() == snapshot)
    }

    @Test("snapshots survive JSON", arguments: SampleShape.allCases)
    func coding(shape: SampleShape) throws {
        let snapshot = histogram(shape.samples(1000, seed: 4) + [-1, .max])
        let data = try JSONEncoder().encode(snapshot)
        #expect(try JSONDecoder().decode(HistogramSnapshot.self, from: data) == snapshot)
    }

    @Test(
        "impossible stored histograms are refused",
        arguments: [
            "[-40000,1]", "[-9223372036854775808,1]", "[0]", "[-33792,1]",
        ]
    )
    func corruptCoding(runs: String) {
        let text = """
            {"halfMagnitude":10,"highestTrackable":3600000000000,"runs":\(runs),\
            "negatives":0,"overflows":0}
            """
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(HistogramSnapshot.self, from: Data(text.utf8))
        }
    }

    @Test("a histogram can be handed to another thread")
    func handOver() async {
        let shared = SharedHistogram()
        await withTaskGroup(of: Void.self) { group in
            for start in 0..<4 {
                group.addTask {
                    shared.histogram.withLock { histogram in
                        for value in 0..<1000 { histogram.record(Int64(start * 1000 + value)) }
                    }
                }
            }
        }
        #expect(shared.histogram.withLock { $0.snapshot() } == histogram(Array(0..<4000)))
    }
}
