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
        @usableFromInline let head: Cursor<C>
        @usableFromInline var knownHead: UInt64
        /// Whether the ring was full when this end last looked.
        @usableFromInline var wasRefused = false

        init(_ ring: MPMCRingOver<Element, C, S>) {
            self.ring = ring
            slots = ring.slots
            tail = ring.tail
            head = ring.head
            knownHead = ring.head.observe()
        }
    }

    /// An end that takes.
    @frozen
    public struct Consumer: ~Copyable, Sendable {
        @usableFromInline let ring: MPMCRingOver<Element, C, S>
        @usableFromInline let slots: SequencedSlots<Element, C>
        @usableFromInline let tail: Cursor<C>
        @usableFromInline let head: Cursor<C>
        /// Where producers were when this end last looked: how far it may look ahead.
        @usableFromInline var knownTail: UInt64
        @usableFromInline var nextLook: UInt64

        init(_ ring: MPMCRingOver<Element, C, S>) {
            self.ring = ring
            slots = ring.slots
            tail = ring.tail
            head = ring.head
            knownTail = 0
            nextLook = ring.head.loadOwn() &+ Self.lookEvery
        }

        /// Elements between two looks at the tail, which producers fight for.
        @inlinable @inline(__always)
        static var lookEvery: UInt64 { 64 }
    }
}

extension MPMCRingOver.Producer where C: ~Copyable, S: ~Copyable {
    /// Publishes an element, or hands it back when the ring is full.
    @inlinable
    public mutating func tryPublish(_ element: Element) -> Element? {
        let tickets = claim(1)
        guard !tickets.isEmpty else { return element }
        let ticket = tickets.lowerBound
        // Only lines that are known to be free: consumers have no more business there.
        if slots.beginsLine(ticket), ticket &+ slots.lookAhead &- knownHead <= slots.mask {
            slots.prefetchForWriting(ticket &+ slots.lookAhead)
        }
        fill(ticket, element)
        return nil
    }

    /// Publishes the front of a batch in consecutive slots and says how many elements.
    ///
    /// Consumers may see its first elements before its last.
    @inlinable
    public mutating func tryPublish(batch: Span<Element>) -> Int {
        let tickets = claim(UInt64(batch.count))
        var line = tickets.lowerBound
        while line < tickets.upperBound {
            slots.prefetchForWriting(line)
            line &+= slots.perLine
        }
        // SAFETY: the elements are read inside the block.
        return unsafe batch.withUnsafeBufferPointer { elements in
            var index = 0
            var ticket = tickets.lowerBound
            while ticket != tickets.upperBound {
                // SAFETY: there are no more tickets than elements.
                fill(ticket, unsafe elements[index])
                ticket &+= 1
                index &+= 1
            }
            return index
        }
    }

    @inlinable @inline(__always)
    func fill(_ ticket: UInt64, _ element: Element) {
        // SAFETY: the ticket is this call's alone, and every consumer of the slot's last element
        // had copied it when it moved the head, which `claim` observed.
        unsafe slots.copyIn(element, at: ticket, in: ring.space)
        slots.turn(ticket).publish(ticket &+ 1)
    }

    /// Takes up to `count` tickets for slots that are free.
    @inlinable @inline(__always)
    mutating func claim(_ count: UInt64) -> Range<UInt64> {
        var losses = 0
        var start = tail.loadOwn()
        while true {
            var free = room(from: start)
            if free < Int64(count) {
                knownHead = head.observe()
                free = room(from: start)
                if free > 0 { wasRefused = false }
            }
            guard free > 0 else {
                // Full, unless the tail that was read is old.
                let now = tail.loadOwn()
                if now == start {
                    refuse()
                    return start..<start
                }
                start = now
                continue
            }
            let size = Swift.min(count, UInt64(free))
            let (exchanged, _) = tail.advance(from: start, to: start &+ size)
            if exchanged { return start..<(start &+ size) }
            losses = pauseAfterLoss(losses)
            start = tail.loadOwn()
        }
    }

