/// Counts how often each latency occurred; owned by one thread.
///
/// Nothing is dropped: values beyond the layout are counted as overflow, and negative ones, which
/// only a broken clock gives, as 0 and as negative. `record` takes 1–2 ns and never allocates.
@safe
public struct LatencyHistogram: ~Copyable, @unchecked Sendable {
    // SAFETY: unsynchronised are the counters behind `counts`. The type is not copyable, so they
    // have one owner, and moving it to another thread is a hand-over.
    // Checked by: "a histogram can be handed to another thread".

    /// Which counter a value belongs to.
    public let layout: HistogramLayout
    // Read and written by two subscripts: `counts[i] &+= n`, in a type that cannot be copied,
    // crashes the compiler (Swift 6.3.1) where it instruments for the thread sanitizer.
    @usableFromInline let counts: UnsafeMutablePointer<Int64>
    @usableFromInline var lowestSeen: Int64
    @usableFromInline var highestSeen: Int64
    @usableFromInline var negatives: Int64
    @usableFromInline var overflows: Int64

    /// A histogram that has seen nothing; its memory is touched now, not later.
    public init(_ layout: HistogramLayout = .nanosecondsToOneHour) {
        self.layout = layout
        // SAFETY: initialised as a whole by the next line.
        unsafe counts = .allocate(capacity: layout.counters)
        unsafe counts.initialize(repeating: 0, count: layout.counters)
        (lowestSeen, highestSeen, negatives, overflows) = (.max, .min, 0, 0)
    }

    deinit {
        // SAFETY: the only owner ends; counters are trivial.
        unsafe counts.deallocate()
    }

    /// Counts `value`, in nanoseconds, `count` times.
    @inlinable
    public mutating func record(_ value: Int64, count: Int64 = 1) {
        lowestSeen = min(lowestSeen, value)
        highestSeen = max(highestSeen, value)
        guard UInt64(bitPattern: value) <= UInt64(bitPattern: layout.highestTrackable) else {
            return recordOutside(value, count: count)
        }
        let index = layout.index(of: value)
        // SAFETY: 0 <= value <= highestTrackable, whose index is the last counter.
        unsafe counts[index] = counts[index] &+ count
    }

    @usableFromInline
    mutating func recordOutside(_ value: Int64, count: Int64) {
        if value < 0 {
            negatives &+= count
            // SAFETY: a layout has at least two counters.
            unsafe counts[0] = counts[0] &+ count
        } else {
            overflows &+= count
        }
    }

    /// Adds all that `other`, of the same layout, has seen.
    public mutating func merge(_ other: borrowing LatencyHistogram) {
        precondition(layout == other.layout, "only histograms of one layout can be merged")
        for index in 0..<layout.counters {
            // SAFETY: index < counters of both.
            unsafe counts[index] = counts[index] &+ other.counts[index]
        }
        lowestSeen = min(lowestSeen, other.lowestSeen)
        highestSeen = max(highestSeen, other.highestSeen)
        negatives &+= other.negatives
        overflows &+= other.overflows
    }

    /// Forgets everything.
    public mutating func reset() {
        // SAFETY: all counters were initialised in `init`.
        unsafe counts.update(repeating: 0, count: layout.counters)
        (lowestSeen, highestSeen, negatives, overflows) = (.max, .min, 0, 0)
    }

    /// What it has seen until now, as a value.
    ///
    /// Allocates; not for the hot path.
    public func snapshot() -> HistogramSnapshot {
        var runs: [Int64] = []
        var zeros: Int64 = 0
        for index in 0..<layout.counters {
            // SAFETY: index < counters.
            let count = unsafe counts[index]
            guard count != 0 else {
                zeros += 1
                continue
            }
            if zeros > 0 { runs.append(-zeros) }
            zeros = 0
            runs.append(count)
        }
        return HistogramSnapshot(
            layout: layout,
            runs: runs,
            lowest: lowestSeen == .max && highestSeen == .min ? nil : lowestSeen,
            highest: highestSeen == .min ? nil : highestSeen,
            negatives: negatives,
            overflows: overflows
        )
    }
}
