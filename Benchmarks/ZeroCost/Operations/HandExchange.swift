import Synchronization

// The lock-free ring's operations and the appender's, written by hand.

/// An end that owns a slot and exchanges it.
@safe
public struct HandExchanger: ~Copyable {
    let ring: UnsafePointer<HandMemory>
    let places: SharedWord
    let mask: UInt64
    let position: SharedWord
    let slotMask: UInt64
    let sequenceMask: UInt64
    let shift: UInt64
    let dueTurn: UInt64
    var own: Int
    var knownGate: UInt64

    /// The word of a place.
    @inline(__always)
    func place(_ sequence: UInt64) -> SharedWord {
        // SAFETY: never run; it shows what the compiler makes of it.
        unsafe places + Int(truncatingIfNeeded: sequence & mask)
    }

    /// The word, without a slot, of a place that is free for `sequence`.
    @inline(__always)
    func free(_ sequence: UInt64) -> UInt64 { (sequence & ~sequenceMask) &<< shift }

    /// Exchanges the own slot for that of the next place.
    @inline(__always)
    mutating func exchange(_ sequence: inout UInt64) -> Bool {
        while true {
            // SAFETY: never run, as above.
            let place = unsafe self.place(sequence)
            let word = unsafe place.pointee.load(ordering: .acquiring)
            let due = free(sequence) &+ dueTurn
            let distance = Int64(bitPattern: (word & ~slotMask) &- due)
            if distance == 0 {
                let desired = (due &+ (slotMask &+ 1)) | UInt64(truncatingIfNeeded: own)
                // SAFETY: never run, as above.
                let (exchanged, _) = unsafe place.pointee.compareExchange(
                    expected: word,
                    desired: desired,
                    ordering: .releasing
                )
                guard exchanged else { continue }
                own = Int(truncatingIfNeeded: word & slotMask)
                sequence &+= 1
                return true
            }
            if distance < 0 { return false }
            help(&sequence)
        }
    }

    /// Goes on from a place that has had its turn.
    @inline(__always)
    func help(_ sequence: inout UInt64) {
        // SAFETY: never run, as above.
        let seen = unsafe position.pointee.load(ordering: .acquiring)
        if Int64(bitPattern: seen &- sequence) > 0 {
            sequence = seen
        } else {
            sequence &+= 1
            // SAFETY: never run, as above.
            _ = unsafe position.pointee.compareExchange(
                expected: seen,
                desired: sequence,
                ordering: .releasing
            )
        }
    }

    /// Moves the position to `end`, unless others have done so.
    @inline(__always)
    func moveOn(from start: UInt64, to end: UInt64) {
        var seen = start
        while Int64(bitPattern: end &- seen) > 0 {
            // SAFETY: never run, as above.
            let (exchanged, original) = unsafe position.pointee.compareExchange(
                expected: seen,
                desired: end,
                ordering: .releasing
            )
            if exchanged { return }
            seen = original
        }
    }

    /// Whether every group has released the sequence one lap before `sequence`.
    @inline(__always)
    mutating func hasRoom(_ sequence: UInt64) -> Bool {
        // SAFETY: never run, as above.
        let capacity = unsafe ring.pointee.sequenceMask &+ 1
        if sequence &- min(sequence, knownGate) < capacity { return true }
        // SAFETY: never run, as above.
        knownGate = unsafe ring.pointee.slowestGate(0..<ring.pointee.groups)
        return sequence &- min(sequence, knownGate) < capacity
    }
}

// Not inlined, as the compiler does not inline the rings' either.
extension HandExchanger {
    @inline(never)
    mutating func tryPublish(_ event: Event) -> Event? {
        // SAFETY: never run, as above.
        unsafe ring.pointee.elements[own] = event
        let start = unsafe position.pointee.load(ordering: .acquiring)
        var sequence = start
        guard exchange(&sequence) else { return event }
        moveOn(from: start, to: sequence)
        return nil
    }

    @inline(never)
    mutating func tryTake() -> Event? {
        // SAFETY: never run, as above.
        let start = unsafe position.pointee.load(ordering: .acquiring)
        var sequence = start
        guard exchange(&sequence) else { return nil }
        moveOn(from: start, to: sequence)
        // SAFETY: never run, as above.
        return unsafe ring.pointee.elements[own]
    }

    @inline(never)
    mutating func tryAppend() -> UInt64? {
        // SAFETY: never run, as above.
        let start = unsafe position.pointee.load(ordering: .acquiring)
        var sequence = start
        while true {
            // SAFETY: never run, as above.
            let word = unsafe place(sequence).pointee.load(ordering: .acquiring)
            let filled = free(sequence) &+ (slotMask &+ 1)
            if Int64(bitPattern: (word & ~slotMask) &- filled) >= 0 {
                help(&sequence)
                continue
            }
            guard hasRoom(sequence) else { return nil }
            let desired = filled | UInt64(truncatingIfNeeded: own)
            // SAFETY: never run, as above.
            let (exchanged, _) = unsafe place(sequence).pointee.compareExchange(
                expected: word,
                desired: desired,
                ordering: .releasing
            )
            guard exchanged else { continue }
            own = Int(truncatingIfNeeded: word & slotMask)
            moveOn(from: start, to: sequence &+ 1)
            return sequence
        }
    }
}

/// As `seam_lockfree_publish`.
@inline(never)
public func hand_lockfree_publish(_ end: inout HandExchanger, _ event: Event) -> Event? {
    end.tryPublish(event)
}

/// As `seam_lockfree_take`.
@inline(never)
public func hand_lockfree_take(_ end: inout HandExchanger) -> Event? {
    end.tryTake()
}

/// As `seam_multicast_append`.
@inline(never)
public func hand_multicast_append(_ end: inout HandExchanger, _ event: Event) -> UInt64? {
    // SAFETY: never run, as above.
    unsafe end.ring.pointee.slot(end.own).assumingMemoryBound(to: Event.self).pointee = event
    return end.tryAppend()
}
