public import LatencyMetrics
import Messaging

/// The latencies and per-second counts of one worker thread, shared by the clients on it.
///
/// Belongs to that thread until it is joined. Recording never allocates.
public final class WorkerMetrics {
    private var latency: LatencySet
    private var series: IntervalSeries
    private let isByGroup: Bool

    /// With more groups than this their latencies are kept together, under no name.
    private static let namedGroupsMax = 16

    /// With more topics or groups than this there is no backlog in the timeline.
    private static let partsMax = 256

    /// Metrics for `groups` by name; `openLoop` says of each producer number if it has a schedule.
    ///
    /// `parts` is the number of topics on a producing thread, of groups on a consuming one.
    public init(
        groups: [String],
        openLoop: [Bool],
        phases: [LatencyPhase],
        lengthNanoseconds: Int64,
        parts: Int = 1
    ) {
        let hasSchedule = openLoop.contains(true)
        var labels = [LatencyLabel(stage: .publish, group: "", isOpenLoop: hasSchedule)]
        isByGroup = groups.count <= Self.namedGroupsMax
        let named = isByGroup ? groups : [""]
        for group in named {
            labels.append(LatencyLabel(stage: .endToEnd, group: group, isOpenLoop: hasSchedule))
            labels.append(LatencyLabel(stage: .apply, group: group, isOpenLoop: hasSchedule))
        }
        latency = LatencySet(labels: labels, phases: phases)
        series = IntervalSeries(
            length: lengthNanoseconds,
            parts: parts <= Self.partsMax ? parts : 0
        )
    }

    /// Goes to the second that `now` lies in; once a step.
    func moveTo(_ now: Instant) { series.moveTo(now.nanoseconds) }

    func count(_ amount: Int, _ counter: IntervalCounter) { series.add(amount, to: counter) }

    /// `amount` more events of a topic were confirmed, or of a group finished with.
    func advance(_ part: UInt16, by amount: Int) { series.advance(Int(part), by: amount) }

    func observe(inFlight: Int) { series.observe(inFlight: inFlight) }

    func observe(held: Int) { series.observe(held: held) }

    func published(_ run: LatencyRun, at now: Instant) {
        record(0, run, at: now)
        recordInterval(run, at: now)
    }

    func firstDelivered(_ run: LatencyRun, group: UInt16, at now: Instant) {
        record(1 &+ 2 &* place(of: group), run, at: now)
    }

    func applied(_ run: LatencyRun, group: UInt16, at now: Instant) {
        record(2 &+ 2 &* place(of: group), run, at: now)
        recordInterval(run, at: now)
    }

    /// A thread produces or consumes, so its intervals hold latencies of one kind.
    private func recordInterval(_ run: LatencyRun, at now: Instant) {
        guard run.count > 0 else { return }
        series.record(now.nanoseconds(since: run.due), count: Int64(run.count))
    }

    private func place(of group: UInt16) -> Int { isByGroup ? Int(group) : 0 }

    private func record(_ label: Int, _ run: LatencyRun, at now: Instant) {
        guard run.count > 0 else { return }
        latency.record(
            label,
            due: run.due.nanoseconds,
            sent: run.sent.nanoseconds,
            done: now.nanoseconds,
            count: Int64(run.count)
        )
    }

    /// Every histogram, by what it is of.
    public func histograms() -> [LabelledHistogram] { latency.histogramsByLabel() }

    /// What happened in each second.
    public func intervals() -> [Interval] { series.intervals() }
}
