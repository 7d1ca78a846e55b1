public import LatencyMetrics

/// Three percentiles of the latencies in one interval.
public struct IntervalLatency: Codable, Hashable, Sendable {
    /// The median.
    public var p50Nanoseconds: Int64
    /// 99 % were at most this.
    public var p99Nanoseconds: Int64
    /// The greatest.
    public var maxNanoseconds: Int64

    /// Reads the percentiles of `histogram`; `nil` if it is empty.
    public init?(_ histogram: HistogramSnapshot) {
        guard let median = histogram.value(atPercentile: 50),
            let high = histogram.value(atPercentile: 99), let highest = histogram.highest
        else { return nil }
        (p50Nanoseconds, p99Nanoseconds, maxNanoseconds) = (median, high, highest)
    }
}

/// What happened in one interval, over all threads.
public struct TimelineRecord: Codable, Hashable, Sendable {
    /// Where it begins, on the run's clock.
    public var startNanoseconds: Int64
    /// How long it is.
    public var lengthNanoseconds: Int64
    /// Events handed over.
    public var published: Int64
    /// Events confirmed.
    public var confirmed: Int64
    /// Events refused.
    public var refused: Int64
    /// Deliveries.
    public var delivered: Int64
    /// Deliveries acknowledged.
    public var acknowledged: Int64
    /// Events that took effect.
    public var applied: Int64
    /// Latency of publishing.
    public var publishLatency: IntervalLatency?
    /// Latency of applying.
    public var applyLatency: IntervalLatency?
    /// Events confirmed but not finished with at its end, over all groups.
    ///
    /// Below zero for a moment if a delivery was finished with before its confirmation came.
    public var backlog: Int64
    /// The same of the group that was furthest behind.
    public var lag: Int64
    /// The most deliveries that consumers held at once.
    public var held: Int64
    /// The most events that were unconfirmed at once.
    public var inFlight: Int64
    /// The names of the faults that were active.
    public var activeFaults: [String]

    /// Joins the intervals of all producers with those of all consumers, of the same run.
    ///
    /// `topics` says of each group which topic it reads; `faults` are the stretches, on the run's
    /// clock, in which the faults were active.
    public static func rows(
        producers: [Interval],
        consumers handled: [Interval],
        topics: [Int],
        faults: [LatencyPhase]
    ) -> [TimelineRecord] {
        var behind = [Int64](repeating: 0, count: topics.count)
        return producers.indices.map { place in
            let out = producers[place]
            let back = place < handled.count ? handled[place] : nil
            for (group, topic) in topics.enumerated() {
                guard let back, topic < out.progress.count, group < back.progress.count else {
                    continue
                }
                behind[group] += out.progress[topic] - back.progress[group]
            }
            let end = out.start + out.length
            return TimelineRecord(
                startNanoseconds: out.start,
                lengthNanoseconds: out.length,
                published: out[.published],
                confirmed: out[.confirmed],
                refused: out[.refused],
                delivered: back?[.delivered] ?? 0,
                acknowledged: back?[.acknowledged] ?? 0,
                applied: back?[.applied] ?? 0,
                publishLatency: IntervalLatency(out.latency),
                applyLatency: back.flatMap { IntervalLatency($0.latency) },
                backlog: behind.reduce(0, +),
                lag: behind.max() ?? 0,
                held: back?.held ?? 0,
                inFlight: out.inFlight,
                activeFaults: faults.filter { $0.start < end && $0.end > out.start }.map(\.name)
            )
        }
    }
}
