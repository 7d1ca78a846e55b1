extension MPMCRingOver where C: ~Copyable, S: ~Copyable {
    /// Makes a producer's end; any number may exist, each owned by one thread at a time.
    public func makeProducer() -> Producer { Producer(self) }

    /// Makes a consumer's end; any number may exist, each owned by one thread at a time.
    public func makeConsumer() -> Consumer { Consumer(self) }

    /// An end that publishes.
    @frozen
    public struct Producer: ~Copyable, Sendable {
        @usableFromInline let ring: MPMCRingOver<Element, C, S>
        @usableFromInline let slots: SequencedSlots<Element, C>
        @usableFromInline let tail: Cursor<C>
        @usableFromInline var lookout: Lookout<C>

        init(_ ring: MPMCRingOver<Element, C, S>) {
            self.ring = ring
            slots = ring.slots
            tail = ring.tail
            // What consumers have taken is a producer's to write, a lap later.
            lookout = Lookout(ring.head, lap: UInt64(ring.capacity))
        }

        /// Publishes an element, or hands it back when the ring is full.
        @inlinable
        public mutating func tryPublish(_ element: Element) -> Element? {
            let ticket = slots.takeTickets(tail, 1, turnOffset: 0)
            guard !ticket.isEmpty else { return element }
            ring.space.willWrite(slots.index(ticket.lowerBound), count: 1)
            // SAFETY: the ticket is this call's alone, and its slot's turn says it is free.
            unsafe slots.element(ticket.lowerBound).pointee = element
            slots.turn(ticket.lowerBound).publish(ticket.upperBound)
            return nil
        }

        /// Publishes the front of a batch in consecutive slots and says how many elements.
        ///
        /// Consumers may see its first elements before its last.
        @inlinable
        public mutating func tryPublish(batch: Span<Element>) -> Int {
            let tickets = slots.takeTickets(tail, UInt64(batch.count), turnOffset: 0)
            var ticket = tickets.lowerBound
            var index = 0
            while ticket != tickets.upperBound {
                ring.space.willWrite(slots.index(ticket), count: 1)
                // SAFETY: the tickets are this call's alone, and their slots' turns say free.
                unsafe slots.element(ticket).pointee = batch[index]
                slots.turn(ticket).publish(ticket &+ 1)
                ticket &+= 1
                index &+= 1
            }
            if lookout.isClear(ticket, index) { slots.prefetchForWriting(ticket, index) }
            return index
        }
    }

    /// An end that takes.
    @frozen
    public struct Consumer: ~Copyable, Sendable {
        @usableFromInline let ring: MPMCRingOver<Element, C, S>
        @usableFromInline let slots: SequencedSlots<Element, C>
        @usableFromInline let head: Cursor<C>
        @usableFromInline var lookout: Lookout<C>

        init(_ ring: MPMCRingOver<Element, C, S>) {
            self.ring = ring
            slots = ring.slots
            head = ring.head
            lookout = Lookout(ring.tail, lap: 0)
        }

        /// Takes the oldest element, or answers nil when there is none.
        @inlinable
        public mutating func tryTake() -> Element? {
            let ticket = slots.takeTickets(head, 1, turnOffset: 1)
            guard !ticket.isEmpty else { return nil }
            ring.space.willRead(slots.index(ticket.lowerBound), count: 1)
            // SAFETY: the ticket is this call's alone, and its slot's turn says it is filled.
            let element = unsafe slots.element(ticket.lowerBound).pointee
            slots.turn(ticket.lowerBound).publish(ticket.upperBound &+ slots.mask)
            return element
        }

        /// Appends consecutive elements to `output` until it is full or there are no more.
        ///
        /// Answers how many.
        @inlinable
        public mutating func tryTake(into output: inout OutputSpan<Element>) -> Int {
            let tickets = slots.takeTickets(head, UInt64(output.freeCapacity), turnOffset: 1)
            var ticket = tickets.lowerBound
            while ticket != tickets.upperBound {
                ring.space.willRead(slots.index(ticket), count: 1)
                // SAFETY: the tickets are this call's alone, and their slots' turns say filled.
                output.append(unsafe slots.element(ticket).pointee)
                slots.turn(ticket).publish(ticket &+ 1 &+ slots.mask)
                ticket &+= 1
            }
            let count = Int(truncatingIfNeeded: tickets.upperBound &- tickets.lowerBound)
            if lookout.isClear(ticket, count) { slots.prefetchForWriting(ticket, count) }
            return count
        }
    }
}

/// Knows roughly how far the other side's position leaves the way free.
///
/// A batch that asks for the lines of the next one while it may has them when it comes (1.4 to 1.8
/// times as fast on cores that are apart); asked for too early they would be taken from whoever
/// still works on them. A hint only: no slot is touched because of it.
@frozen
@usableFromInline
struct Lookout<C: Cell64 & ~Copyable>: Sendable {
    @usableFromInline let other: Cursor<C>
    @usableFromInline let lap: UInt64
    @usableFromInline var clearBelow: UInt64 = 0
    @usableFromInline var looksAgainAt: UInt64 = 0

    init(_ other: Cursor<C>, lap: UInt64) {
        self.other = other
        self.lap = lap
    }

    /// Whether the `count` slots from `next` on were the caller's when it looked.
    ///
    /// Reads the other side's line once in two batches at most.
    @inlinable @inline(__always)
    mutating func isClear(_ next: UInt64, _ count: Int) -> Bool {
        let size = UInt64(truncatingIfNeeded: count)
        if next >= looksAgainAt {
            looksAgainAt = next &+ 2 &* size
            clearBelow = other.loadOwn() &+ lap
        }
        return next &+ size < clearBelow
    }
}
