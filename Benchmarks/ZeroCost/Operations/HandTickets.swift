import CGyreShims
import Synchronization

// The operations of the ring of tickets written by hand.

/// A producer's end.
@safe
public struct HandTicketProducer: ~Copyable {
    let ring: AnyObject
    let slots: HandTicketSlots
    let tail: SharedWord
    let head: SharedWord
    var knownHead: UInt64
    var wasRefused: Bool
}

/// A consumer's end.
@safe
public struct HandTicketConsumer: ~Copyable {
    let ring: AnyObject
    let slots: HandTicketSlots
    let tail: SharedWord
    let head: SharedWord
    var knownTail: UInt64
    var nextLook: UInt64
}

/// Slots of 32 bytes: a word, and an element of two.
@safe
struct HandTicketSlots {
    let turns: UnsafeMutableRawPointer
    let elements: UnsafeMutableRawPointer
    let mask: UInt64

    @inline(__always)
    func turn(_ sequence: UInt64) -> SharedWord {
        // SAFETY: never run; it shows what the compiler makes of it.
        unsafe (turns + Int(truncatingIfNeeded: sequence & mask) &* 32)
            .assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    @inline(__always)
    func words(_ sequence: UInt64) -> SharedWord {
        // SAFETY: never run, as above.
        unsafe (elements + Int(truncatingIfNeeded: sequence & mask) &* 32)
            .assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}

@inline(never)
func pauseWhenRefused() {
    for _ in 0..<24 { gyre_cpu_pause() }
}

@inline(never)
func pauseAfterLoss(_ losses: Int) -> Int {
    for _ in 0..<(1 << min(losses, 8)) { gyre_cpu_pause() }
    return losses + 1
}

/// As `seam_tickets_publish`.
@inline(never)
public func hand_tickets_publish(_ end: inout HandTicketProducer, _ event: Event) -> Event? {
    let tickets = claimTicket(&end)
    guard !tickets.isEmpty else { return event }
    let ticket = tickets.lowerBound
    let slots = end.slots
    if ticket & 1 == 0, ticket &+ 8 &- end.knownHead <= slots.mask {
        // SAFETY: never run, as above.
        unsafe gyre_prefetch_write(slots.turn(ticket &+ 8))
    }
    // SAFETY: never run, as above.
    let words = unsafe slots.words(ticket)
    unsafe words[0].store(event.words.0, ordering: .relaxed)
    unsafe words[1].store(event.words.1, ordering: .relaxed)
    unsafe slots.turn(ticket).pointee.store(ticket &+ 1, ordering: .releasing)
    return nil
}

@inline(__always)
func claimTicket(_ end: inout HandTicketProducer) -> Range<UInt64> {
    var losses = 0
    // SAFETY: never run, as above.
    var start = unsafe end.tail.pointee.load(ordering: .relaxed)
    while true {
        var free = Int64(bitPattern: end.slots.mask &+ 1 &- (start &- end.knownHead))
        if free < 1 {
            // SAFETY: never run, as above.
            end.knownHead = unsafe end.head.pointee.load(ordering: .acquiring)
            free = Int64(bitPattern: end.slots.mask &+ 1 &- (start &- end.knownHead))
            if free > 0 { end.wasRefused = false }
        }
        guard free > 0 else {
            // SAFETY: never run, as above.
            let now = unsafe end.tail.pointee.load(ordering: .relaxed)
            if now == start {
                if !end.wasRefused {
                    end.wasRefused = true
                    pauseWhenRefused()
                }
                return start..<start
            }
            start = now
            continue
        }
        // SAFETY: never run, as above.
        let (exchanged, _) = unsafe end.tail.pointee.weakCompareExchange(
            expected: start,
            desired: start &+ 1,
            ordering: .relaxed
        )
        if exchanged { return start..<(start &+ 1) }
        losses = pauseAfterLoss(losses)
        // SAFETY: never run, as above.
        start = unsafe end.tail.pointee.load(ordering: .relaxed)
    }
}

/// As `seam_tickets_take`.
@inline(never)
public func hand_tickets_take(_ end: inout HandTicketConsumer) -> Event? {
    var event = Event(words: (0, 0))
    let taken = takeTicket(&end, &event)
    guard !taken.isEmpty else { return nil }
    lookAhead(&end, taken.lowerBound)
    return event
}

@inline(__always)
func takeTicket(_ end: inout HandTicketConsumer, _ event: inout Event) -> Range<UInt64> {
    var losses = 0
    // SAFETY: never run, as above.
    var next = unsafe end.head.pointee.load(ordering: .relaxed)
    while true {
        // SAFETY: never run, as above.
        guard unsafe end.slots.turn(next).pointee.load(ordering: .acquiring) == next &+ 1 else {
            let now = unsafe end.head.pointee.load(ordering: .relaxed)
            if now == next { return next..<next }
            next = now
            continue
        }
        // SAFETY: never run, as above.
        let words = unsafe end.slots.words(next)
        let first = unsafe words[0].load(ordering: .relaxed)
        let second = unsafe words[1].load(ordering: .relaxed)
        event.words = (first, second)
        let (exchanged, _) = unsafe end.head.pointee.compareExchange(
            expected: next,
            desired: next &+ 1,
            ordering: .releasing
        )
        if exchanged { return next..<(next &+ 1) }
        losses = pauseAfterLoss(losses)
        // SAFETY: never run, as above.
        next = unsafe end.head.pointee.load(ordering: .relaxed)
    }
}

@inline(__always)
func lookAhead(_ end: inout HandTicketConsumer, _ taken: UInt64) {
    guard taken & 1 == 0 else { return }
    if taken &+ 8 < end.knownTail {
        // SAFETY: never run, as above.
        unsafe gyre_prefetch_read(end.slots.turn(taken &+ 8))
    } else if Int64(bitPattern: taken &- end.nextLook) >= 0 {
        end.nextLook = taken &+ 64
        // SAFETY: never run, as above.
        end.knownTail = unsafe end.tail.pointee.load(ordering: .relaxed)
    }
}
