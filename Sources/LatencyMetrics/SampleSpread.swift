/// The median and the range of repeated measurements.
public struct SampleSpread: Hashable, Sendable, Codable {
    /// How many samples there are.
    public let count: Int
    /// The least.
    public let minimum: Double
    /// The middle one; the mean of the two middle ones of an even number.
    public let median: Double
    /// The greatest.
    public let maximum: Double

    /// Summarises `samples`; `nil` if there are none or one is not a number.
    public init?(of samples: [Double]) {
        let sorted = samples.sorted()
        guard let first = sorted.first, let last = sorted.last,
            !samples.contains(where: \.isNaN)
        else { return nil }
        count = sorted.count
        minimum = first
        maximum = last
        let middle = sorted.count / 2
        median =
            sorted.count % 2 == 1
            ? sorted[middle] : sorted[middle - 1] + (sorted[middle] - sorted[middle - 1]) / 2
    }
}
