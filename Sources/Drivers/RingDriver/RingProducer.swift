internal import EmbeddedBroker
public import Messaging

/// Where one worker thread publishes to the embedded broker.
public final class RingProducer: ProducerEnd {
    private let intakes: [PartitionIntake]
    private var confirmations = ConfirmationQueue(capacity: RingProducer.confirmationRanges)
    private var crossing: UInt64 = 0
    private var isClosed = false

    /// Ranges of confirmations that wait for a poll; at the bound nothing is taken.
    private static let confirmationRanges = 1024

    init(_ partitions: [Partition]) {
        intakes = partitions.map { PartitionIntake($0) }
    }

    /// Stores events from the front, partition by partition, while there is room.
    public func publish(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>,
        at now: Instant
    ) -> Int {
        precondition(!isClosed, "a closed producer end publishes nothing")
        var index = range.lowerBound
        while index < range.upperBound {
            let partition = events[index].header.partition
            var end = index &+ 1
            while end < range.upperBound, events[end].header.partition == partition { end &+= 1 }
            let taken = intakes[Int(partition)].publish(
                events,
                in: index..<end,
                crossing: crossing,
                into: &confirmations
            )
            crossing &+= UInt64(taken)
            index &+= taken
            if index < end { break }
        }
        return index &- range.lowerBound
    }

    /// Appends what has become known of crossings.
    public func poll(
        into confirmations: inout Batch<Confirmation>,
        at now: Instant
    ) {
        self.confirmations.drain(into: &confirmations)
    }

    /// No more will be published.
    public func close() {
        isClosed = true
    }
}
