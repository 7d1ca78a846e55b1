import LatencyMetrics
public import RunRecords

/// Candidates measured in turn, and what their samples come to.
///
/// Only samples whose placement did not change count, and only those of one placement are
/// compared; disturbed ones count where a candidate has no others. What was lost or reordered
/// counts in any case.
public struct Comparison: Sendable {
    /// What is compared.
    public let candidates: [BenchCandidate]
    /// Whom each is compared with: the first of its group under the same conditions, or the first
    /// of all where the group is of one subject.
    private let baselines: [Int]
    /// Every sample, in the order in which they were taken.
    public private(set) var samples: [BenchSample] = []

    /// A comparison without samples.
    public init(candidates: [BenchCandidate]) {
        self.candidates = candidates
        baselines = candidates.indices.map { place in
            let own = candidates[place]
            let group = candidates.indices.filter { candidates[$0].group == own.group }
            let isOfOneSubject = group.allSatisfy { candidates[$0].subject == own.subject }
            let baseline = group.first {
                isOfOneSubject || candidates[$0].conditions == own.conditions
            }
            return baseline ?? place
        }
    }

    /// Adds a sample of one of the candidates.
    public mutating func add(_ sample: BenchSample) {
        precondition(candidates.indices.contains(sample.candidate), "no such candidate")
        samples.append(sample)
    }

    /// Measures A B C A B C …, so that whatever the machine does meanwhile meets all alike.
    ///
    /// Candidates without a sample that is neither mixed nor disturbed then get as many rounds
    /// again, until they have one. Ends early once `isInterrupted` says so; the sample that was cut
    /// short does not count.
    public mutating func interleave(
        rounds: Int,
        isInterrupted: () -> Bool,
        measure: (_ round: Int, _ candidate: Int) throws -> BenchSample
    ) rethrows {
        for round in 1...2 * rounds {
            for candidate in round <= rounds ? Array(candidates.indices) : unsettled {
                guard !isInterrupted() else { return }
                let sample = try measure(round, candidate)
                guard !isInterrupted() || !sample.faults.isNone else { return }
                add(sample)
            }
        }
    }

    /// The candidates that were measured, but have no sample that `isGood`.
    private func candidates(without isGood: (BenchSample) -> Bool) -> [Int] {
        candidates.indices.filter { candidate in
            let own = samples.filter { $0.candidate == candidate }
            return !own.isEmpty && !own.contains(where: isGood)
        }
    }

    private var uncounted: [Int] { candidates { $0.placement != .mixed } }
    private var unsettled: [Int] { candidates { $0.placement != .mixed && !$0.isDisturbed } }

    /// The samples that count.
    public var counted: [BenchSample] {
        let unsettled = Set(unsettled)
        return samples.filter {
            $0.placement != .mixed && (!$0.isDisturbed || unsettled.contains($0.candidate))
        }
    }

    /// How many samples do not count because the placement changed.
    public var mixedCount: Int { samples.count { $0.placement == .mixed } }

    /// What was wrong with a candidate in any of its samples.
    public func faults(of candidate: Int) -> BenchFaults {
        samples.lazy.filter { $0.candidate == candidate }
            .reduce(into: BenchFaults()) { $0.add($1.faults) }
    }

    /// The candidates that lost, repeated, reordered or damaged something.
    public var faulty: [Int] { candidates.indices.filter { !faults(of: $0).isNone } }

    /// What the samples come to: by placement, then in the order of candidates.
    public var rows: [BenchRow] {
        let counted = counted
        return PlacementLabel.allCases.flatMap { rows(at: $0, of: counted) }
    }

