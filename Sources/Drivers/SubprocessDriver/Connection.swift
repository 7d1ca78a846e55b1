import Messaging
import Synchronization

/// Lets the ends of several threads share one conversation.
///
/// Whoever calls an end moves the bytes of all of them.
// SAFETY: `wire`, every lane and every book are touched only inside `locked`, so each access
// happens after the unlocking that followed the one before.
// Checked by: "ends work on threads of their own" under the thread sanitizer.
final class Connection: @unchecked Sendable {
    private let gate = Mutex(())
    private let wire: Wire

    /// Shares `wire`, which its maker gives up.
    init(_ wire: Wire) {
        self.wire = wire
    }

    /// Calls `body` while no other thread is inside.
    func locked<Result, Failure>(
        _ body: (Wire) throws(Failure) -> Result
    ) throws(Failure)
        -> Result
    {
        try gate.withLock { _ throws(Failure) in try body(wire) }
    }
}
