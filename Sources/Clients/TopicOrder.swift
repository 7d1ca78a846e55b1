public import HistoryChecks
import Synchronization

/// What producers and groups tell of the order of one topic, where one order for all is asked for.
///
/// They live on different threads; each takes the lock once a batch.
public final class TopicOrder: Sendable {
    private let shared: Mutex<OrderLedger>

    /// Wraps an empty ledger.
    public init(_ ledger: OrderLedger) {
        shared = Mutex(ledger)
    }

    /// The ledger as it stands.
    public var ledger: OrderLedger { shared.withLock { $0 } }

    /// Tells the ledger something.
    func note(_ change: (inout OrderLedger) -> Void) {
        shared.withLock { change(&$0) }
    }
}
