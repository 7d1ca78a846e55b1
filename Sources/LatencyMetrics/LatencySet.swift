/// Between which two moments of an event a latency lies.
public enum LatencyStage: String, Hashable, Sendable, CaseIterable, Codable {
    /// From send to confirmation.
    case publish
    /// From send to first delivery.
    case endToEnd = "e2e"
    /// From send to applied.
    case apply
}

/// From where a latency is counted.
public enum LatencyKind: String, Hashable, Sendable, CaseIterable, Codable {
    /// From the intended time: safe against coordinated omission. Not there in a closed loop.
    case response
    /// From the actual send.
    case service
    /// From the intended time to the actual send. Not there in a closed loop.
    case slip
}

/// What one series of latencies is of.
public struct LatencyLabel: Hashable, Sendable {
    /// Between which two moments.
    public var stage: LatencyStage
    /// The consumer group; empty for publishing.
    public var group: String
    /// Whether the producers have a schedule.
    public var isOpenLoop: Bool

    /// Makes a label.
    public init(stage: LatencyStage, group: String, isOpenLoop: Bool) {
        self.stage = stage
        self.group = group
        self.isOpenLoop = isOpenLoop
    }
}

/// A stretch of the run that latencies are reported for.
public struct LatencyPhase: Hashable, Sendable {
    /// Its name: `measured`, or the fault that is active.
    public var name: String
    /// Intended times from here on belong to it, in nanoseconds.
    public var start: Int64
    /// Intended times from here on do not.
    public var end: Int64

    /// Makes a phase.
    public init(name: String, start: Int64, end: Int64) {
        self.name = name
        self.start = start
        self.end = end
    }
}

/// One histogram of a set, with what it is of.
public struct LabelledHistogram: Hashable, Sendable, Codable {
    /// Between which two moments.
    public var stage: LatencyStage
    /// From where it is counted.
    public var kind: LatencyKind
    /// The consumer group; empty for publishing.
    public var group: String
    /// The stretch of the run.
    public var phase: String
    /// What was seen.
    public var histogram: HistogramSnapshot

    /// Labels a histogram.
    public init(
        stage: LatencyStage,
        kind: LatencyKind,
        group: String,
        phase: String,
        histogram: HistogramSnapshot
    ) {
        self.stage = stage
        self.kind = kind
        self.group = group
        self.phase = phase
        self.histogram = histogram
    }
}

/// The latencies that one thread records: every series × kind × phase.
///
/// About 0.8 MiB a series and phase, 0.3 MiB in a closed loop. `record` never allocates.
@safe
public struct LatencySet: ~Copyable, @unchecked Sendable {
    // SAFETY: unsynchronised is the memory behind the three pointers. The type is not copyable, so
    // it has one owner, and moving it to another thread is a hand-over.
    // Checked by: "a histogram can be handed to another thread".

    /// What each series is of.
    public let labels: [LatencyLabel]
    /// The stretches of the run.
    public let phases: [LatencyPhase]
    private let phaseCount: Int
    private let bounds: UnsafeMutablePointer<LatencyPhase>
    private let isOpen: UnsafeMutablePointer<Bool>
    /// Three for each series and phase: response, service, slip.
    private let histograms: UnsafeMutablePointer<LatencyHistogram>

    /// An empty set.
    ///
    /// Series are referred to by their place in `labels`.
    public init(labels: [LatencyLabel], phases: [LatencyPhase]) {
        self.labels = labels
        self.phases = phases
        phaseCount = phases.count
        // SAFETY: every element that is used is initialised below.
        unsafe bounds = .allocate(capacity: max(1, phases.count))
        unsafe isOpen = .allocate(capacity: max(1, labels.count))
        unsafe histograms = .allocate(capacity: max(1, labels.count * phases.count * 3))
        for (place, phase) in phases.enumerated() {
            // SAFETY: place < phases.count.
            unsafe (bounds + place).initialize(to: phase)
        }
        // A closed loop never touches response and slip, so two tiny histograms stand in.
        let tiny = HistogramLayout(halfMagnitude: 1, highest: 1)
        for (place, label) in labels.enumerated() {
            // SAFETY: place < labels.count.
            unsafe (isOpen + place).initialize(to: label.isOpenLoop)
            for phase in phases.indices {
                let first = (place * phases.count + phase) * 3
                for kind in 0..<3 {
                    let isUsed = label.isOpenLoop || kind == 1
                    let layout = isUsed ? HistogramLayout.nanosecondsToOneHour : tiny
                    // SAFETY: first + kind < labels × phases × 3.
                    unsafe (histograms + first + kind).initialize(to: LatencyHistogram(layout))
                }
            }
        }
    }

    deinit {
        // SAFETY: exactly what `init` initialised.
        unsafe bounds.deinitialize(count: phaseCount)
        unsafe histograms.deinitialize(count: labels.count * phaseCount * 3)
        unsafe bounds.deallocate()
        unsafe isOpen.deallocate()
        unsafe histograms.deallocate()
    }

    /// Counts `count` events of series `series`, in every phase that their intended time lies in.
    ///
    /// Times are nanoseconds on the run's clock. Cost: about 5 ns and 2 ns a phase.
    public mutating func record(
        _ series: Int,
        due: Int64,
        sent: Int64,
        done: Int64,
        count: Int64 = 1
    ) {
        precondition(series >= 0 && series < labels.count, "no such series of latencies")
        // SAFETY: series < labels.count, so series × phases + phase is inside.
        let isOpenLoop = unsafe isOpen[series]
        let intended = isOpenLoop ? due : sent
        for phase in 0..<phaseCount {
            let place = series &* phaseCount &+ phase
            guard unsafe intended >= bounds[phase].start, unsafe intended < bounds[phase].end
            else { continue }
            // SAFETY: place < labels × phases, and three histograms belong to each place.
            unsafe histograms[place &* 3 &+ 1].record(done &- sent, count: count)
            guard isOpenLoop else { continue }
            // SAFETY: as above.
            unsafe histograms[place &* 3].record(done &- due, count: count)
            unsafe histograms[place &* 3 &+ 2].record(sent &- due, count: count)
        }
    }

    /// Every histogram that can have values: response and slip only of open loops.
    public func histogramsByLabel() -> [LabelledHistogram] {
        var result: [LabelledHistogram] = []
        for (series, label) in labels.enumerated() {
            for (phase, named) in phases.enumerated() {
                for (place, kind) in LatencyKind.allCases.enumerated()
                where label.isOpenLoop || kind == .service {
                    let index = (series * phaseCount + phase) * 3 + place
                    result.append(
                        LabelledHistogram(
                            stage: label.stage,
                            kind: kind,
                            group: label.group,
                            phase: named.name,
                            // SAFETY: index < labels × phases × 3.
                            histogram: unsafe histograms[index].snapshot()
                        )
                    )
                }
            }
        }
        return result
    }

    /// Puts histograms of equal label together, in order of first appearance.
    public static func merged(_ histograms: [LabelledHistogram]) -> [LabelledHistogram] {
        var merged: [LabelledHistogram] = []
        for one in histograms {
            let known = merged.firstIndex {
                $0.stage == one.stage && $0.kind == one.kind && $0.group == one.group
                    && $0.phase == one.phase
            }
            if let known {
                merged[known].histogram.merge(one.histogram)
            } else {
                merged.append(one)
            }
        }
        return merged
    }
}
