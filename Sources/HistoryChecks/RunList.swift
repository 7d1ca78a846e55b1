import DequeModule

/// What is known of the numbers of a lane, as runs of one value in ascending order.
///
/// Bounded: beyond `capacity` runs the oldest are forgotten. Cost: O(1) at the end, O(log runs) to
/// find, O(runs behind it) to change one in the middle.
struct RunList<Value: Equatable & Sendable>: Sendable {
    private struct Run: Sendable {
        var n: UInt64
        var count: UInt64
        var value: Value

        var end: UInt64 { n &+ count }
    }

    private var runs: Deque<Run> = []
    private let capacity: Int

    /// One more than the highest number that was added.
    private(set) var reached: UInt64 = 0
    /// Of numbers below it something may have been forgotten.
    private(set) var forgottenBelow: UInt64 = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// The value of `n` and the end of the run that has it.
    func find(_ n: UInt64) -> (value: Value, end: UInt64)? {
        guard let index = index(of: n), n < runs[index].end else { return nil }
        return (runs[index].value, runs[index].end)
    }

    /// Gives the numbers of `range`, which have no value yet, this one.
    mutating func insert(_ range: Range<UInt64>, _ value: Value) {
        guard !range.isEmpty else { return }
        let run = Run(n: range.lowerBound, count: UInt64(range.count), value: value)
        if range.lowerBound >= reached {
            reached = range.upperBound
            append(run)
        } else {
            let index = index(of: run.n).map { $0 + 1 } ?? 0
            runs.insert(run, at: index)
        }
        guard runs.count > capacity, let oldest = runs.popFirst() else { return }
        forgottenBelow = max(forgottenBelow, oldest.end)
    }

    /// Changes the values of those numbers of `range` that have one.
    mutating func update(_ range: Range<UInt64>, _ change: (inout Value) -> Void) {
        var n = range.lowerBound
        while n < range.upperBound {
            guard let index = index(of: n), n < runs[index].end else {
                n += 1
                continue
            }
            let end = min(range.upperBound, runs[index].end)
            change(&runs[cutOut(n..<end, at: index)].value)
            n = end
        }
    }

    private mutating func append(_ run: Run) {
        if let last = runs.last, last.end == run.n, last.value == run.value {
            runs[runs.count - 1].count += run.count
        } else {
            runs.append(run)
        }
    }

    /// Makes `range`, a part of the run at `index`, a run of its own and says where it is.
    private mutating func cutOut(_ range: Range<UInt64>, at index: Int) -> Int {
        let whole = runs[index]
        var place = index
        if whole.end > range.upperBound {
            let rest = Run(
                n: range.upperBound,
                count: whole.end - range.upperBound,
                value: whole.value
            )
            runs[index].count -= rest.count
            runs.insert(rest, at: index + 1)
        }
        if whole.n < range.lowerBound {
            let part = Run(n: range.lowerBound, count: UInt64(range.count), value: whole.value)
            runs[index].count -= part.count
            place += 1
            runs.insert(part, at: place)
        }
        return place
    }

    /// Where the last run lies that begins at or below `n`.
    private func index(of n: UInt64) -> Int? {
        guard let last = runs.last else { return nil }
        if last.n <= n { return runs.count - 1 }
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].n <= n { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}
