import Foundation

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
