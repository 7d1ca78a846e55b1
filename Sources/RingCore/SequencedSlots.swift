public import CGyreShims

/// Slots that hold a word beside their element: one cache line says both "ready" and what.
///
/// Word and element share a line if they fit into one. Larger elements stand apart from the words,
/// eight of which then share a line: side by side, each word would take a line more.
///
/// A view of memory that the ring keeps alive; every end has a copy, so that the address and the
/// mask stay in registers.
@safe
@frozen
@usableFromInline
struct SequencedSlots<Element: BitwiseCopyable, C: Cell64 & ~Copyable>: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) an immutable address and a number; who may touch which slot
    // when is the ring's protocol.
    // Checked by: "the modelled ring keeps every promise in every interleaving".
    @usableFromInline let turns: UnsafeMutableRawPointer
    @usableFromInline let elements: UnsafeMutableRawPointer
    @usableFromInline let mask: UInt64

    @inlinable @inline(__always)
    static var standsApart: Bool {
        elementOffset &+ MemoryLayout<Element>.size > cacheLine
    }

    /// Bytes from one element to the next.
    @inlinable @inline(__always)
    static var elementStride: Int {
        if standsApart {
            let alignment = Swift.max(cacheLine, MemoryLayout<Element>.alignment)
            return roundUp(MemoryLayout<Element>.size, to: alignment)
        }
        // A power of two, so that no slot lies across two lines.
        let last = elementOffset &+ MemoryLayout<Element>.size &- 1
        return 1 &<< (Int.bitWidth &- last.leadingZeroBitCount)
    }

    /// Bytes from one word to the next.
    @inlinable @inline(__always)
    static var turnStride: Int { standsApart ? MemoryLayout<C>.stride : elementStride }

    /// Bytes from the word to the element beside it.
    @inlinable @inline(__always)
    static var elementOffset: Int {
        roundUp(MemoryLayout<C>.size, to: MemoryLayout<Element>.alignment)
    }

    /// Bytes that a slot needs in all.
    static var bytes: Int { standsApart ? elementStride + turnStride : elementStride }

    @inlinable @inline(__always)
    static func roundUp(_ size: Int, to alignment: Int) -> Int {
        (size &+ alignment &- 1) & ~(alignment &- 1)
    }

    /// Puts a cell made by `turn(i)` at the start of slot i.
    ///
    /// - Safety: `base` must begin `capacity` unused slots of `bytes` bytes, aligned for both the
    ///   cell and the element, that outlive every copy of the view.
    @unsafe
    init(base: UnsafeMutableRawPointer, capacity: Int, turn: (Int) -> C) {
        mask = UInt64(capacity - 1)
        // SAFETY: both rows lie inside the slots that the caller promised.
        unsafe turns = Self.standsApart ? base + capacity * Self.elementStride : base
        unsafe elements = Self.standsApart ? base : base + Self.elementOffset
        for index in 0..<capacity {
            unsafe (turns + index * Self.turnStride).bindMemory(to: C.self, capacity: 1)
                .initialize(to: turn(index))
            unsafe (elements + index * Self.elementStride).bindMemory(
                to: Element.self,
                capacity: 1
            )
        }
    }

    /// Ends the life of the cells.
    ///
    /// - Safety: nobody may use a copy of the view any more.
    @unsafe
    func deinitialize() {
        for index in 0...mask {
            // SAFETY: init put a cell here.
            unsafe turnAddress(index).assumingMemoryBound(to: C.self).deinitialize(count: 1)
        }
    }

    @inlinable @inline(__always)
    func index(_ sequence: UInt64) -> Int {
        Int(truncatingIfNeeded: sequence & mask)
    }

    @inlinable @inline(__always)
    func turnAddress(_ sequence: UInt64) -> UnsafeMutableRawPointer {
        // SAFETY: the index is masked by the number of slots less one.
        unsafe turns + index(sequence) &* Self.turnStride
    }

    @inlinable @inline(__always)
    func elementAddress(_ sequence: UInt64) -> UnsafeMutableRawPointer {
        // SAFETY: as for turnAddress.
        unsafe elements + index(sequence) &* Self.elementStride
    }

    /// The word of the slot of `sequence`.
    @inlinable @inline(__always)
    func turn(_ sequence: UInt64) -> Cursor<C> {
        // SAFETY: init put a cell at the start of every slot; the ring keeps the slots alive.
        unsafe Cursor(turnAddress(sequence).assumingMemoryBound(to: C.self))
    }

    /// Puts an element into the slot of `sequence`, which the caller must own by its turn.
    ///
    /// - Safety: nobody else may touch the slot meanwhile.
    @unsafe
    @inlinable @inline(__always)
    func put<S: SlotSpace & ~Copyable>(
        _ element: Element,
        at sequence: UInt64,
        in space: borrowing S
    ) {
        space.willWrite(index(sequence), count: 1)
        // SAFETY: the element lies inside its slot, at an offset aligned for it.
        unsafe elementAddress(sequence).assumingMemoryBound(to: Element.self).pointee = element
    }

    /// The element in the slot of `sequence`, which the caller must own by its turn.
    ///
    /// - Safety: the slot must be filled, and nobody may write it meanwhile.
    @unsafe
    @inlinable @inline(__always)
    func element<S: SlotSpace & ~Copyable>(
        at sequence: UInt64,
        in space: borrowing S
    ) -> Element {
        space.willRead(index(sequence), count: 1)
        // SAFETY: as in put.
        return unsafe elementAddress(sequence).assumingMemoryBound(to: Element.self).pointee
    }

    /// Copies an element into its slot while others may peek at it.
    ///
    /// - Safety: the caller must own the slot.
    @unsafe
    @inlinable @inline(__always)
    func copyIn<S: SlotSpace & ~Copyable>(
        _ element: Element,
        at sequence: UInt64,
        in space: borrowing S
    ) {
        space.willWrite(index(sequence), count: 1)
        // SAFETY: a slot's element has whole words, as `elementStride` provides. Only the element
        // is read, which needs no guard of the stack.
        unsafe _withUnprotectedUnsafePointer(to: element) {
            unsafe gyre_copy_to_shared(elementAddress(sequence), $0, MemoryLayout<Element>.size)
        }
    }

    /// Copies an element out of a slot that others may be writing: the copy may be torn.
    ///
    /// - Safety: the slot must have been filled once, `copy` be free; whoever keeps the copy must
    ///   know that nobody has written the slot meanwhile.
    @unsafe
    @inlinable @inline(__always)
    func copyOut<S: SlotSpace & ~Copyable>(
        at sequence: UInt64,
        to copy: UnsafeMutablePointer<Element>,
        in space: borrowing S
    ) {
        space.willPeek(index(sequence), count: 1)
        // SAFETY: any bytes of a bitwise-copyable element that was stored whole are copied to room
        // for just as many.
        unsafe gyre_copy_from_shared(
            copy,
            elementAddress(sequence),
            MemoryLayout<Element>.size
        )
    }

    /// Slots that share a line, a power of two; 1 if elements stand apart.
    @inlinable @inline(__always)
    var perLine: UInt64 {
        Self.standsApart ? 1 : UInt64(Swift.max(1, cacheLine / Self.turnStride))
    }

    /// How many slots ahead a line is asked for: four lines, or four elements with theirs.
    @inlinable @inline(__always)
    var lookAhead: UInt64 { 4 &* perLine }

    /// Whether a sequence is the first of its line.
    @inlinable @inline(__always)
    func beginsLine(_ sequence: UInt64) -> Bool { sequence & (perLine &- 1) == 0 }

    /// Asks for the line of a slot that is about to be written; touches nothing.
    @inlinable @inline(__always)
    func prefetchForWriting(_ sequence: UInt64) {
        // SAFETY: the address lies in the ring.
        unsafe gyre_prefetch_write(turnAddress(sequence))
        if Self.standsApart { unsafe gyre_prefetch_write(elementAddress(sequence)) }
    }

    /// Asks for the line of a slot that is about to be read; touches nothing.
    @inlinable @inline(__always)
    func prefetchForReading(_ sequence: UInt64) {
        // SAFETY: the address lies in the ring.
        unsafe gyre_prefetch_read(turnAddress(sequence))
        if Self.standsApart { unsafe gyre_prefetch_read(elementAddress(sequence)) }
    }
}
