import Messaging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Real time since it was made, and waiting with an end.
struct ConformanceClock: Sendable {
    private let start = ContinuousClock.now

    /// What to pass to the ends.
    var now: Instant {
        Instant(nanoseconds: start.duration(to: .now).wholeNanoseconds)
    }

    /// Calls `isDone` until it says so; `false` if it did not within `limit`.
    func wait(_ limit: Duration = .seconds(20), until isDone: () throws -> Bool) rethrows -> Bool {
        let deadline = now.advanced(byNanoseconds: limit.wholeNanoseconds)
        while try !isDone() {
            guard now < deadline else { return false }
            sched_yield()
        }
        return true
    }
}
