import CGyreShims
import RingCore

/// What a thread of a trial does when there is nothing for it to do.
public enum TrialWait: String, CaseIterable, Hashable, Sendable {
    /// Tries again at once.
    case spin
    /// Tries again after the processor's pause hint.
    case pause
    /// Pauses 16 times, then gives the processor away before each attempt.
    case yield
    /// Pauses, then yields, then sleeps for growing spans.
    case adaptive

    /// Spins where every thread has a processor, else adapts.
    public static func suited(to threads: Int, processors: Int) -> TrialWait {
        threads <= processors ? .spin : .adaptive
    }
}

/// A thread's waiting, from its first attempt in vain to the next success.
struct Patience {
    private let wait: TrialWait
    private var isWaiting = false
    private var attempts = 0
    private var adaptive = AdaptiveWait()

    init(_ wait: TrialWait) { self.wait = wait }

    @inline(__always)
    mutating func idle() {
        guard wait != .spin else { return }
        isWaiting = true
        idleSlowly()
    }

    private mutating func idleSlowly() {
        switch wait {
        case .spin: break
        case .pause: gyre_cpu_pause()
        case .yield:
            attempts &+= 1
            if attempts <= AdaptiveWait.spins { gyre_cpu_pause() } else { gyre_yield_thread() }
        case .adaptive: adaptive.idle()
        }
    }

    @inline(__always)
    mutating func reset() {
        guard isWaiting else { return }
        isWaiting = false
        attempts = 0
        adaptive.reset()
    }
}
