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
        @usableFromInline var tail: UInt64
        @usableFromInline var knownHead: UInt64

        init(_ ring: BatchRingOver<Element, C, S>) {
            self.ring = ring
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
        @usableFromInline var head: UInt64
        @usableFromInline var knownTail: UInt64

        init(_ ring: BatchRingOver<Element, C, S>) {
            self.ring = ring
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
        let capacity = ring.mask &+ 1
        var free = capacity &- (tail &- knownHead)
        if free < UInt64(wanted) {
            knownHead = ring.head.observe()
            free = capacity &- (tail &- knownHead)
        }
        return Swift.min(wanted, Int(truncatingIfNeeded: free))
    }

    /// Publishes an element, or hands it back when the ring is full; wait-free.
    @inlinable
    public mutating func tryPublish(_ element: Element) -> Element? {
        guard room(for: 1) == 1 else { return element }
        // SAFETY: room says that the consumer has released this slot.
        unsafe ring.slots.writable(ring.index(tail), count: 1)
            .assumingMemoryBound(to: Element.self).pointee = element
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
        let first = ring.index(tail)
        let front = Swift.min(count, ring.capacity &- first)
        let size = MemoryLayout<Element>.stride
        // SAFETY: room says that the consumer has released these slots; both pieces end inside
        // the ring and inside the batch.
        unsafe batch.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            unsafe ring.slots.writable(first, count: front)
                .copyMemory(from: source, byteCount: front &* size)
            guard count > front else { return }
            unsafe ring.slots.writable(0, count: count &- front)
                .copyMemory(from: source + front &* size, byteCount: (count &- front) &* size)
        }
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
        let first = ring.index(tail)
        let places = Swift.min(room(for: count), ring.capacity &- first)
        // SAFETY: slots have the element's stride and alignment, and room says they are free.
        let start = unsafe ring.slots.writable(first, count: places)
            .assumingMemoryBound(to: Element.self)
        return unsafe UnsafeMutableBufferPointer(start: start, count: places)
    }

    /// Makes the first `count` claimed places visible to the consumer; traps beyond the room.
    @inlinable
    public mutating func publish(_ count: Int) {
        let next = tail &+ UInt64(count)
        precondition(next &- knownHead <= ring.mask &+ 1, "published more than was claimed")
        tail = next
        ring.tail.publish(next)
    }
}

extension BatchRingOver.Consumer where C: ~Copyable, S: ~Copyable {
    /// How many of `wanted` elements are there now.
    @inlinable @inline(__always)
    mutating func filled(_ wanted: Int) -> Int {
        if knownTail &- head < UInt64(wanted) { knownTail = ring.tail.observe() }
        return Swift.min(wanted, Int(truncatingIfNeeded: knownTail &- head))
    }

    /// Takes the oldest element, or answers nil when there is none; wait-free.
    @inlinable
    public mutating func tryTake() -> Element? {
        guard filled(1) == 1 else { return nil }
        // SAFETY: filled says that the producer has published this slot.
        let element = unsafe ring.slots.readable(ring.index(head), count: 1)
            .assumingMemoryBound(to: Element.self).pointee
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
        let first = ring.index(head)
        let elements = Swift.min(filled(count), ring.capacity &- first)
        // SAFETY: slots have the element's stride and alignment, and filled says they are
        // published.
        let start = unsafe ring.slots.readable(first, count: elements)
            .assumingMemoryBound(to: Element.self)
        return unsafe UnsafeBufferPointer(start: start, count: elements)
    }

    /// Gives the places of the oldest `count` elements back; traps beyond what was seen.
    @inlinable
    public mutating func release(_ count: Int) {
        let next = head &+ UInt64(count)
        precondition(next <= knownTail, "released more than was drained")
        head = next
        ring.head.publish(next)
    }
}
