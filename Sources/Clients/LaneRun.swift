import Messaging

/// Consecutive events of one lane that are told to a ledger in one call.
struct LaneRun: BitwiseCopyable {
    private(set) var partition: UInt16 = 0
    private(set) var n: UInt64 = 0
    /// Offset of the first event, or -1.
    private(set) var offset: Int64 = -1
    private(set) var count = 0

    init() {}

    init(partition: UInt16, n: UInt64, offset: Int64 = -1, count: Int = 1) {
        self.partition = partition
        self.n = n
        self.offset = offset
        self.count = count
    }

    /// Takes the event in if it is the next one of the run.
    @inline(__always)
    mutating func extends(partition: UInt16, n: UInt64, offset: Int64 = -1) -> Bool {
        guard count > 0, n == self.n &+ UInt64(truncatingIfNeeded: count),
            partition == self.partition,
            offset == (self.offset < 0 ? -1 : self.offset &+ Int64(count))
        else { return false }
        count &+= 1
        return true
    }
}
