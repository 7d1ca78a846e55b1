import CGyreShims
import Foundation
import RingCore

/// A place for an end that a thread's closure can reach.
final class End<Value: ~Copyable>: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) each test hands an end to one thread, and touches it before
    // that thread starts or after it was joined only.
    var value: Value
    init(_ value: consuming Value) { self.value = value }
}

/// Runs bodies on threads of their own and returns when all have ended.
func runThreads(_ bodies: [@Sendable () -> Void]) {
    let latch = Latch(bodies.count)
    for body in bodies {
        Thread {
            body()
            latch.countDown()
        }.start()
    }
    latch.wait()
}

private final class Latch: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) the count is touched under the condition's lock only.
    private let condition = NSCondition()
    private var count: Int

    init(_ count: Int) { self.count = count }

    func countDown() {
        condition.lock()
        count -= 1
        condition.broadcast()
        condition.unlock()
    }

    func wait() {
        condition.lock()
        while count > 0 { condition.wait() }
        condition.unlock()
    }
}

/// An adaptive wait that ends: a ring that loses an element fails its test instead of hanging it.
struct Patience {
    private var wait = AdaptiveWait()
    private var waitingSince: Int64?
    static let nanoseconds: Int64 = 20_000_000_000

    /// Waits a little; false when nothing has happened for twenty seconds.
    mutating func idle() -> Bool {
        let now = gyre_monotonic_nanoseconds()
        let start = waitingSince ?? now
        waitingSince = start
        wait.idle()
        return now - start < Self.nanoseconds
    }

    mutating func reset() {
        wait.reset()
        waitingSince = nil
    }
}
