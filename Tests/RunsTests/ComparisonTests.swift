import LatencyMetrics
import RunRecords
import Runs
import Testing

@Suite("Comparison")
struct ComparisonTests {
    private static let near = reading(.near)
    private static let far = reading(.far)

    private static func reading(_ label: PlacementLabel) -> PlacementReading {
        PlacementReading(label: label, roundTrip: nil)
    }

    private func sample(
        _ candidate: Int,
        _ rate: Double,
        _ before: PlacementReading = near,
        _ after: PlacementReading? = nil,
        lost: Int64 = 0,
        queued: Double? = 0,
        isCrowded: Bool = false
    ) -> BenchSample {
        var sample = BenchSample(
            candidate: candidate,
            round: 1,
            placement: (before, after ?? before)
        )
        sample.eventsPerSecond = rate
        sample.processorSeconds = rate / 100
        sample.faults.lost = lost
        sample.queuedShare = queued
        sample.isCrowded = isCrowded
        return sample
    }

    private func comparison(_ groups: String, _ samples: [BenchSample]) -> Comparison {
        var comparison = Comparison(
            candidates: groups.enumerated().map { place, group in
                BenchCandidate(group: String(group), subject: "ring\(place)")
            }
        )
        for sample in samples { comparison.add(sample) }
        return comparison
    }

    @Test("median, range and count are of the samples of one placement")
    func spread() throws {
        let rows = comparison(
            "aa",
            [
                sample(0, 10), sample(1, 50), sample(0, 30), sample(1, 40), sample(0, 20),
                sample(0, 1000, Self.far),
            ]
        ).rows
        try #require(rows.count == 3)
        #expect(rows.map(\.placement) == [.near, .near, .far])
        #expect(rows[0].eventsPerSecond == SampleSpread(of: [10, 20, 30]))
        #expect(rows[0].ratio == 1)
        #expect(rows[1].eventsPerSecond == SampleSpread(of: [40, 50]))
        #expect(rows[1].ratio == 2.25)
        #expect(rows[2].eventsPerSecond.count == 1 && rows[2].ratio == 1)
    }

    @Test("a sample without a latency does not hide those of the others")
    func latencies() throws {
        var samples = [10, 20, 30].map { sample(0, $0) }
        samples[0].latencyP50Nanoseconds = 100
        samples[2].latencyP50Nanoseconds = 300
        let row = try #require(comparison("a", samples).rows.first)
        #expect(row.eventsPerSecond.count == 3)
        #expect(row.latencyP50Nanoseconds == SampleSpread(of: [100, 300]))
        #expect(row.latencyP99Nanoseconds == nil)
    }

    @Test("a sample whose placement changed counts nowhere, and is counted itself")
    func mixed() {
        let mixed = comparison("aa", [sample(0, 10), sample(1, 99, Self.near, Self.far)])
        #expect(mixed.rows.map(\.candidate) == [0])
        #expect(mixed.mixedCount == 1)
        #expect(mixed.notes.contains { $0.hasPrefix("1 of 2 samples do not count") })
        #expect(mixed.notes.contains("no sample counts of: ring1"))
    }

    @Test("a disturbed sample counts only where its candidate has no other")
    func disturbed() {
        let comparison = comparison(
            "aaa",
            [
                sample(0, 10, queued: 0.05), sample(0, 4, queued: 0.06),
                sample(1, 7, queued: 0.4), sample(1, 5, queued: 0.3), sample(2, 30),
            ]
        )
        #expect(comparison.rows.map(\.eventsPerSecond.count) == [1, 2, 1])
        #expect(comparison.rows.map(\.eventsPerSecond.median) == [10, 6, 30])
        #expect(comparison.counted.count == 4)
        #expect(comparison.notes.contains { $0.hasPrefix("1 of 5 samples do not count: other") })
        #expect(comparison.notes.contains { $0.hasSuffix("every sample of: ring1") })
        #expect(!comparison.notes.contains { $0.hasPrefix("no sample counts") })
    }

