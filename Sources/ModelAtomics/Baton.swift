internal import Foundation

/// A place where one thread waits until another gives it the turn.
///
/// Built on a condition because that is what the thread sanitizer follows.
final class Baton: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) `isGiven` is read and written under the condition's lock only.
    // Checked by: every model test under the thread sanitizer.
    private let condition = NSCondition()
    private var isGiven = false

    func give() {
        condition.lock()
        isGiven = true
        condition.signal()
        condition.unlock()
    }

    func take() {
        condition.lock()
        while !isGiven { condition.wait() }
        isGiven = false
        condition.unlock()
    }
}
