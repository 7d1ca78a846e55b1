import CGyreShims

/// The processors that the calling thread may run on, and threads that stay on one of them.
package enum UsableProcessors {
    /// The first `count` of them; empty if there are fewer.
    package static func first(_ count: Int) -> [Int32] {
        var processors: [Int32] = []
        var next = gyre_next_allowed_processor(0)
        while next >= 0, processors.count < count {
            processors.append(next)
            next = gyre_next_allowed_processor(next + 1)
        }
        return processors.count == count ? processors : []
    }

    /// Keeps the calling thread on the `index`-th of `processors`.
    ///
    /// Where there is none, or the system knows nothing of the kind, the kernel decides.
    package static func pin(_ index: Int, among processors: [Int32]) {
        guard processors.indices.contains(index) else { return }
        _ = gyre_pin_current_thread(processors[index])
    }
}
