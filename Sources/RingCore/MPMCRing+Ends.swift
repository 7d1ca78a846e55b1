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
        var ticket = tickets.lowerBound
        var index = 0
        while ticket != tickets.upperBound {
            fill(ticket, batch[index])
            ticket &+= 1
            index &+= 1
        }
        return index
    }

    @inlinable @inline(__always)
    func fill(_ ticket: UInt64, _ element: Element) {
        ring.space.willWrite(slots.index(ticket), count: 1)
        // SAFETY: the ticket is this call's alone, and every consumer of the slot's last element
        // had copied it when it moved the head, which `claim` observed.
        unsafe slots.copyIn(ticket, element)
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
            }
            guard free > 0 else {
                // Full, unless the tail that was read is old.
                let now = tail.loadOwn()
                if now == start { return start..<start }
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
        var losses = 0
        var next = head.loadOwn()
        while true {
            guard slots.turn(next).observe() == next &+ 1 else {
                // Empty, unless the head that was read is old.
                let now = head.loadOwn()
                if now == next { return nil }
                next = now
                continue
            }
            ring.space.willPeek(slots.index(next), count: 1)
            // SAFETY: the slot has been filled; a copy that is not kept may be torn.
            let element = unsafe slots.copyOut(next)
            let (exchanged, _) = head.exchange(next, for: next &+ 1)
            if exchanged {
                ring.space.didKeep(slots.index(next), count: 1)
                lookAhead(next)
                return element
            }
            losses = pauseAfterLoss(losses)
            next = head.loadOwn()
        }
    }

    /// Appends consecutive elements to `output` until it is full or there are no more.
    ///
    /// Answers how many.
    @inlinable
    public mutating func tryTake(into output: inout OutputSpan<Element>) -> Int {
        var losses = 0
        var next = head.loadOwn()
        while true {
            var end = next
            while !output.isFull, slots.turn(end).observe() == end &+ 1 {
                ring.space.willPeek(slots.index(end), count: 1)
                // SAFETY: as in tryTake.
                output.append(unsafe slots.copyOut(end))
                end &+= 1
            }
            let count = Int(truncatingIfNeeded: end &- next)
            if count == 0 {
                let now = head.loadOwn()
                if now == next { return 0 }
                next = now
                continue
            }
            let (exchanged, _) = head.exchange(next, for: end)
            if exchanged {
                var kept = next
                while kept != end {
                    ring.space.didKeep(slots.index(kept), count: 1)
                    kept &+= 1
                }
                return count
            }
            output.removeLast(count)
            losses = pauseAfterLoss(losses)
            next = head.loadOwn()
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
