import CGyreShims
import Clients
import HistoryChecks
import LatencyMetrics
import Messaging
import RingCore
import Synchronization

/// One client in the care of a worker: the object that gives a move-only client an address.
final class ProducerSeat {
    var client: ProducerClient

    init(_ client: consuming ProducerClient) {
        self.client = client
    }
}

/// One member in the care of a worker.
final class ConsumerSeat {
    var client: ConsumerClient

    init(_ client: consuming ConsumerClient) {
        self.client = client
    }
}

/// One thread of a run: steps its clients in turn until the conductor says stop.
///
/// The clients, their metrics and the worker itself belong to the thread from its start until it is
/// joined; in between the conductor reads `progress` alone.
final class Worker: @unchecked Sendable {
    // SAFETY: unsynchronised are the seats, the metrics and the usage figures. The conductor fills
    // them before the thread is created and reads them after it was joined; both order memory.
    // Checked by: "a run is free of data races" under ThreadSanitizer.

    /// How long a worker without work sleeps at most, so that phases are noticed.
    private static var parkNanosecondsMax: Int64 { 200_000 }

    /// How long a worker without work stays awake: wake-ups would be part of every latency.
    private static var awakeNanoseconds: Int64 { 1_000_000 }

    let clock: RunClock
    let signals: RunSignals
    let metrics: WorkerMetrics
    let measured: MeasuredWindow
    let progress = WorkerProgress()
    let keepsCore: Bool
    var producers: [ProducerSeat] = []
    var consumers: [ConsumerSeat] = []

    private var rounds: UInt64 = 0

    /// Bytes that the thread allocated in the measured window; `nil` if nobody counts.
    private(set) var allocatedBytes: Int64?
    /// Processor time of the thread in the measured window.
    private(set) var processorNanoseconds: Int64 = 0
    /// The share of the measured window that the thread waited for a processor; `nil` if nobody
    /// says.
    private(set) var queuedShare: Double?

    init(
        clock: RunClock,
        signals: RunSignals,
        metrics: WorkerMetrics,
        measured: MeasuredWindow,
        keepsCore: Bool
    ) {
        self.clock = clock
        self.signals = signals
        self.metrics = metrics
        self.measured = measured
        self.keepsCore = keepsCore
    }

    /// The thread's body.
    func run() {
        do throws(DriverFailure) {
            try work()
        } catch {
            signals.fail(error)
        }
        finish()
    }

    private func work() throws(DriverFailure) {
        var wait = AdaptiveWait(parkNanosecondsMax: Self.parkNanosecondsMax)
        var phase = RunSignals.Phase.loading
        var begun: (usage: ThreadUsage, at: Instant)?
        var idleSince: Instant?
        var idleSteps = 0
        while true {
            let now = clock.now
            if begun == nil, now >= measured.begin { begun = (.current(), now) }
            let next = signals.phase
            if next != phase {
                if next == .stopping { break }
                note(begun)
                begun = nil
                phase = next
                beginDrain(at: now)
            }
            if try step() {
                idleSince = nil
                idleSteps = 0
                wait.reset()
                continue
            }
            if idleSteps & 63 == 0 { publishProgress(isIdle: true) }
            idleSteps &+= 1
            let idle = idleSince ?? now
            idleSince = idle
            if keepsCore, now.nanoseconds(since: idle) < Self.awakeNanoseconds {
                gyre_cpu_pause()
            } else {
                wait.idle()
            }
        }
        if phase == .loading { note(begun) }
    }

    private func step() throws(DriverFailure) -> Bool {
        var hasWorked = false
        for seat in producers where try seat.client.step() { hasWorked = true }
        if consumers.isEmpty || !signals.holdsConsumers {
            for seat in consumers where try seat.client.step() { hasWorked = true }
        }
        rounds &+= 1
        progress.rounds.store(rounds, ordering: .relaxed)
        if hasWorked { publishProgress(isIdle: false) }
        return hasWorked
    }

    private func beginDrain(at now: Instant) {
        for seat in producers { seat.client.beginDrain(at: now) }
        for seat in consumers { seat.client.beginDrain(at: now) }
    }

    private func publishProgress(isIdle: Bool) {
        var sent: UInt64 = 0
        var confirmed: UInt64 = 0
        var crossed: UInt64 = 0
        var delivered: UInt64 = 0
        var applied: UInt64 = 0
        var isSettled = isIdle
        for seat in producers {
            sent &+= seat.client.counts.sent
            confirmed &+= seat.client.counts.confirmed
            crossed &+= seat.client.crossingLedger.confirmed
            isSettled = isSettled && seat.client.isSettled
        }
        for seat in consumers {
            delivered &+= seat.client.counts.delivered
            applied &+= seat.client.counts.applied
            isSettled = isSettled && seat.client.isIdle
        }
        progress.sent.store(sent, ordering: .relaxed)
        progress.confirmed.store(confirmed, ordering: .relaxed)
        progress.crossed.store(crossed, ordering: .relaxed)
        progress.delivered.store(delivered, ordering: .relaxed)
        progress.applied.store(applied, ordering: .relaxed)
        progress.isSettled.store(isSettled, ordering: .releasing)
    }

    private func finish() {
        let now = clock.now
        for seat in producers { seat.client.finish(at: now) }
        for seat in consumers { seat.client.finish(at: now) }
        publishProgress(isIdle: true)
    }

    private func note(_ begun: (usage: ThreadUsage, at: Instant)?) {
        guard let begun else { return }
        let used = ThreadUsage.current().since(begun.usage)
        allocatedBytes = used.allocatedBytes
        processorNanoseconds = used.processorNanoseconds
        queuedShare = used.queuedShare(of: clock.now.nanoseconds(since: begun.at))
    }
}