    private func rows(at placement: PlacementLabel, of counted: [BenchSample]) -> [BenchRow] {
        var rows = candidates.indices.compactMap { candidate in
            row(
                of: candidate,
                at: placement,
                counted.filter { $0.candidate == candidate && $0.placement == placement }
            )
        }
        var rates: [Int: Double] = [:]
        for row in rows where row.candidate == row.baseline && row.faults.isNone {
            rates[row.candidate] = row.eventsPerSecond.median
        }
        for index in rows.indices where rows[index].faults.isNone {
            guard let rate = rates[rows[index].baseline], rate > 0 else { continue }
            rows[index].ratio = rows[index].eventsPerSecond.median / rate
        }
        return rows
    }

    private func row(
        of candidate: Int,
        at placement: PlacementLabel,
        _ counted: [BenchSample]
    ) -> BenchRow? {
        guard let rate = SampleSpread(of: counted.map(\.eventsPerSecond)),
            let processor = SampleSpread(of: counted.map(\.processorSeconds))
        else { return nil }
        // A sample in which nothing arrived has no latency, and does not hide those of others.
        func spread(_ values: [Double?]) -> SampleSpread? {
            SampleSpread(of: values.compactMap(\.self))
        }
        var row = BenchRow(
            candidate: candidate,
            baseline: baselines[candidate],
            placement: placement,
            eventsPerSecond: rate,
            processorSeconds: processor,
            faults: faults(of: candidate)
        )
        row.latencyP50Nanoseconds = spread(counted.map(\.latencyP50Nanoseconds))
        row.latencyP99Nanoseconds = spread(counted.map(\.latencyP99Nanoseconds))
        row.bytesAllocatedPerEvent = spread(counted.map(\.bytesAllocatedPerEvent))
        return row
    }

    /// As many names as a sentence bears.
    private static let namesMax = 4

    /// What a reader of the rows must know besides.
    public var notes: [String] {
        var notes: [String] = []
        if mixedCount > 0 {
            notes.append(
                "\(mixedCount) of \(samples.count) samples do not count: the placement changed "
                    + "or the machine was busy (mixed)"
            )
        }
        let disturbed = samples.count - mixedCount - counted.count
        if disturbed > 0 {
            notes.append(
                "\(disturbed) of \(samples.count) samples do not count: other programs took part "
                    + "of a thread's processor (disturbed)"
            )
        }
        notes += unjudged
        let slowed = unsettled.filter { !uncounted.contains($0) }
        if !slowed.isEmpty {
            notes.append(
                "rates are too low, as other programs took part of a processor in every sample "
                    + "of: \(names(slowed))"
            )
        }
        if !uncounted.isEmpty { notes.append("no sample counts of: \(names(uncounted))") }
        return notes + baselineNotes(rows)
    }

    /// Whose disturbance nobody can tell, and why.
    private var unjudged: [String] {
        let reasons = [
            (Disturbance.crowded, "threads outnumber the processors and wait for one another"),
            (.unknown, "this system does not say how long a thread waits for a processor"),
        ]
        return reasons.compactMap { disturbance, reason in
            let count = samples.count { $0.disturbance == disturbance }
            guard count > 0 else { return nil }
            return "\(count) of \(samples.count) samples are judged by their placement alone: "
                + reason
        }
    }

    private func names(_ some: [Int]) -> String {
        let named = some.prefix(Self.namesMax).map { candidates[$0].name }
        let more = some.count - named.count
        return named.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private func baselineNotes(_ rows: [BenchRow]) -> [String] {
        let compared = rows.filter { $0.candidate != $0.baseline }
        let faulty = Set(compared.map(\.baseline)).filter { !faults(of: $0).isNone }.sorted()
        let missing = PlacementLabel.allCases.compactMap { placement -> String? in
            let here = rows.filter { $0.placement == placement }.map(\.candidate)
            let absent = Set(compared.filter { $0.placement == placement }.map(\.baseline))
                .subtracting(here)
            guard !absent.isEmpty else { return nil }
            return "placement \(placement.rawValue) has no sample of \(names(absent.sorted())), "
                + "so no ratios there"
        }
        return missing
            + (faulty.isEmpty ? [] : ["no ratios to who is at fault: \(names(faulty))"])
    }
}
