import RingCore

/// An end that publishes in a multicast ring.
protocol MulticastPublishingEnd: PublishingEnd, ~Copyable where Ring == MulticastRing {
    /// How a ring is to treat so many of these ends.
    static func sharing(_ producers: Int) -> RingProducers
}

extension MulticastPublishingEnd where Self: ~Copyable {
    static func makeRing(
        capacity: Int,
        producers: Int,
        consumers: Int
    ) throws(RingError) -> MulticastRing {
        try MulticastRing(
            capacity: capacity,
            slotBytes: MemoryLayout<Element>.stride,
            producers: sharing(producers),
            groups: 1
        )
    }
}

/// A producer that fills a slot of its own and appends it.
struct AppendingProducer<Element: TrialItem>: ~Copyable, MulticastPublishingEnd {
    private var appender: RingAppender

    static func sharing(_ producers: Int) -> RingProducers { .lockFree(ends: producers) }

    static func make(on ring: MulticastRing) -> Self { Self(appender: ring.makeAppender()) }

    @inline(__always)
    mutating func tryPublish(_ element: Element) -> Element? {
        // SAFETY: the slot is this end's until it is appended; it is as large as an item.
        unsafe appender.slot.storeBytes(of: element, as: Element.self)
        return appender.tryAppend() == nil ? element : nil
    }
}

/// A producer that copies whole items into the slots of a multicast ring.
struct MulticastProducer<Element: TrialItem>: ~Copyable, MulticastPublishingEnd {
    private var writer: RingWriter

    static func sharing(_ producers: Int) -> RingProducers {
        producers == 1 ? .single : .multiple
    }

    static func make(on ring: MulticastRing) -> Self { Self(writer: ring.makeWriter()) }

    @inline(__always)
    mutating func tryPublish(_ element: Element) -> Element? {
        let claim = writer.tryClaim(1)
        guard !claim.isEmpty else { return element }
        // SAFETY: claimed and not yet published; a slot is as large as an item.
        unsafe writer.slot(claim.lowerBound).storeBytes(of: element, as: Element.self)
        writer.publish(claim)
        return nil
    }

    @inline(__always)
    mutating func publish(
        from first: UInt64,
        upTo count: Int,
        _ batch: inout ItemBatch<Element>
    ) -> Int {
        let claim = writer.tryClaim(count)
        var tag = first
        var sequence = claim.lowerBound
        while sequence != claim.upperBound {
            // SAFETY: as above.
            unsafe writer.slot(sequence).storeBytes(of: Element(tag: tag), as: Element.self)
            tag &+= 1
            sequence &+= 1
        }
        writer.publish(claim)
        return Int(truncatingIfNeeded: claim.upperBound &- claim.lowerBound)
    }
}

/// The only group of a multicast ring, which takes whole items.
struct MulticastConsumer<Element: TrialItem>: ~Copyable, TakingEnd {
    private var reader: RingReader
    private var next: UInt64

    static func make(on ring: MulticastRing) -> Self {
        let reader = ring.makeReader(group: 0)
        let next = reader.released
        return Self(reader: reader, next: next)
    }

    @inline(__always)
    mutating func tryTake() -> Element? {
        guard !reader.available(from: next, max: 1).isEmpty else { return nil }
        // SAFETY: observed and not yet released; a slot is as large as an item.
        let element = unsafe reader.slot(next).load(as: Element.self)
        next &+= 1
        reader.release(below: next)
        return element
    }

    @inline(__always)
    mutating func take(
        upTo count: Int,
        _ batch: inout ItemBatch<Element>,
        _ check: inout OrderCheck
    ) -> Int {
        let range = reader.available(from: next, max: count)
        while next != range.upperBound {
            // SAFETY: as above.
            check.take(unsafe reader.slot(next).load(as: Element.self))
            next &+= 1
        }
        reader.release(below: next)
        return Int(truncatingIfNeeded: range.upperBound &- range.lowerBound)
    }
}
