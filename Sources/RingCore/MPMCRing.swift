/// The ring for any number of producers and consumers, each element to one consumer.
public typealias MPMCRing<Element: BitwiseCopyable> = MPMCRingOver<
    Element, HardwareCell, SlotStorage
>

/// A bounded ring for many producers and many consumers whose slots carry their turn.
///
/// A ticket is taken by compare-and-swap, so that a full or an empty ring can say no; the word
/// beside each element says whose turn its slot is. A batch takes its tickets in one exchange.
///
/// Progress: a call that fails or succeeds does so without waiting for anyone, and an exchange
/// fails only because another one succeeded. But the ring is *not* lock-free in the strict sense:
/// a producer stopped between its ticket and its element makes the ring look empty to every
/// consumer that reaches the slot, and a consumer stopped there makes it look full. Nothing
/// blocks; `tryTake` and `tryPublish` go on answering nil and the element. Order is that of
/// the tickets.
///
/// The ring shows both as ``openClaim`` and ``openTake``; it cannot repair either, since the slot is
/// the stopped thread's, so whoever finds one that does not go away drains what comes before and
/// makes a new ring.
///
/// Memory is allocated by `init` alone.
///
/// - Note: D. Vyukov, "Bounded MPMC queue", 2010, 1024cores.net. Batches are an addition: they
///   count the slots whose turn it is from the position on, which no one else can use up before
///   an exchange on that position fails.
public final class MPMCRingOver<
    Element: BitwiseCopyable,
    C: Cell64 & ~Copyable,
    S: SlotSpace & ~Copyable
>: Sendable {
    /// The number of slots, a power of two of at least 2.
    public let capacity: Int
    @usableFromInline let space: S
    @usableFromInline let slots: SequencedSlots<Element, C>
    @usableFromInline let positions: CellBlock<C>

    /// Creates an empty ring; `makeSlots` gets the capacity and the bytes a slot needs.
    ///
    /// - Throws: `RingError` unless `capacity` is a power of two of at least 2. In one slot "taken
    ///   in this lap" and "free for the next" would be the same turn.
    public init(
        capacity: Int,
        firstSequence: UInt64,
        makeSlots: (_ capacity: Int, _ stride: Int) -> S,
        cell: (RingCellRole, UInt64) -> C
    ) throws(RingError) {
        let stride = SequencedSlots<Element, C>.bytes
        try RingError.check(capacity: capacity, slotBytes: stride, minimum: 2)
        self.capacity = capacity
        let mask = UInt64(capacity - 1)
        space = makeSlots(capacity, stride)
        // SAFETY: the space is new, has that many slots, and goes away after the ring's ends.
        unsafe slots = SequencedSlots(base: space.base, capacity: capacity) { index in
            // The first sequence not below firstSequence that falls on this slot.
            cell(.turn(index), firstSequence &+ ((UInt64(index) &- firstSequence) & mask))
        }
        positions = CellBlock(count: 2, spacing: cellSpacing) { index in
            cell(index == 0 ? .tail : .head, firstSequence)
        }
    }

    deinit {
        // SAFETY: ends hold the ring, so there is none any more.
        unsafe slots.deinitialize()
    }

    @inlinable @inline(__always)
    var tail: Cursor<C> {
        // SAFETY: init made this cell; the ring outlives its ends.
        unsafe positions.cursor(0)
    }

    @inlinable @inline(__always)
    var head: Cursor<C> {
        // SAFETY: as for tail.
        unsafe positions.cursor(1)
    }

    /// The first sequence that a producer has taken and not published, or nil.
    ///
    /// Any thread may ask; the answer orders nothing and may be old. One that stays while producers
    /// should have gone on means that a producer has stopped there. O(capacity).
    public var openClaim: UInt64? { firstOpen(head.loadOwn(), tail.loadOwn(), turnOffset: 0) }

    /// The first sequence that a consumer has taken and not given back, or nil; as ``openClaim``.
    public var openTake: UInt64? {
        let end = head.loadOwn()
        return firstOpen(end &- Swift.min(end, UInt64(capacity)), end, turnOffset: 1)
    }

    private func firstOpen(_ start: UInt64, _ end: UInt64, turnOffset: UInt64) -> UInt64? {
        var sequence = start
        while sequence < end {
            if slots.turn(sequence).loadOwn() == sequence &+ turnOffset { return sequence }
            sequence &+= 1
        }
        return nil
    }
}

extension MPMCRingOver where C == HardwareCell, S == SlotStorage {
    /// Creates an empty ring; the only call that allocates.
    ///
    /// - Throws: `RingError` unless `capacity` is a power of two of at least 2.
    public convenience init(capacity: Int, firstSequence: UInt64 = 0) throws(RingError) {
        try self.init(
            capacity: capacity,
            firstSequence: firstSequence,
            makeSlots: { SlotStorage(capacity: $0, stride: $1) },
            cell: { _, value in HardwareCell(value) }
        )
    }
}

extension SequencedSlots where C: ~Copyable {
    /// Takes up to `count` tickets from `position`, each for a slot whose turn is the ticket plus
    /// `turnOffset`.
    ///
    /// Empty when the slot at the position has not had its turn. A turn that is *behind* means
    /// full or empty, one that is *ahead* that the position read was old.
    @inlinable
    func takeTickets(
        _ position: Cursor<C>,
        _ count: UInt64,
        turnOffset: UInt64
    ) -> Range<UInt64> {
        var start = position.loadOwn()
        while true {
            var size: UInt64 = 0
            var distance: UInt64 = 0
            while size < count {
                let ticket = start &+ size
                distance = turn(ticket).observe() &- (ticket &+ turnOffset)
                guard distance == 0 else { break }
                size &+= 1
            }
            if size > 0 {
                let (exchanged, original) = position.advance(from: start, to: start &+ size)
                if exchanged { return start..<(start &+ size) }
                start = original
            } else if Int64(bitPattern: distance) <= 0 {
                return start..<start
            } else {
                start = position.loadOwn()
            }
        }
    }
}
