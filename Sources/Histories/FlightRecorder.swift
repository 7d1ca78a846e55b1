import Messaging

/// The last records of one thread, for the witnesses of an anomaly.
///
/// Allocates once, in `init`; one thread at a time. At the bound the oldest record is overwritten
/// and counted.
public struct FlightRecorder: Sendable {
    private var ring: [HistoryRecord]
    private let mask: Int

    /// How many records were ever appended.
    public private(set) var appended: UInt64 = 0

    /// How many of them have been overwritten.
    public var overwritten: UInt64 { appended - UInt64(count) }

    /// How many it holds.
    public var count: Int { Int(min(appended, UInt64(ring.count))) }

    /// A recorder that keeps at least `capacity` records; rounded up to a power of two.
    public init(capacity: Int) {
        precondition(capacity > 0, "a flight recorder holds at least one record")
        let size = 1 << (Int.bitWidth - (capacity - 1).leadingZeroBitCount)
        let empty = HistoryRecord(.drain, .info, side: .boundary, at: .zero)
        ring = Array(repeating: empty, count: size)
        mask = size - 1
    }

    /// Adds a record.
    ///
    /// A few nanoseconds, no allocation.
    public mutating func append(_ record: HistoryRecord) {
        ring[Int(truncatingIfNeeded: appended) & mask] = record
        appended &+= 1
    }

    /// What it holds, oldest first.
    public var records: [HistoryRecord] {
        (appended - UInt64(count)..<appended).map { ring[Int(truncatingIfNeeded: $0) & mask] }
    }

    /// The records that speak of event `n` of `lane`, oldest first.
    ///
    /// O(capacity).
    public func records(of lane: LaneID, n: UInt64) -> [HistoryRecord] {
        records.filter { record in
            record.lane == lane && record.n <= n && n - record.n < UInt64(record.count)
        }
    }
}
