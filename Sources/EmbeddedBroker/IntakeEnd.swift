internal import CGyreShims
internal import Messaging
internal import RingCore

/// A producer's end of a partition's ring: it stores runs by claims, or lock-free one by one.
struct IntakeEnd: ~Copyable {
    private let layout: SlotLayout
    private var writer: RingWriter?
    private var appender: RingAppender?

    init(_ ring: MulticastRing, _ layout: SlotLayout) {
        self.layout = layout
        let isLockFree = ring.producers.isLockFree
        writer = isLockFree ? nil : ring.makeWriter()
        appender = isLockFree ? ring.makeAppender() : nil
        runMax = isLockFree ? 1 : Int(Int32.max)
    }

    /// The most events that one `store` takes.
    let runMax: Int

    /// Stores as many events from the front as there is room for, and gives their offsets.
    mutating func store(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>
    ) -> Range<UInt64> {
        // An end is taken out and put back: one exclusivity check a batch, not one an event.
        if var taken = appender.take() {
            // SAFETY: the slot is this end's alone, and the event fits it.
            unsafe layout.write(events.address(range.lowerBound), to: taken.slot)
            let offset = taken.tryAppend()
            // SAFETY: the slot is this end's again; a prefetch neither reads nor writes.
            unsafe prefetch(taken.slot)
            appender = consume taken
            return offset.map { $0..<($0 &+ 1) } ?? 0..<0
        }
        guard var taken = writer.take() else { preconditionFailure("an intake has an end") }
        let claim = taken.tryClaim(range.count)
        fill(claim, with: events, from: range.lowerBound, &taken)
        writer = consume taken
        return claim
    }

    private func fill(
        _ claim: Range<UInt64>,
        with events: borrowing Batch<OutboundEvent>,
        from start: Int,
        _ writer: inout RingWriter
    ) {
        guard let last = claim.last else { return }
        var ahead = claim.lowerBound
        while ahead != min(claim.upperBound, claim.lowerBound &+ Self.prefetchDistance) {
            // SAFETY: claimed; a prefetch neither reads nor writes.
            unsafe prefetch(writer.slot(ahead))
            ahead &+= 1
        }
        var index = start
        var offset = claim.lowerBound
        while offset != claim.upperBound {
            // SAFETY: claimed; a prefetch neither reads nor writes.
            unsafe prefetch(writer.slot(min(last, offset &+ Self.prefetchDistance)))
            // SAFETY: the offset is claimed and not published, and the event fits its slot.
            unsafe layout.write(events.address(index), to: writer.slot(offset))
            offset &+= 1
            index &+= 1
        }
        writer.publish(claim)
    }

    /// Asks for a slot's lines, which the readers own, while the next events are made.
    private func prefetch(_ slot: UnsafeMutableRawPointer) {
        guard layout.stride <= Self.prefetchedBytesMax else { return }
        var line = 0
        while line < layout.stride {
            // SAFETY: the line lies in the slot; a prefetch neither reads nor writes.
            unsafe gyre_prefetch_write(slot + line)
            line &+= 64
        }
    }

    /// How many events ahead lines are asked for.
    private static var prefetchDistance: UInt64 { 8 }

    /// Larger slots are left to the hardware's own prefetcher.
    private static let prefetchedBytesMax = 256
}