    @Test("who is crowded or unknown counts by its placement alone, and the reader is told")
    func unjudged() {
        let comparison = comparison(
            "aaa",
            [
                sample(0, 10, queued: 0.5, isCrowded: true), sample(1, 20, queued: nil),
                sample(2, 5, queued: nil, isCrowded: true), sample(0, 20),
            ]
        )
        #expect(comparison.samples.map(\.disturbance) == [.crowded, .unknown, .crowded, .none])
        #expect(comparison.counted.count == 4)
        #expect(
            comparison.notes == [
                "2 of 4 samples are judged by their placement alone: threads outnumber the "
                    + "processors and wait for one another",
                "1 of 4 samples are judged by their placement alone: this system does not say how "
                    + "long a thread waits for a processor",
            ]
        )
    }

    @Test("who was disturbed in every sample is measured again")
    func calm() {
        var order: [Int] = []
        var comparison = comparison("aa", [])
        comparison.interleave(rounds: 2, isInterrupted: { false }) { _, candidate in
            order.append(candidate)
            return sample(candidate, 1, queued: candidate == 1 && order.count < 5 ? 0.2 : 0)
        }
        #expect(order == [0, 1, 0, 1, 1])
        #expect(comparison.rows.map(\.eventsPerSecond.count) == [2, 1])
        #expect(comparison.notes.contains { $0.hasPrefix("2 of 5 samples do not count") })
    }

    @Test("each group is compared with its own first candidate")
    func groups() {
        let rows = comparison(
            "aabb",
            [sample(0, 10), sample(1, 20), sample(2, 40), sample(3, 10)]
        ).rows
        #expect(rows.map(\.ratio) == [1, 2, 1, 0.25])
    }

    @Test("only what differs in nothing but the subject is compared")
    func conditions() {
        var candidates = [("x", 8), ("y", 8), ("y", 64), ("x", 64)].map { subject, bytes in
            var candidate = BenchCandidate(group: "a", subject: subject)
            candidate.payloadBytes = bytes
            return candidate
        }
        func rows() -> [BenchRow] {
            var comparison = Comparison(candidates: candidates)
            for place in candidates.indices {
                comparison.add(sample(place, [10, 20, 40, 10][place]))
            }
            return comparison.rows
        }
        #expect(rows().map(\.baseline) == [0, 0, 2, 2])
        #expect(rows().map(\.ratio) == [1, 2, 1, 0.25])
        // Nothing but conditions is compared.
        candidates = candidates.map(\.conditions)
        #expect(rows().map(\.baseline) == [0, 0, 0, 0])
        #expect(rows().map(\.ratio) == [1, 2, 4, 1])
    }

    @Test("a placement without the baseline has no ratios, and says so")
    func missingBaseline() {
        let missing = comparison("aa", [sample(0, 10), sample(1, 20, Self.far)])
        #expect(missing.rows.map(\.ratio) == [1, nil])
        #expect(missing.notes == ["placement far has no sample of ring0, so no ratios there"])
    }

    @Test("who lost something is named and not ranked, wherever that was seen")
    func faulty() {
        let lossy = sample(1, 900, Self.near, Self.far, lost: 3)
        let one = comparison("aa", [sample(0, 10), sample(1, 20), lossy])
        #expect(one.rows.map(\.ratio) == [1, nil])
        #expect(one.rows[1].faults.lost == 3)
        #expect(one.faulty == [1])
        let baseline = comparison("aa", [sample(0, 10, lost: 1), sample(1, 20)])
        #expect(baseline.rows.map(\.ratio) == [nil, nil])
        #expect(baseline.notes == ["no ratios to who is at fault: ring0"])
    }

    @Test("candidates are measured in turn")
    func interleaved() {
        var order: [Int] = []
        var comparison = comparison("aaa", [])
        comparison.interleave(rounds: 2, isInterrupted: { false }) { round, candidate in
            order.append(round * 10 + candidate)
            return sample(candidate, 1)
        }
        #expect(order == [10, 11, 12, 20, 21, 22])
        #expect(comparison.samples.count == 6)
    }

    @Test("who has no sample that counts is measured again, a bounded number of times")
    func again() {
        var order: [Int] = []
        var comparison = comparison("aaa", [])
        comparison.interleave(rounds: 2, isInterrupted: { false }) { _, candidate in
            order.append(candidate)
            let isMixed = candidate == 1 || candidate == 2 && order.count < 7
            return sample(candidate, 1, isMixed ? Self.reading(.mixed) : Self.near)
        }
        #expect(order == [0, 1, 2, 0, 1, 2, 1, 2, 1])
        #expect(comparison.rows.map(\.candidate) == [0, 2])
    }

    @Test("what is cut short does not count, unless it shows a fault", arguments: [0, 1])
    func interrupted(lost: Int64) {
        var comparison = comparison("aa", [])
        var taken = 0
        comparison.interleave(rounds: 3, isInterrupted: { taken == 3 }) { _, candidate in
            taken += 1
            return sample(candidate, 1, lost: taken == 3 ? lost : 0)
        }
        #expect(taken == 3)
        #expect(comparison.samples.count == 2 + Int(lost))
    }
}
