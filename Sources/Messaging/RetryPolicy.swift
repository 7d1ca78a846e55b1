/// How long to wait before the next attempt.
public enum Backoff: Hashable, Sendable {
    /// At once.
    case none
    /// Always the same wait.
    case fixed(Duration)
    /// `base` × `factor`^(attempt − 1), at most `cap`.
    case exponential(base: Duration, factor: Double, cap: Duration, jitter: Jitter)

    /// How a computed wait is spread, so that retries do not come in waves.
    /// - Note: the names are those of Marc Brooker, "Exponential Backoff And Jitter", AWS, 2015.
    public enum Jitter: String, Hashable, Sendable, CaseIterable {
        /// The computed wait itself.
        case none
        /// Uniform in 0 ... wait.
        case full
        /// Half of the wait, and uniform in 0 ... half on top.
        case equal
    }

    /// The wait after failed attempt number `attempt` (from 1); `draw` is uniform in 0 ..< 1.
    public func nanoseconds(afterAttempt attempt: Int, draw: Double) -> Int64 {
        switch self {
        case .none: return 0
        case .fixed(let wait): return wait.wholeNanoseconds
        case .exponential(let base, let factor, let cap, let jitter):
            let limit = Double(cap.wholeNanoseconds)
            var wait = Double(base.wholeNanoseconds)
            for _ in 1..<max(1, attempt) where wait < limit { wait *= factor }
            wait = min(wait, limit)
            return switch jitter {
            case .none: Int64(wait)
            case .full: Int64(wait * draw)
            case .equal: Int64(wait / 2 + wait / 2 * draw)
            }
        }
    }

    /// The longest wait it can ask for.
    public var longestNanoseconds: Int64 {
        switch self {
        case .none: 0
        case .fixed(let wait): wait.wholeNanoseconds
        case .exponential(_, _, let cap, _): cap.wholeNanoseconds
        }
    }

    /// The shortest wait it can ask for after failed attempt number `attempt`.
    public func shortestNanoseconds(afterAttempt attempt: Int) -> Int64 {
        nanoseconds(afterAttempt: attempt, draw: 0)
    }
}

/// How often, and after which waits, something is tried again.
public struct RetryPolicy: Hashable, Sendable {
    /// Attempts in all, the first included.
    public var attempts: Int
    /// The wait between two of them.
    public var backoff: Backoff

    /// Makes a policy.
    public init(attempts: Int, backoff: Backoff) {
        self.attempts = attempts
        self.backoff = backoff
    }

    /// One attempt and no more.
    public static var never: RetryPolicy { RetryPolicy(attempts: 1, backoff: .none) }
}
