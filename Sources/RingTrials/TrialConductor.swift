import CGyreShims
import LatencyMetrics

/// Starts the threads of a trial together, lets them run, and sees to it that they end.
struct TrialConductor {
    /// A look at whether the user wants to end: rare, as it takes a processor from a trial.
    private static let lookNanoseconds: Int64 = 50_000_000
    private static let drainLookNanoseconds: Int64 = 200_000

    let wait: TrialWait
    let batch: Int
    /// After how many looks in vain a trial is given up: a minute, as a pinned thread has been
    /// seen to wait ten seconds for its processor on a machine with too much to do.
    ///
    /// Looks, not time: a process that was stopped and goes on later has not been stuck.
    var drainLooksMax = 300_000

    func run(
        _ parts: TrialParts,
        _ nanoseconds: Int64,
        _ isInterrupted: () -> Bool
    ) throws(TrialError) -> TrialSample {
        let signals = TrialSignals()
        let threads = try start(parts, signals)
        let began = gyre_monotonic_nanoseconds()
        signals.start()
        let end = began + nanoseconds
        while !isInterrupted() {
            let left = end - gyre_monotonic_nanoseconds()
            guard left > 0 else { break }
            gyre_park_nanoseconds(min(left, Self.lookNanoseconds))
        }
        signals.stop()
        let isStuck = !waitForEnd(of: threads.count, signals)
        for thread in threads { thread.join() }
        var faults = TrialFaults()
        for stream in parts.streams { faults.add(stream.faults) }
        faults.isStuck = isStuck
        let used = signals.total
        return TrialSample(
            items: parts.streams[0].published,
            nanoseconds: used.endedAt - began,
            processorNanoseconds: used.processorNanoseconds,
            allocatedBytes: used.allocatedBytes,
            queuedShare: used.queuedShare,
            faults: faults
        )
    }

    /// Creates the threads and waits until all are ready.
    private func start(
        _ parts: TrialParts,
        _ signals: TrialSignals
    ) throws(TrialError) -> [JoinableThread] {
        // A processor for each, or the kernel shares them out.
        let processors = UsableProcessors.first(parts.bodies.count)
        var threads: [JoinableThread] = []
        for (index, body) in parts.bodies.enumerated() {
            let duty = TrialDuty(signals, batch: batch, wait: wait)
            let thread = JoinableThread {
                UsableProcessors.pin(index, among: processors)
                body(duty)
            }
            guard let thread else {
                signals.abandon()
                for thread in threads { thread.join() }
                throw .threads(parts.bodies.count)
            }
            threads.append(thread)
        }
        while !signals.hasEverybodyArrived(threads.count) { gyre_park_nanoseconds(20_000) }
        return threads
    }

    /// Whether everybody ended by themselves; if not they are made to.
    private func waitForEnd(of threads: Int, _ signals: TrialSignals) -> Bool {
        var looks = 0
        while !signals.hasEverybodyGone(threads) {
            guard looks < drainLooksMax else {
                signals.abandon()
                return false
            }
            looks += 1
            gyre_park_nanoseconds(Self.drainLookNanoseconds)
        }
        return true
    }
}
