import Synchronization

// The multicast ring's operations written by hand.

/// What the ends of a ring share.
@safe
public struct HandMemory {
    let elements: UnsafeMutablePointer<Event>
    let slots: UnsafeMutableRawPointer
    let slotBytes: Int
    let sequenceMask: UInt64
    let groups: Int
    let gates: UnsafeMutableRawPointer
    let gateSpacing: Int

    /// The address of a slot.
    @inline(__always)
    func slot(_ index: Int) -> UnsafeMutableRawPointer {
        // SAFETY: never run; it shows what the compiler makes of it.
        unsafe slots + index &* slotBytes
    }

    /// The sequence below which all of some groups have released.
    @inline(__always)
    func slowestGate(_ some: Range<Int>) -> UInt64 {
        var slowest = UInt64.max
        var group = some.lowerBound
        while group < some.upperBound {
            // SAFETY: never run, as above.
            let gate = unsafe (gates + (1 &+ group) &* gateSpacing)
                .assumingMemoryBound(to: Atomic<UInt64>.self)
            slowest = min(slowest, unsafe gate.pointee.load(ordering: .acquiring))
            group &+= 1
        }
        return slowest
    }
}

/// A writer's end.
@safe
public struct HandWriter: ~Copyable {
    let ring: UnsafePointer<HandMemory>
    let slots: UnsafeMutableRawPointer
    let slotBytes: Int
    let mask: UInt64
    let head: SharedWord
    let words: SharedWord
    let wordMask: UInt64
    let isShared: Bool
    var next: UInt64
    var unpublished: UInt64
    var knownGate: UInt64

    @inline(__always)
    mutating func claimAlone(_ count: UInt64) -> Range<UInt64> {
        let capacity = mask &+ 1
        var free = capacity &- (next &- knownGate)
        if free < count {
            // SAFETY: never run, as above.
            knownGate = unsafe ring.pointee.slowestGate(0..<ring.pointee.groups)
            free = capacity &- (next &- knownGate)
        }
        let claim = next..<(next &+ min(count, free))
        next = claim.upperBound
        return claim
    }

    @inline(never)
    mutating func claimShared(_ count: UInt64) -> Range<UInt64> {
        let capacity = mask &+ 1
        // SAFETY: never run, as above.
        var start = unsafe head.pointee.load(ordering: .relaxed)
        while true {
            var used = start &- min(start, knownGate)
            if used &+ count > capacity {
                // SAFETY: never run, as above.
                knownGate = unsafe ring.pointee.slowestGate(0..<ring.pointee.groups)
                used = start &- min(start, knownGate)
            }
            let size = min(count, capacity &- min(used, capacity))
            guard size > 0 else { return start..<start }
            // SAFETY: never run, as above.
            let (exchanged, original) = unsafe head.pointee.weakCompareExchange(
                expected: start,
                desired: start &+ size,
                ordering: .relaxed
            )
            if exchanged { return start..<(start &+ size) }
            start = original
        }
    }
}

/// As `seam_multicast_claim`.
@inline(never)
public func hand_multicast_claim(_ end: inout HandWriter, _ count: Int) -> Range<UInt64> {
    precondition(count >= 0, "a claim has a size of 0 or more")
    return end.isShared ? end.claimShared(UInt64(count)) : end.claimAlone(UInt64(count))
}

/// As `seam_multicast_fill`.
@inline(never)
public func hand_multicast_fill(_ end: inout HandWriter, _ sequence: UInt64, _ event: Event) {
    let index = Int(truncatingIfNeeded: sequence & end.mask)
    // SAFETY: never run, as above.
    unsafe (end.slots + index &* end.slotBytes).assumingMemoryBound(to: Event.self).pointee = event
}

