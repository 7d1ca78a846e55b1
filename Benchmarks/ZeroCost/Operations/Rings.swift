import RingCore

// The rings' hot operations as they are, each under a name that the check can find: for every
// `seam_X` there are a `hand_X` and a `control_X`.

/// An element of two words.
public struct Event: BitwiseCopyable {
    /// What is carried.
    public var words: (UInt64, UInt64)
}

/// A hybrid ring's publish.
@inline(never)
public func seam_hybrid_publish(_ end: inout HybridRing<Event>.Producer, _ event: Event) -> Event? {
    end.tryPublish(event)
}

/// A hybrid ring's take.
@inline(never)
public func seam_hybrid_take(_ end: inout HybridRing<Event>.Consumer) -> Event? {
    end.tryTake()
}

/// A batch ring's publish of one element.
@inline(never)
public func seam_batch_publish(_ end: inout BatchRing<Event>.Producer, _ event: Event) -> Event? {
    end.tryPublish(event)
}

/// A batch ring's take of one element.
@inline(never)
public func seam_batch_take(_ end: inout BatchRing<Event>.Consumer) -> Event? {
    end.tryTake()
}

/// A publish in a ring of tickets.
@inline(never)
public func seam_tickets_publish(_ end: inout MPMCRing<Event>.Producer, _ event: Event) -> Event? {
    end.tryPublish(event)
}

/// A take from a ring of tickets.
@inline(never)
public func seam_tickets_take(_ end: inout MPMCRing<Event>.Consumer) -> Event? {
    end.tryTake()
}

/// A lock-free ring's publish.
@inline(never)
public func seam_lockfree_publish(
    _ end: inout LockFreeRing<Event>.Producer,
    _ event: Event
) -> Event? {
    end.tryPublish(event)
}

/// A lock-free ring's take.
@inline(never)
public func seam_lockfree_take(_ end: inout LockFreeRing<Event>.Consumer) -> Event? {
    end.tryTake()
}

/// A multicast writer's claim, be it the only one or not.
@inline(never)
public func seam_multicast_claim(_ end: inout RingWriter, _ count: Int) -> Range<UInt64> {
    end.tryClaim(count)
}

/// A multicast writer's writing of a claimed slot.
@inline(never)
public func seam_multicast_fill(_ end: inout RingWriter, _ sequence: UInt64, _ event: Event) {
    // SAFETY: never run; it shows what the compiler makes of it.
    unsafe end.slot(sequence).assumingMemoryBound(to: Event.self).pointee = event
}

/// A multicast writer's publication, be it the only one or not.
@inline(never)
public func seam_multicast_publish(_ end: inout RingWriter, _ range: Range<UInt64>) {
    end.publish(range)
}

/// A multicast reader's look at what is published.
@inline(never)
public func seam_multicast_available(
    _ end: inout RingReader,
    _ next: UInt64,
    _ max: Int
) -> Range<UInt64> {
    end.available(from: next, max: max)
}

/// A multicast reader's reading of a slot.
@inline(never)
public func seam_multicast_read(_ end: inout RingReader, _ sequence: UInt64) -> Event {
    // SAFETY: never run, as above.
    unsafe end.slot(sequence).assumingMemoryBound(to: Event.self).pointee
}

/// A multicast reader's release.
@inline(never)
public func seam_multicast_release(_ end: inout RingReader, _ sequence: UInt64) {
    end.release(below: sequence)
}

/// An appender's filling of its slot and publication.
@inline(never)
public func seam_multicast_append(_ end: inout RingAppender, _ event: Event) -> UInt64? {
    // SAFETY: never run, as above.
    unsafe end.slot.assumingMemoryBound(to: Event.self).pointee = event
    return end.tryAppend()
}
