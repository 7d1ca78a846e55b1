package import Messaging

/// Time that stands still until it is moved.
package struct VirtualClock: Hashable, Sendable {
    /// The present.
    package private(set) var now: Instant

    /// A clock that shows `start`.
    package init(at start: Instant = .zero) {
        now = start
    }

    /// Moves on to `instant`, which must not lie in the past.
    package mutating func advance(to instant: Instant) {
        precondition(instant >= now, "virtual time does not run backwards")
        now = instant
    }

    /// Moves on by `nanoseconds`.
    package mutating func advance(byNanoseconds nanoseconds: Int64) {
        advance(to: now.advanced(byNanoseconds: nanoseconds))
    }
}
