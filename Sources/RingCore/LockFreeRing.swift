/// The lock-free ring for any number of producers and consumers, each element to one consumer.
public typealias LockFreeRing<Element: BitwiseCopyable> = LockFreeRingOver<
    Element, HardwareCell, SlotStorage
>

/// A bounded ring for many producers and many consumers in which nobody can hold up anybody.
///
/// Progress: lock-free in the strict sense. A thread that is stopped at any step, for ever, stops
/// no other: not producers, not consumers, and not by making the ring look empty or full. An
/// exchange fails only because another one succeeded. A stopped thread takes along at most one
/// element: the one that it was publishing, which nobody sees, or the one that it has taken.
/// Single calls are not wait-free: one thread may lose every exchange to others.
///
/// How: a producer fills a slot that is its own, then exchanges it by one compare-and-swap for the
/// empty slot at the next place; a consumer exchanges its own empty slot for the filled one, and
/// copies the element afterwards. There is no moment at which a place is claimed and not filled,
/// which is what stops the others in ``MPMCRingOver``. Where the next place is, `tail` and `head`
/// only hint: whoever finds that a place has had its turn moves them on, for the one that may
/// have stopped before doing so.
///
/// Full and empty are exact: a refusal means that the ring held `capacity` elements at some moment
/// of the call, nil that it held none. Elements come in the order in which they were published,
/// and each producer's in its own.
///
/// Memory: a dense row of `capacity` words, `capacity + ends` slots of the element's stride, and
/// the two hints 256 bytes apart, all allocated by `init`. `ends` bounds the producers and
/// consumers that exist at a time, each of which owns one slot.
///
/// When not to use it: where no thread that has an end can stop or be descheduled for long,
/// ``MPMCRingOver`` does the same with one exchange and one cache line an element instead of two
/// exchanges and two lines; with a producer and a consumer alone ``HybridRingOver`` is wait-free
/// and several times faster. With many cores, fetch-and-add rings (SCQ, LCRQ) scale further than
/// compare-and-swap; they cost two queues of slot numbers and sequential consistency, or a
/// compare-and-swap of 128 bits.
///
/// - Note: places with counters and helped ends are those of C. Shann, T. Huang and C. Chen, "A
///   practical nonblocking queue algorithm using compare-and-swap", ICPADS 2000, and of P. Tsigas
///   and Y. Zhang, "A simple, fast and scalable non-blocking concurrent FIFO queue for shared
///   memory multiprocessor systems", SPAA 2001. Those hold a word or pointer per place; exchanging
///   slot numbers, so that elements of any size change hands and nothing is ever freed, is ours.
///   For SCQ: R. Nikolaev, "A scalable, portable, and memory-efficient lock-free FIFO queue", DISC
///   2019.
public final class LockFreeRingOver<
    Element: BitwiseCopyable,
    C: Cell64 & ~Copyable,
    S: SlotSpace & ~Copyable
>: Sendable {
    /// How many elements it holds, a power of two.
    public let capacity: Int
    /// How many producers' and consumers' ends may exist at a time.
    public let ends: Int
    @usableFromInline let code: PlaceCode
    @usableFromInline let places: CellBlock<C>
    @usableFromInline let positions: CellBlock<C>
    @usableFromInline let spares: SpareSlots<C>
    @usableFromInline let space: S
    @usableFromInline let elements: ElementRow<Element>

    /// Creates an empty ring; `makeSlots` gets how many slots and the bytes that each needs.
    ///
    /// - Throws: `RingError` unless `capacity` is a power of two (1 is allowed) and `ends` at least
    ///   1.
    public init(
        capacity: Int,
        ends: Int,
        firstSequence: UInt64,
        makeSlots: (_ count: Int, _ stride: Int) -> S,
        cell: (RingCellRole, UInt64) -> C
    ) throws(RingError) {
        let stride = Swift.max(1, MemoryLayout<Element>.stride)
        try RingError.check(capacity: capacity, slotBytes: stride, ends: ends)
        self.capacity = capacity
        self.ends = ends
        let code = PlaceCode(capacity: capacity, slots: capacity + ends)
        self.code = code
        let mask = UInt64(capacity - 1)
        places = CellBlock(count: capacity, spacing: MemoryLayout<C>.stride) { index in
            // The first sequence not below firstSequence that falls on this place.
            let first = firstSequence &+ ((UInt64(index) &- firstSequence) & mask)
            return cell(.place(index), code.free(first) | UInt64(index))
        }
        positions = CellBlock(count: 2, spacing: cellSpacing) { index in
            cell(index == 0 ? .tail : .head, firstSequence)
        }
        spares = SpareSlots(first: capacity, count: ends, cell: cell)
        space = makeSlots(capacity + ends, stride)
        // SAFETY: the space is new, has that many slots, and goes away after the ring's ends.
        unsafe elements = ElementRow(base: space.base, capacity: capacity + ends)
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

    var row: CursorRow<C> {
        // SAFETY: init made one cell per place, densely, and the caller holds the ring.
        unsafe CursorRow(places, mask: code.sequenceMask)
    }

    /// Puts an element into a slot.
    ///
    /// - Safety: the caller must own the slot.
    @unsafe
    @inlinable @inline(__always)
    func fill(_ slot: Int, with element: Element) {
        space.willWrite(slot, count: 1)
        // SAFETY: init made this slot.
        unsafe elements.base[slot] = element
    }

    /// The element in a slot.
    ///
    /// - Safety: the caller must own the slot, and it must have been filled.
    @unsafe
    @inlinable @inline(__always)
    func element(_ slot: Int) -> Element {
        space.willRead(slot, count: 1)
        // SAFETY: init made this slot.
        return unsafe elements.base[slot]
    }
}

extension LockFreeRingOver where C == HardwareCell, S == SlotStorage {
    /// Creates an empty ring; the only call that allocates.
    ///
    /// - Throws: `RingError` unless `capacity` is a power of two (1 is allowed) and `ends` at least
    ///   1.
    public convenience init(
        capacity: Int,
        ends: Int,
        firstSequence: UInt64 = 0
    ) throws(RingError) {
        try self.init(
            capacity: capacity,
            ends: ends,
            firstSequence: firstSequence,
            makeSlots: { SlotStorage(capacity: $0, stride: $1) },
            cell: { _, value in HardwareCell(value) }
        )
    }
}

extension RingError {
    static func check(capacity: Int, slotBytes: Int, ends: Int) throws(RingError) {
        try check(capacity: capacity, slotBytes: slotBytes)
        guard ends >= 1 else { throw .badEndCount(ends) }
        guard ends <= Int.max / 4 else { throw .tooLarge(capacity: ends, slotBytes: slotBytes) }
        // Both are at most a quarter of the range, so their sum is in it.
        let slots = capacity + ends
        let bytes = slots.multipliedReportingOverflow(by: slotBytes)
        guard !bytes.overflow, bytes.partialValue <= Int.max / 4 else {
            throw .tooLarge(capacity: slots, slotBytes: slotBytes)
        }
    }
}
