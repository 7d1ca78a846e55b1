import Foundation
import Testing

/// Ends the process when a test does not end.
///
/// A call of a ring that never returns would hold up the whole run, and all that other tests have
/// found. Models need no watchdog: every step of theirs is counted.
struct Watchdog: SuiteTrait, TestTrait, TestScoping {
    /// Far more than any test takes on a busy machine under the thread sanitizer.
    static let seconds: TimeInterval = 600

    let isRecursive = true

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        let watch = Watch()
        let name = test.displayName ?? test.name
        Thread {
            if !watch.ends(before: Date(timeIntervalSinceNow: Self.seconds)) {
                preconditionFailure("\"\(name)\" has not ended after \(Self.seconds) s")
            }
        }.start()
        defer { watch.end() }
        try await function()
    }

    fileprivate final class Watch: @unchecked Sendable {
        // SAFETY: (unchecked Sendable) the flag is touched under the condition's lock only.
        private let condition = NSCondition()
        private var hasEnded = false

        func end() {
            condition.withLock {
                hasEnded = true
                condition.signal()
            }
        }

        func ends(before limit: Date) -> Bool {
            condition.withLock {
                while !hasEnded { guard condition.wait(until: limit) else { return hasEnded } }
                return true
            }
        }
    }
}

extension Trait where Self == Watchdog {
    /// A test of the suite that does not end ends the process.
    static var watchdog: Self { Watchdog() }
}

/// Ends a process that must trap, and hangs instead, as if nothing were wrong.
func endUnlessTrapped() {
    let watch = Watchdog.Watch()
    Thread { if !watch.ends(before: Date(timeIntervalSinceNow: 20)) { exit(0) } }.start()
}
