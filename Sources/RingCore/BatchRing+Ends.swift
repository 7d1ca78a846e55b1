extension BatchRingOver where C: ~Copyable, S: ~Copyable {
    /// Makes the producer's end; a second one at the same time traps.
    public func makeProducer() -> Producer {
        precondition(token(0).take(), "the ring has a producer, and only one is allowed")
        return Producer(self)
    }

    /// Makes the consumer's end; a second one at the same time traps.
    public func makeConsumer() -> Consumer {
        precondition(token(1).take(), "the ring has a consumer, and only one is allowed")
        return Consumer(self)
    }

    /// The end that publishes; one thread owns it at a time.
    @frozen
    public struct Producer: ~Copyable, Sendable {
        @usableFromInline let ring: BatchRingOver<Element, C, S>
        @usableFromInline let row: ElementRow<Element>
        @usableFromInline let tailCursor: Cursor<C>
        @usableFromInline let headCursor: Cursor<C>
        @usableFromInline var tail: UInt64
        @usableFromInline var knownHead: UInt64

        init(_ ring: BatchRingOver<Element, C, S>) {
            self.ring = ring
            row = ring.row
            headCursor = ring.head
            tailCursor = ring.tail
            tail = ring.tail.loadOwn()
            knownHead = ring.head.observe()
        }

        deinit {
            ring.token(0).giveBack()
        }
    }

    /// The end that takes; one thread owns it at a time.
    @frozen
    public struct Consumer: ~Copyable, Sendable {
        @usableFromInline let ring: BatchRingOver<Element, C, S>
        @usableFromInline let row: ElementRow<Element>
        @usableFromInline let headCursor: Cursor<C>
        @usableFromInline let tailCursor: Cursor<C>
        @usableFromInline var head: UInt64
        @usableFromInline var knownTail: UInt64

        init(_ ring: BatchRingOver<Element, C, S>) {
            self.ring = ring
            row = ring.row
            headCursor = ring.head
            tailCursor = ring.tail
            head = ring.head.loadOwn()
            knownTail = ring.tail.observe()
        }

        deinit {
            ring.token(1).giveBack()
        }
    }
}

extension BatchRingOver.Producer where C: ~Copyable, S: ~Copyable {
    /// How many of `wanted` elements fit now.
    @inlinable @inline(__always)
    mutating func room(for wanted: Int) -> Int {
        let capacity = row.mask &+ 1
        var free = capacity &- (tail &- knownHead)
        if free < UInt64(wanted) {
            knownHead = headCursor.observe()
            free = capacity &- (tail &- knownHead)
        }
        return Swift.min(wanted, Int(truncatingIfNeeded: free))
    }

    /// Publishes an element, or hands it back when the ring is full; wait-free.
    @inlinable
    public mutating func tryPublish(_ element: Element) -> Element? {
        guard room(for: 1) == 1 else { return element }
        // SAFETY: room says that the consumer has released this place.
        unsafe row.put(element, at: tail, in: ring.space)
        publish(1)
        return nil
    }

    /// Publishes the front of a batch, all at once, and says how many elements that were.
    ///
    /// Wait-free; O(elements), one shared store.
    @inlinable
    public mutating func tryPublish(batch: Span<Element>) -> Int {
        let count = room(for: batch.count)
        guard count > 0 else { return 0 }
        // SAFETY: room says that the consumer has released these places.
        unsafe row.put(batch, count: count, at: tail, in: ring.space)
        publish(count)
        return count
    }

    /// Free places to fill, at most `count`, contiguous and so fewer before the ring's end.
    ///
    /// Empty when the ring is full. Claiming again without publishing gives the same places.
    ///
    /// - Safety: the places must be filled from the front before `publish`, and not be touched
    ///   after it.
    @unsafe
    @inlinable
    public mutating func claim(_ count: Int) -> UnsafeMutableBufferPointer<Element> {
        let first = row.index(tail)
        let places = Swift.min(room(for: count), row.capacity &- first)
        ring.space.willWrite(first, count: places)
        row.prefetchForWriting(first, places)
        // SAFETY: room says that the places are free, and they end inside the ring.
        return unsafe UnsafeMutableBufferPointer(start: row.base + first, count: places)
    }

    /// Makes the first `count` claimed places visible to the consumer; traps beyond the room.
    @inlinable
    public mutating func publish(_ count: Int) {
        let next = tail &+ UInt64(count)
        precondition(next &- knownHead <= row.mask &+ 1, "published more than was claimed")
        tail = next
        tailCursor.publish(next)
    }
}

extension BatchRingOver.Consumer where C: ~Copyable, S: ~Copyable {
    /// How many of `wanted` elements are there now.
    @inlinable @inline(__always)
    mutating func filled(_ wanted: Int) -> Int {
        if knownTail &- head < UInt64(wanted) { knownTail = tailCursor.observe() }
        return Swift.min(wanted, Int(truncatingIfNeeded: knownTail &- head))
    }

    /// Takes the oldest element, or answers nil when there is none; wait-free.
    @inlinable
    public mutating func tryTake() -> Element? {
        guard filled(1) == 1 else { return nil }
        // SAFETY: filled says that the producer has published this slot.
        let element = unsafe row.element(at: head, in: ring.space)
        release(1)
        return element
    }

    /// The oldest elements in place, at most `count`, contiguous and so fewer before the end.
    ///
    /// Draining again without releasing gives the same elements.
    ///
    /// - Safety: the elements must not be touched after their `release`.
    @unsafe
    @inlinable
    public mutating func drain(_ count: Int) -> UnsafeBufferPointer<Element> {
        let first = row.index(head)
        let elements = Swift.min(filled(count), row.capacity &- first)
        ring.space.willRead(first, count: elements)
        row.prefetchForReading(first, elements)
        // SAFETY: filled says that the elements are published, and they end inside the ring.
        return unsafe UnsafeBufferPointer(start: row.base + first, count: elements)
    }

    /// Gives the places of the oldest `count` elements back; traps beyond what was seen.
    @inlinable
    public mutating func release(_ count: Int) {
        let next = head &+ UInt64(count)
        precondition(next <= knownTail, "released more than was drained")
        head = next
        headCursor.publish(next)
    }
}
