public import Histories
import Messaging

/// Where a client's records go: a bounded flight recorder, or everything to a sink.
public struct HistoryTap {
    /// How much is kept.
    public enum Mode: String, Sendable, CaseIterable {
        /// Everything; slower, and said so.
        case full
        /// The last records of each client, for the witnesses of anomalies.
        case anomalies
        /// Nothing.
        case none
    }

    /// The most records of one client that `anomalies` keeps.
    public static let flightCapacity = 4096

    /// The most records that all clients of a run keep together: about 40 MB.
    private static let flightTotal = 1 << 18

    /// Takes batches of records in `full` mode; called on the client's thread.
    public typealias Sink = @Sendable (ArraySlice<HistoryRecord>) -> Void

    private let mode: Mode
    private let process: UInt32
    private let sink: Sink?
    private var buffer: [HistoryRecord] = []

    /// What happened last; empty in `none` mode.
    public private(set) var flight: FlightRecorder

    /// A tap of logical process `process`, one of `clients`.
    public init(mode: Mode, process: UInt32, clients: Int, sink: Sink? = nil) {
        self.mode = mode
        self.process = process
        self.sink = sink
        let share = max(32, min(Self.flightCapacity, Self.flightTotal / max(1, clients)))
        flight = FlightRecorder(capacity: mode == .none ? 1 : share)
        if mode == .full { buffer.reserveCapacity(1024) }
    }

    /// Whether one record must be made for each event, with all that is known of it.
    var isFull: Bool { mode == .full }

    /// Whether records are of any use.
    var isOn: Bool { mode != .none }

    mutating func append(_ record: HistoryRecord) {
        guard mode != .none else { return }
        var record = record
        record.process = process
        flight.append(record)
        guard mode == .full else { return }
        buffer.append(record)
        if buffer.count == 1024 { flush() }
    }

    /// Hands what is buffered to the sink.
    public mutating func flush() {
        guard !buffer.isEmpty else { return }
        sink?(buffer[...])
        buffer.removeAll(keepingCapacity: true)
    }
}
