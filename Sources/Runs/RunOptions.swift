public import Clients
import Histories
public import Messaging

/// What a caller decides about a run besides its plan.
public struct RunOptions: Sendable {
    /// How much history is kept.
    public var history: HistoryTap.Mode
    /// Takes all records when `history` is `.full`; called on worker threads.
    public var historySink: HistoryTap.Sink?
    /// Told of the run's progress about ten times a second, on the caller's thread.
    public var progress: (@Sendable (RunProgress) -> Void)?
    /// Reads a payload file by its path.
    public var loadFile: @Sendable (String) throws -> [UInt8]
    /// The most processors to use; `nil` for all that the process may run on.
    public var processors: Int?

    /// Options that keep the last records and report no progress.
    public init(loadFile: @escaping @Sendable (String) throws -> [UInt8]) {
        history = .anomalies
        self.loadFile = loadFile
    }
}

/// How far a run is.
public struct RunProgress: Sendable {
    /// What the run is doing.
    public enum Phase: String, Sendable {
        /// Load that does not count.
        case warmup = "warm-up"
        /// Load that counts.
        case measuring
        /// No new load; what is open is finished.
        case draining
    }

    /// What the run is doing.
    public var phase: Phase
    /// Time since the run began.
    public var now: Instant
    /// When the present phase ends at the latest.
    public var phaseEnd: Instant
    /// Events confirmed so far.
    public var confirmed: UInt64
    /// Deliveries so far, over all groups.
    public var delivered: UInt64
}

/// Why a run could not begin.
public enum RunError: Error, CustomStringConvertible {
    /// The driver has no session to offer.
    case driver(DriverFailure)
    /// A payload source is not usable.
    case payload(producer: String, reason: String)
    /// The system gives no more threads.
    case threads(Int)

    /// One sentence: what happened and what to do.
    public var description: String {
        switch self {
        case .driver(let failure): failure.description
        case .payload(let producer, let reason): "producers.\(producer).payload: \(reason)"
        case .threads(let count):
            "the system refused to start \(count) threads; raise `ulimit -u` or use fewer clients"
        }
    }
}
