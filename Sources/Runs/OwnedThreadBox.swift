import CGyreShims
import LatencyMetrics

/// A thread among others in an array, joined once.
final class OwnedThreadBox {
    private var thread: OwnedThread?

    init(_ thread: consuming OwnedThread) {
        self.thread = consume thread
    }

    func join() {
        thread.take()?.join()
    }
}

/// Puts the calling thread to sleep for about `nanoseconds`.
func parkThread(nanoseconds: Int64) {
    gyre_park_nanoseconds(nanoseconds)
}
