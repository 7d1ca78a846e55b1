import Synchronization

// The same operations written by hand over the processor's atomics: no generics, no cursors, no
// protocols. The check compares their instructions with those of the rings.

/// The memory of a ring, shared by its ends.
public final class HandRing: Sendable {
    let announceEvery: UInt64
    let slots: HandSlots
    let mask: UInt64
    let positions: HandSlots

    init(announceEvery: UInt64, slots: HandSlots, mask: UInt64, positions: HandSlots) {
        self.announceEvery = announceEvery
        self.slots = slots
        self.mask = mask
        self.positions = positions
    }

    @inline(__always)
    func word(_ sequence: UInt64) -> UnsafeMutablePointer<Atomic<UInt64>> {
        // SAFETY: never run; it shows what the compiler makes of it.
        unsafe slots.at(Int(truncatingIfNeeded: sequence & mask))
            .assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    @inline(__always)
    func element(_ sequence: UInt64, offset: Int) -> UnsafeMutablePointer<Event> {
        // SAFETY: as above.
        unsafe (slots.at(Int(truncatingIfNeeded: sequence & mask)) + offset)
            .assumingMemoryBound(to: Event.self)
    }

    @inline(__always)
    func position(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        // SAFETY: as above.
        unsafe positions.at(index).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}

/// An address and what lies between two of its places.
@safe
public struct HandSlots: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) an address that never changes.
    // Checked by: nothing runs it.
    let base: UnsafeMutableRawPointer
    let stride: Int

    @inline(__always)
    // SAFETY: never run, as all here.
    func at(_ index: Int) -> UnsafeMutableRawPointer { unsafe base + index &* stride }
}

/// An end with its position and what it knows of the other's.
public struct HandEnd: ~Copyable {
    let ring: HandRing
    var own: UInt64
    var known: UInt64
}

/// As `seam_hybrid_publish`.
@inline(never)
public func hand_hybrid_publish(_ end: inout HandEnd, _ event: Event) -> Bool {
    if end.own &- end.known > end.ring.mask {
        // SAFETY: never run, as above.
        end.known = unsafe end.ring.position(0).pointee.load(ordering: .acquiring)
        guard end.own &- end.known <= end.ring.mask else { return false }
    }
    // SAFETY: never run, as above.
    unsafe end.ring.element(end.own, offset: 8).pointee = event
    unsafe end.ring.word(end.own).pointee.store(end.own &+ 1, ordering: .releasing)
    end.own &+= 1
    return true
}

/// As `seam_hybrid_take`.
@inline(never)
public func hand_hybrid_take(_ end: inout HandEnd) -> Event? {
    // SAFETY: never run, as above.
    let turn = unsafe end.ring.word(end.own).pointee.load(ordering: .acquiring)
    guard turn == end.own &+ 1 else {
        if end.known != end.own {
            end.known = end.own
            // SAFETY: never run, as above.
            unsafe end.ring.position(0).pointee.store(end.own, ordering: .releasing)
        }
        return nil
    }
    // SAFETY: never run, as above.
    let event = unsafe end.ring.element(end.own, offset: 8).pointee
    end.own &+= 1
    if end.own &- end.known >= end.ring.announceEvery, end.known != end.own {
        end.known = end.own
        // SAFETY: never run, as above.
        unsafe end.ring.position(0).pointee.store(end.own, ordering: .releasing)
    }
    return event
}

extension HandEnd {
    /// As `seam_batch_publish`.
    @inline(never)
    public mutating func hand_batch_publish(_ event: Event) -> Event? {
        let capacity = ring.mask &+ 1
        var free = capacity &- (own &- known)
        if free < 1 {
            // SAFETY: never run, as above.
            known = unsafe ring.position(1).pointee.load(ordering: .acquiring)
            free = capacity &- (own &- known)
        }
        guard min(1, Int(truncatingIfNeeded: free)) == 1 else { return event }
        // SAFETY: never run, as above.
        unsafe ring.element(own, offset: 0).pointee = event
        let next = own &+ 1
        precondition(next &- known <= ring.mask &+ 1, "published more than was claimed")
        own = next
        // SAFETY: never run, as above.
        unsafe ring.position(0).pointee.store(next, ordering: .releasing)
        return nil
    }
}

/// As `seam_batch_take`.
@inline(never)
public func hand_batch_take(_ end: inout HandEnd) -> Event? {
    if end.known &- end.own < 1 {
        // SAFETY: never run, as above.
        end.known = unsafe end.ring.position(0).pointee.load(ordering: .acquiring)
    }
    guard min(1, Int(truncatingIfNeeded: end.known &- end.own)) == 1 else { return nil }
    // SAFETY: never run, as above.
    let event = unsafe end.ring.element(end.own, offset: 0).pointee
    let next = end.own &+ 1
    precondition(next <= end.known, "released more than was drained")
    end.own = next
    // SAFETY: never run, as above.
    unsafe end.ring.position(1).pointee.store(next, ordering: .releasing)
    return event
}

/// As `hand_hybrid_take`, with one store that is not needed: the check must see it.
@inline(never)
public func control_hybrid_take(_ end: inout HandEnd) -> Event? {
    // SAFETY: never run, as above.
    unsafe end.ring.position(1).pointee.store(0, ordering: .releasing)
    let turn = unsafe end.ring.word(end.own).pointee.load(ordering: .acquiring)
    guard turn == end.own &+ 1 else {
        if end.known != end.own {
            end.known = end.own
            // SAFETY: never run, as above.
            unsafe end.ring.position(0).pointee.store(end.own, ordering: .releasing)
        }
        return nil
    }
    // SAFETY: never run, as above.
    let event = unsafe end.ring.element(end.own, offset: 8).pointee
    end.own &+= 1
    if end.own &- end.known >= end.ring.announceEvery, end.known != end.own {
        end.known = end.own
        // SAFETY: never run, as above.
        unsafe end.ring.position(0).pointee.store(end.own, ordering: .releasing)
    }
    return event
}
