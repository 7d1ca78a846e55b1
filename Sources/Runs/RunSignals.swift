import Messaging
import Synchronization

/// What the conductor and its workers tell one another: all words of the run that threads share.
public final class RunSignals: Sendable {
    /// How far the run is.
    enum Phase: Int {
        case loading
        case draining
        case stopping
    }

    private let phaseWord = Atomic<Int>(Phase.loading.rawValue)
    private let askInterrupted: @Sendable () -> Bool
    private let heldWord = Atomic<Bool>(false)
    private let failure = Mutex<DriverFailure?>(nil)

    /// Signals of a run that has not begun; `isInterrupted` says whether the user wants it to end.
    public init(isInterrupted: @escaping @Sendable () -> Bool = { false }) {
        askInterrupted = isInterrupted
    }

    /// Whether consumers wait while a backlog builds up.
    var holdsConsumers: Bool { heldWord.load(ordering: .relaxed) }

    func holdConsumers(_ holds: Bool) {
        heldWord.store(holds, ordering: .relaxed)
    }

    /// How far the run is.
    ///
    /// Acquiring: what the conductor did before is visible.
    var phase: Phase { Phase(rawValue: phaseWord.load(ordering: .acquiring)) ?? .stopping }

    /// Goes on to a later phase.
    func enter(_ phase: Phase) {
        phaseWord.store(phase.rawValue, ordering: .releasing)
    }

    /// Whether the user wants the run to end: it drains and records.
    public var isInterrupted: Bool { askInterrupted() }

    /// The broker is gone; the first reason is kept, and everybody stops.
    func fail(_ reason: DriverFailure) {
        failure.withLock { if $0 == nil { $0 = reason } }
        enter(.stopping)
    }

    /// Why the broker is gone, if it is.
    var driverFailure: DriverFailure? { failure.withLock { $0 } }
}

/// What one worker has done so far, for progress and for knowing when everything is drained.
///
/// Written by its worker after each step, relaxed: readers want recent, not exact numbers.
final class WorkerProgress: Sendable {
    let sent = Atomic<UInt64>(0)
    let confirmed = Atomic<UInt64>(0)
    let crossed = Atomic<UInt64>(0)
    let delivered = Atomic<UInt64>(0)
    let applied = Atomic<UInt64>(0)
    /// How often every client of the worker had its turn.
    let rounds = Atomic<UInt64>(0)
    /// Set when all clients of the worker have nothing open, cleared when they have.
    let isSettled = Atomic<Bool>(false)
}
