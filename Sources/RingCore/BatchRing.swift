/// The single-producer, single-consumer ring for elements that come in batches.
public typealias BatchRing<Element: BitwiseCopyable> = BatchRingOver<
    Element, HardwareCell, SlotStorage
>

/// A bounded single-producer, single-consumer ring of contiguous elements.
///
/// Each end keeps the other's position in a cache of its own and looks again only when that does
/// not suffice: two shared words move per batch, none per element.
///
/// Progress: every operation of both ends is wait-free. A full ring accepts fewer elements or
/// none, an empty one gives none. A thread that stops inside a call, or between `claim` and
/// `publish`, stops nobody else's calls: claims are its end's own affair, so it looks like an idle
/// one, and when its end has gone away the next one claims the same places anew.
///
/// Memory is allocated by `init` alone.
public final class BatchRingOver<
    Element: BitwiseCopyable,
    C: Cell64 & ~Copyable,
    S: SlotSpace & ~Copyable
>: Sendable {
    /// The number of elements it can hold, a power of two.
    public let capacity: Int
    @usableFromInline let space: S
    @usableFromInline let row: ElementRow<Element>
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
        let stride = Swift.max(1, MemoryLayout<Element>.stride)
        try RingError.check(capacity: capacity, slotBytes: stride)
        self.capacity = capacity
        space = makeSlots(capacity, stride)
        // SAFETY: the space is new, has that many slots, and goes away after the ring's ends.
        unsafe row = ElementRow(base: space.base, capacity: capacity)
        positions = CellBlock(count: 2, spacing: cellSpacing) { index in
            cell(index == 0 ? .tail : .head, firstSequence)
        }
        tokens = CellBlock(count: 2, spacing: MemoryLayout<C>.stride) { index in
            cell(.token(index), 0)
        }
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

    func token(_ index: Int) -> Cursor<C> {
        // SAFETY: init made two tokens.
        unsafe tokens.cursor(index)
    }
}

extension BatchRingOver where C == HardwareCell, S == SlotStorage {
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
