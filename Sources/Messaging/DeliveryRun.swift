extension Batch<Delivery> {
    /// The end of the run that begins at `start`: deliveries of consecutive events of one lane, at
    /// consecutive offsets or none, of which the broker says the same in all else.
    ///
    /// At most `end`. Cost: five words and a half are compared a delivery, about 30 instructions.
    @inlinable
    public func endOfRun(from start: Int, below end: Int) -> Int {
        let first = self[start]
        let hasOffset = first.offset >= 0
        // SAFETY: read at once.
        let words = unsafe RunWords(address(start))
        var index = start &+ 1
        while index < end {
            let step = index &- start
            // SAFETY: read at once.
            let difference = unsafe RunWords(address(index)).difference(from: words)
            let n = first.header.n &+ UInt64(truncatingIfNeeded: step)
            let offset = hasOffset ? first.offset &+ Int64(step) : first.offset
            guard difference == 0, self[index].header.n == n, self[index].offset == offset else {
                break
            }
            index &+= 1
        }
        return index
    }
}

/// What the deliveries of a run have in common, as the words that it lies in.
@usableFromInline
struct RunWords {
    /// The event's producer, partition, attempt and copy, and what it says as a dead letter.
    @usableFromInline let lane: UInt64
    @usableFromInline let invoked: UInt64
    /// The delivery's attempt, topic and partition.
    @usableFromInline let place: UInt64
    /// Whether it is a redelivery, and its envelope.
    @usableFromInline let flags: UInt16

    /// - Safety: `delivery` is readable.
    @unsafe
    @inlinable @inline(__always)
    init(_ delivery: UnsafePointer<Delivery>) {
        // SAFETY: the caller says that a delivery is there.
        let base = unsafe UnsafeRawPointer(delivery)
        // SAFETY: all lie in the delivery; "fields that are compared as words lie in them" holds
        // the offsets against the fields'.
        lane = unsafe base.loadUnaligned(fromByteOffset: 56, as: UInt64.self)
        invoked = unsafe base.loadUnaligned(fromByteOffset: 96, as: UInt64.self)
        place = unsafe base.loadUnaligned(fromByteOffset: 104, as: UInt64.self)
        flags = unsafe base.loadUnaligned(fromByteOffset: 112, as: UInt16.self)
    }

    @inlinable @inline(__always)
    func difference(from other: RunWords) -> UInt64 {
        (lane ^ other.lane) | (invoked ^ other.invoked) | (place ^ other.place)
            | UInt64(flags ^ other.flags)
    }
}
