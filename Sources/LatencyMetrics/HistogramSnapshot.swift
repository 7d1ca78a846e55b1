/// What a histogram has seen: a value that can be stored, merged and asked for percentiles.
public struct HistogramSnapshot: Hashable, Sendable {
    /// One counter that is not zero.
    public struct Bucket: Hashable, Sendable {
        /// The least value counted here.
        public var lowest: Int64
        /// The greatest value counted here.
        public var highest: Int64
        /// How often.
        public var count: Int64
    }

    /// Which counter a value belongs to.
    public let layout: HistogramLayout
    /// The counters from the first on: a count, or −n for n counters in a row that are zero.
    public private(set) var runs: [Int64]
    /// The least value, exactly; `nil` if there is none.
    public private(set) var lowest: Int64?
    /// The greatest value, exactly; `nil` if there is none.
    public private(set) var highest: Int64?
    /// How many values were negative; they are counted as 0.
    public private(set) var negatives: Int64
    /// How many values were beyond the layout; they have no counter.
    public private(set) var overflows: Int64
    /// How many values there are, negatives and overflows included.
    public private(set) var total: Int64

    /// Nothing seen.
    public init(layout: HistogramLayout = .nanosecondsToOneHour) {
        self.init(
            layout: layout,
            runs: [],
            lowest: nil,
            highest: nil,
            negatives: 0,
            overflows: 0
        )
    }

    init(
        layout: HistogramLayout,
        runs: [Int64],
        lowest: Int64?,
        highest: Int64?,
        negatives: Int64,
        overflows: Int64
    ) {
        self.layout = layout
        self.runs = runs
        self.lowest = lowest
        self.highest = highest
        self.negatives = negatives
        self.overflows = overflows
        total = runs.reduce(overflows) { $0 + max(0, $1) }
    }

    /// How many values were 0, or negative and so counted as 0.
    public var zeros: Int64 { max(0, runs.first ?? 0) }

    /// The counters that are not zero, in ascending order.
    public var buckets: [Bucket] {
        var index = 0
        var buckets: [Bucket] = []
        for run in runs {
            guard run > 0 else {
                index += Int(-run)
                continue
            }
            buckets.append(
                Bucket(
                    lowest: layout.lowestValue(at: index),
                    highest: layout.highestValue(at: index),
                    count: run
                )
            )
            index += 1
        }
        return buckets
    }

    /// The value that `percentile` per cent of all values do not exceed; `nil` if there are none.
    ///
    /// HdrHistogram's rule: the ⌈percentile × total / 100⌉th value in ascending order, as the
    /// greatest value of its counter, but never above the greatest value seen. Among overflows it
    /// is
    /// the greatest value seen.
    public func value(atPercentile percentile: Double) -> Int64? {
        guard let highest, total > 0 else { return nil }
        // One step down, so that rounding in the product cannot ask for one value too many.
        let requested = min(max(percentile.nextDown, 0), 100)
        let wanted = max(1, Int64((requested * Double(total) / 100).rounded(.up)))
        var passed: Int64 = 0
        var index = 0
        for run in runs {
            guard run > 0 else {
                index += Int(-run)
                continue
            }
            passed += run
            if passed >= wanted { return min(layout.highestValue(at: index), max(0, highest)) }
            index += 1
        }
        return highest
    }

    /// The mean in nanoseconds, by the middles of the counters; `nil` without values.
    ///
    /// An overflow counts as the greatest value seen, so the mean is then an upper estimate.
    public var mean: Double? {
        guard let highest, total > 0 else { return nil }
        var sum = Double(overflows) * Double(highest)
        for bucket in buckets {
            let middle = Double(bucket.lowest) + Double(bucket.highest - bucket.lowest) / 2
            sum += middle * Double(bucket.count)
        }
        return sum / Double(total)
    }

    /// Adds what `other`, of the same layout, has seen.
    public mutating func merge(_ other: HistogramSnapshot) {
        precondition(layout == other.layout, "only histograms of one layout can be merged")
        var sum = LatencyHistogram(layout)
        sum.add(self)
        sum.add(other)
        self = sum.snapshot()
    }
}

extension LatencyHistogram {
    /// Adds what `snapshot`, of the same layout, has seen.
    public mutating func add(_ snapshot: HistogramSnapshot) {
        precondition(layout == snapshot.layout, "only histograms of one layout can be merged")
        var index = 0
        for run in snapshot.runs {
            guard run > 0 else {
                index += Int(-run)
                continue
            }
            precondition(index < layout.counters, "the snapshot has more counters than its layout")
            // SAFETY: index < counters.
            unsafe counts[index] = counts[index] &+ run
            index += 1
        }
        if let lowest = snapshot.lowest { lowestSeen = min(lowestSeen, lowest) }
        if let highest = snapshot.highest { highestSeen = max(highestSeen, highest) }
        negatives &+= snapshot.negatives
        overflows &+= snapshot.overflows
    }
}

extension HistogramSnapshot: Codable {
    private enum CodingKeys: CodingKey {
        case halfMagnitude, highestTrackable, runs, lowest, highest, negatives, overflows
    }

    /// Reads a snapshot; refuses counters beyond its layout.
    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        let half = try box.decode(Int.self, forKey: .halfMagnitude)
        let highest = try box.decode(Int64.self, forKey: .highestTrackable)
        guard (1..<24).contains(half), highest > 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: .halfMagnitude,
                in: box,
                debugDescription: "no histogram has this layout"
            )
        }
        let layout = HistogramLayout(halfMagnitude: half, highest: highest)
        let runs = try box.decode([Int64].self, forKey: .runs)
        var counters = 0
        for run in runs {
            // A huge negative run must not overflow the sum.
            counters += run > 0 ? 1 : Int(min(Int64(layout.counters) + 1, -max(run, -.max)))
            guard run != 0, counters <= layout.counters else {
                throw DecodingError.dataCorruptedError(
                    forKey: .runs,
                    in: box,
                    debugDescription: "the histogram has more counters than its layout"
                )
            }
        }
        self.init(
            layout: layout,
            runs: runs,
            lowest: try box.decodeIfPresent(Int64.self, forKey: .lowest),
            highest: try box.decodeIfPresent(Int64.self, forKey: .highest),
            negatives: try box.decode(Int64.self, forKey: .negatives),
            overflows: try box.decode(Int64.self, forKey: .overflows)
        )
    }

    /// Writes the snapshot, zeros run-length encoded.
    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(layout.halfMagnitude, forKey: .halfMagnitude)
        try box.encode(layout.highestTrackable, forKey: .highestTrackable)
        try box.encode(runs, forKey: .runs)
        try box.encodeIfPresent(lowest, forKey: .lowest)
        try box.encodeIfPresent(highest, forKey: .highest)
        try box.encode(negatives, forKey: .negatives)
        try box.encode(overflows, forKey: .overflows)
    }
}
