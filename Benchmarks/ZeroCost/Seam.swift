import RingCore

// The rings' hot operations as they are, each under a name that the check can find.

/// An element of two words.
public struct Event: BitwiseCopyable {
    /// What is carried.
    public var words: (UInt64, UInt64)
}

/// A hybrid ring's publish.
@inline(never)
public func seam_hybrid_publish(_ end: inout HybridRing<Event>.Producer, _ event: Event) -> Bool {
    end.tryPublish(event) == nil
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
