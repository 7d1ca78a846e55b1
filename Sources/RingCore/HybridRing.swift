/// The single-producer, single-consumer ring for elements that come one at a time.
public typealias HybridRing<Element: BitwiseCopyable> = HybridRingOver<
    Element, HardwareCell, SlotStorage
>

/// A bounded single-producer, single-consumer ring whose slots carry their sequence.
///
/// The consumer polls the slot it needs next, so one cache line moves per element where rings of
/// two indices move two. It never writes slots, and announces how far it is only now and then:
/// every `announceEvery` elements, and at once when it finds nothing.
///
/// Progress: every operation of both ends is wait-free. A full ring hands the element back, an
/// empty one answers nil. Because announcements are lazy a producer may be refused while up to
/// `announceEvery` - 1 slots are free; the consumer's next look at an empty slot, or `announce()`,
/// ends that.
///
/// A thread that stops inside a call stops nobody else's calls: what was published can be taken,
/// what was announced can be filled. Nothing shared is claimed, so a stopped producer looks like an
/// idle one; when its end has gone away, the next one goes on behind the last published element.
///
/// Memory is allocated by `init` alone.
public final class HybridRingOver<
    Element: BitwiseCopyable,
    C: Cell64 & ~Copyable,
    S: SlotSpace & ~Copyable
>: Sendable {
    /// The number of slots, a power of two.
    public let capacity: Int
    /// Elements between two announcements of a consumer that finds its slots filled.
    public let announceEvery: UInt64
    @usableFromInline let space: S
    @usableFromInline let slots: SequencedSlots<Element, C>
    @usableFromInline let positions: CellBlock<C>
    @usableFromInline let tokens: CellBlock<C>

    /// Creates an empty ring; `makeSlots` gets the capacity and the bytes a slot needs.
    ///
    /// - Throws: `RingError` unless `capacity` is a power of two (1 is allowed).
    public init(
        capacity: Int,
        firstSequence: UInt64,
        makeSlots: (_ capacity: Int, _ stride: Int) -> S,
        cell: (RingCellRole, UInt64) -> C
    ) throws(RingError) {
        let stride = SequencedSlots<Element, C>.bytes
        try RingError.check(capacity: capacity, slotBytes: stride)
        self.capacity = capacity
        // A quarter of a small ring; 64 measured as good as any larger step.
        announceEvery = UInt64(Swift.max(1, Swift.min(64, capacity / 4)))
        space = makeSlots(capacity, stride)
        // SAFETY: the space is new, has that many slots, and goes away after the ring's ends.
        unsafe slots = SequencedSlots(base: space.base, capacity: capacity) { index in
            cell(.turn(index), 0)
        }
        positions = CellBlock(count: 2, spacing: cellSpacing) { index in
            cell(index == 0 ? .head : .tail, firstSequence)
        }
        tokens = CellBlock(count: 2, spacing: MemoryLayout<C>.stride) { index in
            cell(.token(index), 0)
        }
    }

    deinit {
        // SAFETY: ends hold the ring, so there is none any more.
        unsafe slots.deinitialize()
    }

    @inlinable @inline(__always)
    var head: Cursor<C> {
        // SAFETY: init made this cell; the ring outlives its ends.
        unsafe positions.cursor(0)
    }

    /// Where the last producer stopped; written only when a producer's end goes away.
    var restingTail: Cursor<C> {
        // SAFETY: as for head.
        unsafe positions.cursor(1)
    }

    func token(_ index: Int) -> Cursor<C> {
        // SAFETY: init made two tokens.
        unsafe tokens.cursor(index)
    }
}

extension HybridRingOver where C == HardwareCell, S == SlotStorage {
    /// Creates an empty ring; the only call that allocates.
    ///
    /// - Throws: `RingError` unless `capacity` is a power of two (1 is allowed).
    public convenience init(capacity: Int, firstSequence: UInt64 = 0) throws(RingError) {
        try self.init(
            capacity: capacity,
            firstSequence: firstSequence,
            makeSlots: { SlotStorage(capacity: $0, stride: $1) },
            cell: { _, value in HardwareCell(value) }
        )
    }
}

extension HybridRingOver where C: ~Copyable, S: ~Copyable {
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
        @usableFromInline let ring: HybridRingOver<Element, C, S>
        @usableFromInline let slots: SequencedSlots<Element, C>
        @usableFromInline let head: Cursor<C>
        @usableFromInline var tail: UInt64
        @usableFromInline var knownHead: UInt64

        init(_ ring: HybridRingOver<Element, C, S>) {
            self.ring = ring
            slots = ring.slots
            head = ring.head
            tail = ring.restingTail.loadOwn()
            knownHead = ring.head.observe()
        }

        deinit {
            ring.restingTail.leave(tail)
            ring.token(0).giveBack()
        }

        /// Publishes an element, or hands it back when the ring is full.
        ///
        /// Wait-free. What was written before is visible to whoever takes the element.
        @inlinable
        public mutating func tryPublish(_ element: Element) -> Element? {
            if tail &- knownHead > slots.mask {
                knownHead = head.observe()
                guard tail &- knownHead <= slots.mask else { return element }
            }
            // SAFETY: the consumer has announced that it is past this slot's last element.
            unsafe slots.put(element, at: tail, in: ring.space)
            slots.turn(tail).publish(tail &+ 1)
            tail &+= 1
            return nil
        }
    }

    /// The end that takes; one thread owns it at a time.
    @frozen
    public struct Consumer: ~Copyable, Sendable {
        @usableFromInline let ring: HybridRingOver<Element, C, S>
        @usableFromInline let slots: SequencedSlots<Element, C>
        @usableFromInline let head: Cursor<C>
        @usableFromInline let announceEvery: UInt64
        @usableFromInline var next: UInt64
        @usableFromInline var announced: UInt64

        init(_ ring: HybridRingOver<Element, C, S>) {
            self.ring = ring
            slots = ring.slots
            head = ring.head
            announceEvery = ring.announceEvery
            next = ring.head.loadOwn()
            announced = next
        }

        deinit {
            ring.head.publish(next)
            ring.token(1).giveBack()
        }

        /// Takes the oldest element, or answers nil when there is none; wait-free.
        @inlinable
        public mutating func tryTake() -> Element? {
            guard slots.turn(next).observe() == next &+ 1 else {
                announce()
                return nil
            }
            // SAFETY: the turn says that the producer has filled this slot for this lap, and it
            // cannot fill it again before this end announces.
            let element = unsafe slots.element(at: next, in: ring.space)
            next &+= 1
            if next &- announced >= announceEvery { announce() }
            return element
        }

        /// Lets the producer reuse everything taken so far.
        @inlinable
        public mutating func announce() {
            guard announced != next else { return }
            announced = next
            head.publish(next)
        }
    }
}
