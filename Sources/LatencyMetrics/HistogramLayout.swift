/// Which counter a value belongs to: the bucket layout of HdrHistogram.
///
/// Buckets double in width; each is cut into equal sub-buckets, so the relative error stays below
/// one part in `halfCount`.
/// - Note: G. Tene, HdrHistogram, https://hdrhistogram.org; lowest discernible value 1.
@frozen
public struct HistogramLayout: Hashable, Sendable {
    /// Base-2 logarithm of half the number of sub-buckets.
    public let halfMagnitude: Int
    /// The highest value that has a counter of its own.
    public let highestTrackable: Int64
    /// How many counters there are.
    public let counters: Int

    /// Three significant digits from 1 ns to one hour, as HdrHistogram lays them out: 264 KiB.
    public static let nanosecondsToOneHour = HistogramLayout(
        halfMagnitude: 10,
        highest: 3_600_000_000_000
    )

    /// Errors below 1.6 %, from 1 ns to one hour: small enough for one histogram a second.
    public static let perSecond = HistogramLayout(halfMagnitude: 6, highest: 3_600_000_000_000)

    /// A layout with 2^(`halfMagnitude` + 1) sub-buckets that tracks at least up to `highest`.
    public init(halfMagnitude: Int, highest: Int64) {
        precondition(halfMagnitude > 0 && halfMagnitude < 24 && highest > 0, "no such layout")
        self.halfMagnitude = halfMagnitude
        let significant = 64 - highest.leadingZeroBitCount
        let buckets = max(1, significant - halfMagnitude)
        counters = (buckets + 1) << halfMagnitude
        let magnitude = buckets + halfMagnitude
        highestTrackable = magnitude >= 63 ? .max : (1 << magnitude) - 1
    }

    /// The counter of `value`, which must be from 0 to `highestTrackable`.
    @inlinable
    public func index(of value: Int64) -> Int {
        let subBuckets: Int64 = 2 &<< Int64(truncatingIfNeeded: halfMagnitude)
        let zeros = (value | (subBuckets &- 1)).leadingZeroBitCount
        let bucket = 63 &- halfMagnitude &- zeros
        let within = Int(truncatingIfNeeded: value &>> Int64(truncatingIfNeeded: bucket))
        return bucket &<< halfMagnitude &+ within
    }

    /// The least value of the counter at `index`.
    public func lowestValue(at index: Int) -> Int64 {
        let bucket = max(0, index >> halfMagnitude - 1)
        return Int64(index - bucket << halfMagnitude) << Int64(bucket)
    }

    /// The greatest value of the counter at `index`.
    public func highestValue(at index: Int) -> Int64 {
        lowestValue(at: index) + width(at: index) - 1
    }

    /// How many values share the counter at `index`.
    public func width(at index: Int) -> Int64 {
        1 << Int64(max(0, index >> halfMagnitude - 1))
    }
}
