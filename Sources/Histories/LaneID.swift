/// The smallest stretch of a run with an order of its own: one producer's events in one partition.
///
/// `EventHeader.n` counts the events of a lane densely from 0, which is what lets the checks keep a
/// watermark where they would otherwise need a set.
@frozen
public struct LaneID: Hashable, Sendable, BitwiseCopyable {
    /// The producer number that wrote it.
    public var producer: UInt16
    /// The topic's index in the session plan.
    public var topic: UInt16
    /// The partition that the producer chose.
    public var partition: UInt16

    /// Names a lane.
    @inlinable
    public init(producer: UInt16, topic: UInt16, partition: UInt16) {
        self.producer = producer
        self.topic = topic
        self.partition = partition
    }

    /// The three numbers in one word.
    @inlinable
    public var packed: UInt64 {
        UInt64(producer) << 32 | UInt64(topic) << 16 | UInt64(partition)
    }
}
