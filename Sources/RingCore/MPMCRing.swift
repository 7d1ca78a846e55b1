/// The ring for any number of producers and consumers, each element to one consumer.
public typealias MPMCRing<Element: BitwiseCopyable> = MPMCRingOver<
    Element, HardwareCell, SlotStorage
>

/// A bounded ring for many producers and many consumers.
///
/// A producer takes a ticket by compare-and-swap, fills the ticket's slot, and says so in the word
/// beside the element. A consumer copies the element at the head *before* it moves the head past
/// it, and keeps the copy only if its exchange succeeds: nobody can have filled the slot anew while
/// the head stood there. So consumers never write slots, and a line of slots crosses between cores
/// once a lap, not twice. Both sides take a batch in one exchange.
///
/// Progress: no call waits for anyone, and an exchange fails only because another one succeeded.
/// A consumer stopped anywhere stops nobody. But the ring is *not* lock-free in the strict sense: a
/// producer stopped between its ticket and its element makes the ring look empty behind it to every
/// consumer, and full once the producers have come round. Nothing blocks; `tryTake` and
/// `tryPublish` go on answering nil and the element. Order is that of the tickets.
///
/// The ring shows that as ``openClaim``; it cannot repair it, since the slot is the stopped
/// thread's, so whoever finds one that does not go away drains what comes before and makes a new
/// ring.
///
/// Memory is allocated by `init` alone.
///
/// - Note: Tickets and words in slots: D. Vyukov, "Bounded MPMC queue", 2010, 1024cores.net.
///   Copying before the exchange, as thieves do: N. S. Arora, R. D. Blumofe and C. G. Plaxton,
///   "Thread scheduling for multiprogrammed multiprocessors", SPAA 1998. Batches are an addition.
public final class MPMCRingOver<
    Element: BitwiseCopyable,
    C: Cell64 & ~Copyable,
    S: SlotSpace & ~Copyable
>: Sendable {
    /// The number of slots, a power of two.
    public let capacity: Int
    @usableFromInline let space: S
    @usableFromInline let slots: SequencedSlots<Element, C>
    @usableFromInline let positions: CellBlock<C>

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
        space = makeSlots(capacity, stride)
        // SAFETY: the space is new, has that many slots, and goes away after the ring's ends.
        unsafe slots = SequencedSlots(base: space.base, capacity: capacity) { index in
            cell(.turn(index), 0)
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
    public var openClaim: UInt64? {
        let end = tail.loadOwn()
        var sequence = head.loadOwn()
        while sequence < end {
            if slots.turn(sequence).loadOwn() != sequence &+ 1 { return sequence }
            sequence &+= 1
        }
        return nil
    }
}

extension MPMCRingOver where C == HardwareCell, S == SlotStorage {
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
