internal import Messaging

/// The hash of everything that a trial did, in order: equal traces have equal hashes.
package struct TraceHash: Hashable, Sendable {
    /// The hash so far.
    package private(set) var value: UInt64 = 0

    /// Of an empty trace.
    package init() {}

    /// Adds one step: what it was and what it was done to.
    package mutating func add(_ step: UInt64, _ object: UInt64) {
        value = KeyedHash(seed: 0).hash(value, step, object)
    }
}