/// As `seam_multicast_publish`.
@inline(never)
public func hand_multicast_publish(_ end: inout HandWriter, _ range: Range<UInt64>) {
    guard !range.isEmpty else { return }
    if end.isShared {
        var sequence = range.lowerBound
        while sequence != range.upperBound {
            // SAFETY: never run, as above.
            unsafe end.words[Int(truncatingIfNeeded: sequence & end.wordMask)]
                .store(sequence &+ 1, ordering: .releasing)
            sequence &+= 1
        }
        return
    }
    precondition(
        range.lowerBound == end.unpublished && range.upperBound <= end.next,
        "a single producer publishes what it claimed, in order"
    )
    end.unpublished = range.upperBound
    // SAFETY: never run, as above.
    unsafe end.head.pointee.store(end.unpublished, ordering: .releasing)
}

/// A group's end.
@safe
public struct HandReader: ~Copyable {
    let ring: UnsafePointer<HandMemory>
    let slots: UnsafeMutableRawPointer
    let slotBytes: Int
    let mask: UInt64
    let head: SharedWord
    let gate: SharedWord
    let words: SharedWord
    let wordMask: UInt64
    let isShared: Bool
    let slotMask: UInt64
    let sequenceMask: UInt64
    let shift: UInt64
    let isIndirect: Bool
    let upstream: Range<Int>
    var gatePosition: UInt64
    var observed: UInt64

    @inline(__always)
    func isPublished(_ sequence: UInt64) -> Bool {
        // SAFETY: never run, as above.
        let word = unsafe words[Int(truncatingIfNeeded: sequence & wordMask)]
            .load(ordering: .acquiring)
        guard isIndirect else { return word == sequence &+ 1 }
        return word & ~slotMask == ((sequence & ~sequenceMask) &<< shift) &+ (slotMask &+ 1)
    }
}

extension HandReader {
    // Not inlined, as the compiler does not inline the ring's either.
    @inline(never)
    mutating func available(from next: UInt64, max: Int) -> Range<UInt64> {
        precondition(
            next >= gatePosition && max >= 0,
            "released sequences may be overwritten"
        )
        let wanted = next &+ UInt64(max)
        if observed < wanted {
            if !upstream.isEmpty {
                // SAFETY: never run, as above.
                observed = unsafe ring.pointee.slowestGate(upstream)
            } else if isShared {
                while observed != wanted && isPublished(observed) { observed &+= 1 }
            } else {
                // SAFETY: never run, as above.
                observed = unsafe head.pointee.load(ordering: .acquiring)
            }
        }
        return next..<Swift.max(next, min(observed, wanted))
    }
}

/// As `seam_multicast_available`.
@inline(never)
public func hand_multicast_available(
    _ end: inout HandReader,
    _ next: UInt64,
    _ max: Int
) -> Range<UInt64> {
    end.available(from: next, max: max)
}

/// As `seam_multicast_read`.
@inline(never)
public func hand_multicast_read(_ end: inout HandReader, _ sequence: UInt64) -> Event {
    // SAFETY: never run, as above.
    let (slots, slotBytes) = unsafe (end.slots, end.slotBytes)
    let index: Int
    if end.isIndirect {
        // SAFETY: never run, as above.
        let word = unsafe end.words[Int(truncatingIfNeeded: sequence & end.wordMask)]
            .load(ordering: .relaxed)
        index = Int(truncatingIfNeeded: word & end.slotMask)
    } else {
        index = Int(truncatingIfNeeded: sequence & end.mask)
    }
    // SAFETY: never run, as above.
    return unsafe (slots + index &* slotBytes).assumingMemoryBound(to: Event.self).pointee
}

/// As `seam_multicast_release`.
@inline(never)
public func hand_multicast_release(_ end: inout HandReader, _ sequence: UInt64) {
    precondition(
        sequence >= end.gatePosition && sequence <= end.observed,
        "a group releases forward, and only what it has observed"
    )
    guard sequence != end.gatePosition else { return }
    end.gatePosition = sequence
    // SAFETY: never run, as above.
    unsafe end.gate.pointee.store(sequence, ordering: .releasing)
}
