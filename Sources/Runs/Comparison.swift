import LatencyMetrics
public import RunRecords

/// Candidates measured in turn, and what their samples come to.
///
/// Only samples whose placement did not change count, and only those of one placement are
/// compared; disturbed ones count where a candidate has no others. What was lost or reordered
/// counts in any case.
public struct Comparison: Sendable {
    /// What is compared; the first of each group is what the others of it are compared with.
    public let candidates: [BenchCandidate]
    /// Every sample, in the order in which they were taken.
    public private(set) var samples: [BenchSample] = []

    /// A comparison without samples.
    public init(candidates: [BenchCandidate]) { self.candidates = candidates }

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
        var baselines: [String: Double] = [:]
        for row in rows where isBaseline(row.candidate) && row.faults.isNone {
            baselines[candidates[row.candidate].group] = row.eventsPerSecond.median
        }
        for index in rows.indices where rows[index].faults.isNone {
            let group = candidates[rows[index].candidate].group
            guard let baseline = baselines[group], baseline > 0 else { continue }
            rows[index].ratio = rows[index].eventsPerSecond.median / baseline
        }
        return rows
    }

    private func isBaseline(_ candidate: Int) -> Bool {
        candidates.firstIndex { $0.group == candidates[candidate].group } == candidate
    }

    private func row(
        of candidate: Int,
        at placement: PlacementLabel,
        _ counted: [BenchSample]
    ) -> BenchRow? {
        func spread(_ values: [Double?]) -> SampleSpread? {
            let known = values.compactMap(\.self)
            return known.count == values.count ? SampleSpread(of: known) : nil
        }
        guard let rate = spread(counted.map(\.eventsPerSecond)),
            let processor = spread(counted.map(\.processorSeconds))
        else { return nil }
        var row = BenchRow(
            candidate: candidate,
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

    private func names(_ some: [Int]) -> String {
        let named = some.prefix(Self.namesMax).map { candidates[$0].name }
        let more = some.count - named.count
        return named.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private func baselineNotes(_ rows: [BenchRow]) -> [String] {
        var notes: [String] = []
        for placement in PlacementLabel.allCases {
            let here = Set(rows.filter { $0.placement == placement }.map(\.candidate))
            for baseline in candidates.indices where isBaseline(baseline) {
                let others = here.filter {
                    $0 != baseline && candidates[$0].group == candidates[baseline].group
                }
                guard !others.isEmpty else { continue }
                if !here.contains(baseline) {
                    notes.append(
                        "placement \(placement.rawValue) has no sample of "
                            + "\(candidates[baseline].name), so no ratios"
                    )
                } else if !faults(of: baseline).isNone {
                    notes.append("\(candidates[baseline].name) is at fault, so no ratios to it")
                }
            }
        }
        return notes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