    /// Pauses at the first refusal: each look at the head takes its line away from the consumers,
    /// who then need it back for every take; after a pause one look finds many slots free.
    @inlinable @inline(__always)
    mutating func refuse() {
        guard !wasRefused else { return }
        wasRefused = true
        pauseWhenRefused()
    }

    /// How many slots from `start` on are known to be free; too many when `start` is old, which
    /// the exchange then finds out.
    @inlinable @inline(__always)
    func room(from start: UInt64) -> Int64 {
        Int64(bitPattern: slots.mask &+ 1 &- (start &- knownHead))
    }
}

extension MPMCRingOver.Consumer where C: ~Copyable, S: ~Copyable {
    /// Takes the oldest element, or answers nil when there is none.
    @inlinable
    public mutating func tryTake() -> Element? {
        // SAFETY: what is taken is initialised, and is one element's size, which needs no guard of
        // the stack.
        unsafe _withUnprotectedUnsafeTemporaryAllocation(of: Element.self, capacity: 1) { room in
            let taken = unsafe take(into: room)
            guard !taken.isEmpty else { return nil }
            lookAhead(taken.lowerBound)
            return unsafe room[0]
        }
    }

    /// Appends consecutive elements to `output` until it is full or there are no more.
    ///
    /// Answers how many.
    @inlinable
    public mutating func tryTake(into output: inout OutputSpan<Element>) -> Int {
        // SAFETY: the room behind what is initialised belongs to the span, and `take` initialises
        // as much of it as it says.
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            let room = unsafe UnsafeMutableBufferPointer(rebasing: buffer[initialized...])
            let count = unsafe take(into: room).count
            initialized += count
            return count
        }
    }

    /// Initialises the front of `room` with the oldest elements and answers their sequences.
    ///
    /// - Safety: the room must be uninitialised.
    @unsafe
    @inlinable @inline(__always)
    mutating func take(into room: UnsafeMutableBufferPointer<Element>) -> Range<UInt64> {
        var losses = 0
        var next = head.loadOwn()
        while true {
            // SAFETY: the room is free until the copies in it are kept.
            let end = unsafe peek(from: next, into: room)
            if end == next {
                // Empty, unless the head that was read is old.
                let now = head.loadOwn()
                if now == next || room.isEmpty { return next..<next }
                next = now
                continue
            }
            let (exchanged, _) = head.exchange(next, for: end)
            if exchanged {
                keep(next..<end)
                return next..<end
            }
            losses = pauseAfterLoss(losses)
            next = head.loadOwn()
        }
    }

    /// Copies the elements from `start` on that are there and fit; answers where they end.
    @inlinable @inline(__always)
    func peek(from start: UInt64, into room: UnsafeMutableBufferPointer<Element>) -> UInt64 {
        var sequence = start
        var index = 0
        while index < room.count, slots.turn(sequence).observe() == sequence &+ 1 {
            // SAFETY: the slot has been filled; a copy that is not kept may be torn. The index is
            // below the count, so there is a base address, and room behind it.
            unsafe slots.copyOut(
                at: sequence,
                to: room.baseAddress.unsafelyUnwrapped + index,
                in: ring.space
            )
            sequence &+= 1
            index &+= 1
        }
        return sequence
    }

    @inlinable @inline(__always)
    func keep(_ sequences: Range<UInt64>) {
        var sequence = sequences.lowerBound
        while sequence != sequences.upperBound {
            ring.space.didKeep(slots.index(sequence), count: 1)
            sequence &+= 1
        }
    }

    /// Asks for a line of slots before it is needed, where elements are known to wait there: a line
    /// that a producer is still filling would be taken away from it.
    @inlinable @inline(__always)
    mutating func lookAhead(_ taken: UInt64) {
        guard slots.beginsLine(taken) else { return }
        if taken &+ slots.lookAhead < knownTail {
            slots.prefetchForReading(taken &+ slots.lookAhead)
        } else if Int64(bitPattern: taken &- nextLook) >= 0 {
            nextLook = taken &+ Self.lookEvery
            knownTail = tail.loadOwn()
        }
    }
}
