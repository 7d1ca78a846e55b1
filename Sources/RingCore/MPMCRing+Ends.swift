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

        init(_ ring: MPMCRingOver<Element, C, S>) {
            self.ring = ring
            slots = ring.slots
            tail = ring.tail
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
            return index
        }
    }

    /// An end that takes.
    @frozen
    public struct Consumer: ~Copyable, Sendable {
        @usableFromInline let ring: MPMCRingOver<Element, C, S>
        @usableFromInline let slots: SequencedSlots<Element, C>
        @usableFromInline let head: Cursor<C>

        init(_ ring: MPMCRingOver<Element, C, S>) {
            self.ring = ring
            slots = ring.slots
            head = ring.head
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
            return Int(truncatingIfNeeded: tickets.upperBound &- tickets.lowerBound)
        }
    }
}
