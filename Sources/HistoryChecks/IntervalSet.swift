/// A set of numbers kept as sorted, disjoint, never touching intervals.
///
/// Bounded: beyond `capacity` intervals it forgets what it is given and says so.
/// Cost: O(log intervals) to find, O(chunk) to change; appending at the end is O(1).
struct IntervalSet: Sendable {
    /// No chunk is empty; each is small enough that inserting into it is a short move.
    private var chunks: [[Range<UInt64>]] = []
    private let capacity: Int
    private static let chunkSize = 512

    /// How many intervals it holds.
    private(set) var intervals = 0
    /// How many numbers it holds.
    private(set) var count: UInt64 = 0
    /// Whether numbers were forgotten.
    private(set) var isExhausted = false

    init(capacity: Int = 1 << 20) {
        self.capacity = capacity
    }

    var isEmpty: Bool { count == 0 }

    func contains(_ n: UInt64) -> Bool {
        guard count > 0, let place = place(of: n) else { return false }
        return chunks[place.chunk][place.index].contains(n)
    }

    /// Adds the numbers of `range` that it does not hold yet.
    mutating func insert(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        if let last = chunks.last?.last, range.lowerBound < last.upperBound {
            for n in range { insertOne(n) }
        } else {
            append(range)
        }
    }

    /// Removes `n`; says whether it was there.
    @discardableResult
    mutating func remove(_ n: UInt64) -> Bool {
        guard count > 0, let place = place(of: n) else { return false }
        let found = chunks[place.chunk][place.index]
        guard found.contains(n) else { return false }
        count -= 1
        switch (found.lowerBound == n, found.upperBound == n + 1) {
        case (true, true): removeInterval(at: place)
        case (true, false): chunks[place.chunk][place.index] = n + 1..<found.upperBound
        case (false, true): chunks[place.chunk][place.index] = found.lowerBound..<n
        case (false, false):
            chunks[place.chunk][place.index] = found.lowerBound..<n
            insertInterval(n + 1..<found.upperBound, after: place)
        }
        return true
    }

    /// Its intervals clipped to `bounds`, in order.
    func ranges(in bounds: Range<UInt64>) -> [Range<UInt64>] {
        guard count > 0, !bounds.isEmpty else { return [] }
        var result: [Range<UInt64>] = []
        var place = place(of: bounds.lowerBound) ?? Place(chunk: 0, index: 0)
        while place.chunk < chunks.count {
            for interval in chunks[place.chunk][place.index...] {
                guard interval.lowerBound < bounds.upperBound else { return result }
                let clipped = interval.clamped(to: bounds)
                if !clipped.isEmpty { result.append(clipped) }
            }
            place = Place(chunk: place.chunk + 1, index: 0)
        }
        return result
    }

    private struct Place {
        var chunk: Int
        var index: Int
    }

    /// Where the last interval lies that begins at or below `n`.
    private func place(of n: UInt64) -> Place? {
        let chunk = Self.lastIndex(count: chunks.count) { chunks[$0][0].lowerBound <= n }
        guard let chunk else { return nil }
        let candidates = chunks[chunk]
        let index = Self.lastIndex(count: candidates.count) { candidates[$0].lowerBound <= n }
        return index.map { Place(chunk: chunk, index: $0) }
    }

    private static func lastIndex(count: Int, where holds: (Int) -> Bool) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }

    private mutating func append(_ range: Range<UInt64>) {
        let last = chunks.count - 1
        if last >= 0, let end = chunks[last].last, end.upperBound == range.lowerBound {
            chunks[last][chunks[last].count - 1] = end.lowerBound..<range.upperBound
        } else {
            guard intervals < capacity else {
                isExhausted = true
                return
            }
            intervals += 1
            if last >= 0, chunks[last].count < Self.chunkSize {
                chunks[last].append(range)
            } else {
                chunks.append([range])
            }
        }
        count += UInt64(range.count)
    }

    private mutating func insertOne(_ n: UInt64) {
        guard let place = place(of: n) else { return insertFirst(n) }
        let before = chunks[place.chunk][place.index]
        guard !before.contains(n) else { return }
        let next = following(place)
        let touchesNext = next.map { chunks[$0.chunk][$0.index].lowerBound == n + 1 } ?? false
        if before.upperBound == n {
            var upper = n + 1
            if touchesNext, let next {
                upper = chunks[next.chunk][next.index].upperBound
                removeInterval(at: next)
            }
            chunks[place.chunk][place.index] = before.lowerBound..<upper
        } else if touchesNext, let next {
            chunks[next.chunk][next.index] = n..<chunks[next.chunk][next.index].upperBound
        } else {
            guard intervals < capacity else {
                isExhausted = true
                return
            }
            insertInterval(n..<n + 1, after: place)
        }
        count += 1
    }

    private mutating func insertFirst(_ n: UInt64) {
        guard !chunks.isEmpty else { return append(n..<n + 1) }
        let first = chunks[0][0]
        if first.lowerBound == n + 1 {
            chunks[0][0] = n..<first.upperBound
        } else {
            guard intervals < capacity else {
                isExhausted = true
                return
            }
            intervals += 1
            chunks[0].insert(n..<n + 1, at: 0)
        }
        count += 1
    }

    private func following(_ place: Place) -> Place? {
        if place.index + 1 < chunks[place.chunk].count {
            return Place(chunk: place.chunk, index: place.index + 1)
        }
        return place.chunk + 1 < chunks.count ? Place(chunk: place.chunk + 1, index: 0) : nil
    }

    /// Splitting what it holds is always allowed: it may pass the capacity by that much.
    private mutating func insertInterval(_ interval: Range<UInt64>, after place: Place) {
        intervals += 1
        chunks[place.chunk].insert(interval, at: place.index + 1)
        guard chunks[place.chunk].count > Self.chunkSize else { return }
        let half = chunks[place.chunk].count / 2
        let upper = Array(chunks[place.chunk][half...])
        chunks[place.chunk].removeLast(upper.count)
        chunks.insert(upper, at: place.chunk + 1)
    }

    private mutating func removeInterval(at place: Place) {
        intervals -= 1
        chunks[place.chunk].remove(at: place.index)
        if chunks[place.chunk].isEmpty { chunks.remove(at: place.chunk) }
    }
}

extension Range<UInt64> {
    /// What is left of it without `holes`, which are sorted and lie inside it.
    func cut(by holes: [Range<UInt64>]) -> [Range<UInt64>] {
        var rest: [Range<UInt64>] = []
        var start = lowerBound
        for hole in holes {
            if start < hole.lowerBound { rest.append(start..<hole.lowerBound) }
            start = hole.upperBound
        }
        if start < upperBound { rest.append(start..<upperBound) }
        return rest
    }
}
