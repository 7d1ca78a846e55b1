import CGyreShims
import LatencyMetrics
import Synchronization

/// What the threads of one trial and their conductor tell one another.
final class TrialSignals: Sendable {
    private enum Phase: Int {
        case gathering, running, stopping, abandoned
    }

    private let phase = Atomic<Int>(Phase.gathering.rawValue)
    private let arrived = Atomic<Int>(0)
    private let gone = Atomic<Int>(0)
    private let usage = Mutex(TrialUsage())

    /// Whether producers shall finish their batch and end.
    @inline(__always)
    var isStopping: Bool { phase.load(ordering: .relaxed) >= Phase.stopping.rawValue }

    /// Whether everybody shall end at once, whatever is still on its way.
    @inline(__always)
    var isAbandoned: Bool { phase.load(ordering: .relaxed) == Phase.abandoned.rawValue }

    /// Tells that a thread is ready, and waits until all are.
    ///
    /// Never sleeps: a late start would be part of the measurement.
    func arrive() {
        arrived.add(1, ordering: .acquiringAndReleasing)
        var patience = Patience(.yield)
        while phase.load(ordering: .acquiring) == Phase.gathering.rawValue { patience.idle() }
    }

    /// Tells that a thread was done at `end`, what it has used, and which share of its time it
    /// waited for a processor.
    func leave(_ used: ThreadUsage, queuedShare: Double?, at end: Int64) {
        usage.withLock { $0.add(used, queuedShare, at: end) }
        gone.add(1, ordering: .acquiringAndReleasing)
    }

    func hasEverybodyArrived(_ threads: Int) -> Bool {
        arrived.load(ordering: .acquiring) == threads
    }

    func hasEverybodyGone(_ threads: Int) -> Bool {
        gone.load(ordering: .acquiring) == threads
    }

    func start() { enter(.running) }
    func stop() { enter(.stopping) }
    func abandon() { enter(.abandoned) }

    private func enter(_ next: Phase) {
        phase.store(next.rawValue, ordering: .releasing)
    }

    /// What all threads together have used.
    var total: TrialUsage { usage.withLock(\.self) }
}

/// What the threads of a trial have used between start and end.
struct TrialUsage {
    var processorNanoseconds: Int64 = 0
    /// `nil` if the allocator does not count.
    var allocatedBytes: Int64? = 0
    var endedAt: Int64 = 0
    /// The largest share of its time, 0 to 1, that a thread waited for a processor; `nil` if the
    /// system does not say.
    var queuedShare: Double? = 0

    mutating func add(_ used: ThreadUsage, _ share: Double?, at end: Int64) {
        processorNanoseconds += used.processorNanoseconds
        if let known = queuedShare, let share {
            queuedShare = max(known, share)
        } else {
            queuedShare = nil
        }
        if let known = allocatedBytes, let bytes = used.allocatedBytes {
            allocatedBytes = known + bytes
        } else {
            allocatedBytes = nil
        }
        endedAt = max(endedAt, end)
    }
}

/// One thread's part in a trial.
struct TrialDuty {
    let signals: TrialSignals
    let batch: Int
    var patience: Patience
    private var begun: (usage: ThreadUsage, at: Int64)?

    init(_ signals: TrialSignals, batch: Int, wait: TrialWait) {
        self.signals = signals
        self.batch = batch
        patience = Patience(wait)
    }

    /// Waits for the others; what the thread uses counts from here on.
    mutating func begin() {
        signals.arrive()
        let now = gyre_monotonic_nanoseconds()
        begun = (.current(), now)
    }

    /// Ends the thread's part.
    func end() {
        guard let begun else { preconditionFailure("a duty that never began has ended") }
        let end = gyre_monotonic_nanoseconds()
        let used = ThreadUsage.current().since(begun.usage)
        // What the thread waits while it reads its counters is part of the span, too.
        let span = gyre_monotonic_nanoseconds() - begun.at
        signals.leave(used, queuedShare: used.queuedShare(of: span), at: end)
    }
}
