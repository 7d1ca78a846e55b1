import Synchronization

// The operations of the single-producer, single-consumer rings written by hand over the
// processor's atomics: no generics, no cursors, no protocols. The check compares their
// instructions with those of the rings.

/// A word that threads share.
public typealias SharedWord = UnsafeMutablePointer<Atomic<UInt64>>

/// An end with addresses of what it touches, its position, and what it knows of the other's.
@safe
public struct HandEnd: ~Copyable {
    /// Keeps the memory alive.
    let ring: AnyObject
    let turns: UnsafeMutableRawPointer
    let elements: UnsafeMutableRawPointer
    let mask: UInt64
    let ownWord: SharedWord
    let otherWord: SharedWord
    let announceEvery: UInt64
    var own: UInt64
    var known: UInt64

    /// The word of a slot that holds the element too.
    @inline(__always)
    func turn(_ sequence: UInt64) -> SharedWord {
        // SAFETY: never run; it shows what the compiler makes of it.
        unsafe (turns + Int(truncatingIfNeeded: sequence & mask) &* 32)
            .assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// The element beside the word of a slot.
    @inline(__always)
    func besideTurn(_ sequence: UInt64) -> UnsafeMutablePointer<Event> {
        // SAFETY: never run, as above.
        unsafe (elements + Int(truncatingIfNeeded: sequence & mask) &* 32)
            .assumingMemoryBound(to: Event.self)
    }

    /// The element of a slot that holds nothing else.
    @inline(__always)
    func element(_ sequence: UInt64) -> UnsafeMutablePointer<Event> {
        // SAFETY: never run, as above.
        unsafe (elements + Int(truncatingIfNeeded: sequence & mask) &* 16)
            .assumingMemoryBound(to: Event.self)
    }
}

/// As `seam_hybrid_publish`.
@inline(never)
public func hand_hybrid_publish(_ end: inout HandEnd, _ event: Event) -> Event? {
    if end.own &- end.known > end.mask {
        // SAFETY: never run, as above.
        end.known = unsafe end.otherWord.pointee.load(ordering: .acquiring)
        guard end.own &- end.known <= end.mask else { return event }
    }
    // SAFETY: never run, as above.
    unsafe end.besideTurn(end.own).pointee = event
    unsafe end.turn(end.own).pointee.store(end.own &+ 1, ordering: .releasing)
    end.own &+= 1
    return nil
}

/// As `seam_hybrid_take`.
@inline(never)
public func hand_hybrid_take(_ end: inout HandEnd) -> Event? {
    // SAFETY: never run, as above.
    let turn = unsafe end.turn(end.own).pointee.load(ordering: .acquiring)
    guard turn == end.own &+ 1 else {
        if end.known != end.own {
            end.known = end.own
            // SAFETY: never run, as above.
            unsafe end.ownWord.pointee.store(end.own, ordering: .releasing)
        }
        return nil
    }
    // SAFETY: never run, as above.
    let event = unsafe end.besideTurn(end.own).pointee
    end.own &+= 1
    if end.own &- end.known >= end.announceEvery, end.known != end.own {
        end.known = end.own
        // SAFETY: never run, as above.
        unsafe end.ownWord.pointee.store(end.own, ordering: .releasing)
    }
    return event
}

/// As `seam_batch_publish`.
@inline(never)
public func hand_batch_publish(_ end: inout HandEnd, _ event: Event) -> Event? {
    let capacity = end.mask &+ 1
    var free = capacity &- (end.own &- end.known)
    if free < 1 {
        // SAFETY: never run, as above.
        end.known = unsafe end.otherWord.pointee.load(ordering: .acquiring)
        free = capacity &- (end.own &- end.known)
    }
    guard min(1, Int(truncatingIfNeeded: free)) == 1 else { return event }
    // SAFETY: never run, as above.
    unsafe end.element(end.own).pointee = event
    let next = end.own &+ 1
    precondition(next &- end.known <= end.mask &+ 1, "published more than was claimed")
    end.own = next
    // SAFETY: never run, as above.
    unsafe end.ownWord.pointee.store(next, ordering: .releasing)
    return nil
}

/// As `seam_batch_take`.
@inline(never)
public func hand_batch_take(_ end: inout HandEnd) -> Event? {
    if end.known &- end.own < 1 {
        // SAFETY: never run, as above.
        end.known = unsafe end.otherWord.pointee.load(ordering: .acquiring)
    }
    guard min(1, Int(truncatingIfNeeded: end.known &- end.own)) == 1 else { return nil }
    // SAFETY: never run, as above.
    let event = unsafe end.element(end.own).pointee
    let next = end.own &+ 1
    precondition(next <= end.known, "released more than was drained")
    end.own = next
    // SAFETY: never run, as above.
    unsafe end.ownWord.pointee.store(next, ordering: .releasing)
    return event
}
