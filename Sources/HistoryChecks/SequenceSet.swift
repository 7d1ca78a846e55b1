/// A set of dense sequence numbers that mostly arrive in order.
///
/// Everything below `low` is in it but for `gaps`; above lies a sliding bitmap. In order it costs
/// one comparison a number. Holes that fall out of the bitmap become intervals; when those
/// exceed their bound, `isExhausted` says that the set can no longer tell.
public struct SequenceSet: Sendable {
    /// The first number that the bitmap speaks of.
    private(set) var low: UInt64 = 0
    private var pending = 0
    private var words: [UInt64] = []
    private var gaps: IntervalSet

    /// Bits of the bitmap: how far ahead a number may be before holes become intervals.
    static let window: UInt64 = 1 << 15

    /// How many numbers it holds.
    public private(set) var count: UInt64 = 0

    /// Whether holes were forgotten: absence can no longer be told.
    public var isExhausted: Bool { gaps.isExhausted }

    /// An empty set that remembers at most `gapCapacity` stretches of missing numbers.
    public init(gapCapacity: Int = 1 << 20) {
        gaps = IntervalSet(capacity: gapCapacity)
    }

    /// Whether a number below the highest one is missing.
    @inline(__always) var hasHoles: Bool { pending != 0 || !gaps.isEmpty }

    /// One more than the highest number in it; 0 if it is empty.
    public var upperBound: UInt64 {
        guard pending > 0 else { return count == 0 ? 0 : low }
        var top = low &+ Self.window &- 1
        while !bit(top) { top &-= 1 }
        return top + 1
    }

    /// Adds `n` if it is the next one; says whether it did.
    @inline(__always)
    mutating func insertNext(_ n: UInt64) -> Bool {
        guard n == low && pending == 0 else { return false }
        low &+= 1
        count &+= 1
        return true
    }

    /// Adds `n ..< n + count` if they are the next ones; says whether it did.
    @inline(__always)
    mutating func insertNext(_ n: UInt64, count added: UInt64) -> Bool {
        guard isNext(n) else { return false }
        low &+= added
        count &+= added
        return true
    }

    /// Whether `n` follows on everything above it that ever came.
    @inline(__always)
    func isNext(_ n: UInt64) -> Bool { n == low && pending == 0 }

    /// Adds `n` if it is the next one and nothing below is missing; says whether it did.
    @inline(__always)
    mutating func insertWithoutHoles(_ n: UInt64) -> Bool {
        gaps.isEmpty && insertNext(n)
    }

    /// Adds `n`; says whether it was new.
    @discardableResult
    @inline(__always)
    public mutating func insert(_ n: UInt64) -> Bool {
        insertNext(n) || insertOutOfOrder(n)
    }

    /// Adds every number of `range`.
    public mutating func insert(_ range: Range<UInt64>) {
        if range.lowerBound == low && pending == 0 {
            low = max(low, range.upperBound)
            count &+= UInt64(range.count)
        } else {
            for n in range { insert(n) }
        }
    }

    /// Whether it holds `n`.
    public func contains(_ n: UInt64) -> Bool {
        if n < low { return !gaps.contains(n) }
        return pending > 0 && n - low < Self.window && bit(n)
    }

    /// The stretches of `bounds` that it does not hold, in order.
    public func missingRanges(in bounds: Range<UInt64>) -> [Range<UInt64>] {
        guard !bounds.isEmpty else { return [] }
        var result = gaps.ranges(in: bounds.clamped(to: 0..<max(low, 0)))
        var start = max(low, bounds.lowerBound)
        guard start < bounds.upperBound else { return result }
        if pending > 0 {
            let top = min(low &+ Self.window, bounds.upperBound)
            var n = start
            while n < top {
                if bit(n) {
                    if start < n { result.append(start..<n) }
                    start = n + 1
                }
                n += 1
            }
        }
        if start < bounds.upperBound { result.append(start..<bounds.upperBound) }
        return result
    }

    /// The stretches of `bounds` that it holds, in order.
    public func presentRanges(in bounds: Range<UInt64>) -> [Range<UInt64>] {
        var result: [Range<UInt64>] = []
        var start = bounds.lowerBound
        for missing in missingRanges(in: bounds) {
            if start < missing.lowerBound { result.append(start..<missing.lowerBound) }
            start = missing.upperBound
        }
        if start < bounds.upperBound { result.append(start..<bounds.upperBound) }
        return result
    }

    @inline(__always)
    private func bit(_ n: UInt64) -> Bool {
        let index = n & (Self.window &- 1)
        return words[Int(truncatingIfNeeded: index &>> 6)] &>> (index & 63) & 1 != 0
    }

    @inline(__always)
    private mutating func flip(_ n: UInt64) {
        let index = n & (Self.window &- 1)
        words[Int(truncatingIfNeeded: index &>> 6)] ^= 1 &<< (index & 63)
    }

    @inline(never)
    private mutating func insertOutOfOrder(_ n: UInt64) -> Bool {
        if n < low {
            guard gaps.remove(n) else { return false }
            count &+= 1
            return true
        }
        if words.isEmpty { words = Array(repeating: 0, count: Int(Self.window / 64)) }
        if n - low >= Self.window { slide(toHold: n) }
        if insertNext(n) { return true }
        guard !bit(n) else { return false }
        flip(n)
        pending += 1
        count &+= 1
        if n == low { absorb() }
        return true
    }

    /// Moves `low` past the numbers that follow on without a hole.
    private mutating func absorb() {
        while pending > 0, bit(low) {
            flip(low)
            pending -= 1
            low &+= 1
        }
    }

    /// Gives holes up as gaps until the bitmap reaches `n`.
    private mutating func slide(toHold n: UInt64) {
        let target = n - Self.window + 1
        while low < target {
            guard pending > 0 else {
                gaps.insert(low..<target)
                low = target
                break
            }
            var end = low
            while end < target, !bit(end) { end &+= 1 }
            gaps.insert(low..<end)
            low = end
            absorb()
        }
        absorb()
    }
}
