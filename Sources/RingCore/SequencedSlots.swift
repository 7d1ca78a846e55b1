/// Slots that hold a word beside their element: one cache line says both "ready" and what.
@safe
@frozen
@usableFromInline
struct SequencedSlots<
    Element: BitwiseCopyable,
    C: Cell64 & ~Copyable,
    S: SlotSpace & ~Copyable
>: ~Copyable, Sendable {
    @usableFromInline let slots: S
    @usableFromInline let mask: UInt64

    /// Bytes from a slot's start to its element, behind the word.
    @inlinable
    static var elementOffset: Int {
        let alignment = MemoryLayout<Element>.alignment
        return (MemoryLayout<C>.size + alignment - 1) / alignment * alignment
    }

    /// Bytes from one slot to the next.
    static var stride: Int {
        let alignment = Swift.max(MemoryLayout<C>.alignment, MemoryLayout<Element>.alignment)
        let end = elementOffset + MemoryLayout<Element>.size
        return (end + alignment - 1) / alignment * alignment
    }

    /// Puts a cell made by `turn(i)` at the start of slot i.
    init(capacity: Int, slots: consuming S, turn: (Int) -> C) {
        mask = UInt64(capacity - 1)
        self.slots = slots
        for index in 0..<capacity {
            // SAFETY: slots are at least `stride` bytes, aligned for the cell, and not shared yet.
            let slot = unsafe self.slots.address(index)
            unsafe slot.bindMemory(to: C.self, capacity: 1).initialize(to: turn(index))
            unsafe (slot + Self.elementOffset).bindMemory(to: Element.self, capacity: 1)
        }
    }

    deinit {
        for index in 0...Int(truncatingIfNeeded: mask) {
            // SAFETY: init put a cell here, and the owner of the slots is going away.
            unsafe slots.address(index).assumingMemoryBound(to: C.self).deinitialize(count: 1)
        }
    }

    @inlinable @inline(__always)
    func index(_ sequence: UInt64) -> Int {
        Int(truncatingIfNeeded: sequence & mask)
    }

    /// The word of the slot of `sequence`.
    @inlinable @inline(__always)
    func turn(_ sequence: UInt64) -> Cursor<C> {
        // SAFETY: init put a cell at the start of every slot; the ring keeps the slots alive.
        unsafe Cursor(slots.address(index(sequence)).assumingMemoryBound(to: C.self))
    }

    /// Writes the element of a slot.
    ///
    /// - Safety: the caller must own the slot by its turn.
    @unsafe
    @inlinable @inline(__always)
    func fill(_ sequence: UInt64, with element: Element) {
        // SAFETY: the element lies inside its slot, at an offset aligned for it.
        unsafe (slots.writable(index(sequence), count: 1) + Self.elementOffset)
            .assumingMemoryBound(to: Element.self).pointee = element
    }

    /// Reads the element of a slot.
    ///
    /// - Safety: the caller must own the slot by its turn, and it must have been filled.
    @unsafe
    @inlinable @inline(__always)
    func element(_ sequence: UInt64) -> Element {
        // SAFETY: as in fill.
        unsafe (slots.readable(index(sequence), count: 1) + Self.elementOffset)
            .assumingMemoryBound(to: Element.self).pointee
    }
}
