public import CGyreShims

/// A ring's elements side by side, by sequence.
///
/// A view of memory that the ring keeps alive; every end has a copy, so that the address and the
/// mask stay in registers.
@safe
@frozen
@usableFromInline
struct ElementRow<Element: BitwiseCopyable>: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) an immutable address and a number; who may touch which element
    // when is the ring's protocol.
    // Checked by: "the modelled ring keeps every promise in every interleaving".
    @usableFromInline let base: UnsafeMutablePointer<Element>
    @usableFromInline let mask: UInt64

    /// - Safety: `base` must begin `capacity` unused elements that outlive every copy of the row.
    @unsafe
    init(base: UnsafeMutableRawPointer, capacity: Int) {
        unsafe self.base = base.bindMemory(to: Element.self, capacity: capacity)
        mask = UInt64(capacity - 1)
    }

    @inlinable @inline(__always)
    var capacity: Int { Int(truncatingIfNeeded: mask &+ 1) }

    @inlinable @inline(__always)
    func index(_ sequence: UInt64) -> Int {
        Int(truncatingIfNeeded: sequence & mask)
    }

    /// Puts an element at a sequence that the caller owns.
    ///
    /// - Safety: nobody else may touch the place meanwhile.
    @unsafe
    @inlinable @inline(__always)
    func put<S: SlotSpace & ~Copyable>(
        _ element: Element,
        at sequence: UInt64,
        in space: borrowing S
    ) {
        space.willWrite(index(sequence), count: 1)
        // SAFETY: the index is masked by the number of places less one.
        unsafe base[index(sequence)] = element
    }

    /// Puts the first `count` elements of a batch at a sequence and those behind it.
    ///
    /// - Safety: as for one element; the batch must have that many, and the row as many places.
    @unsafe
    @inlinable @inline(__always)
    func put<S: SlotSpace & ~Copyable>(
        _ batch: Span<Element>,
        count: Int,
        at sequence: UInt64,
        in space: borrowing S
    ) {
        let first = index(sequence)
        let front = Swift.min(count, capacity &- first)
        space.willWrite(first, count: front)
        space.willWrite(0, count: count &- front)
        // SAFETY: both pieces end inside the row and inside the batch.
        unsafe batch.withUnsafeBufferPointer { elements in
            guard let source = elements.baseAddress else { return }
            unsafe (base + first).update(from: source, count: front)
            unsafe base.update(from: source + front, count: count &- front)
        }
    }

    /// The element at a sequence that the caller owns.
    ///
    /// - Safety: the place must be filled, and nobody may write it meanwhile.
    @unsafe
    @inlinable @inline(__always)
    func element<S: SlotSpace & ~Copyable>(
        at sequence: UInt64,
        in space: borrowing S
    ) -> Element {
        space.willRead(index(sequence), count: 1)
        // SAFETY: as in put.
        return unsafe base[index(sequence)]
    }

    /// Asks for the lines of elements that are about to be written, all at once rather than one
    /// store at a time; touches nothing.
    @inlinable @inline(__always)
    func prefetchForWriting(_ first: Int, _ count: Int) {
        var index = first
        while index < first &+ count {
            // SAFETY: the address lies in the ring.
            unsafe gyre_prefetch_write(base + index)
            index &+= Self.elementsPerLine
        }
    }

    /// Asks for the lines of elements that are about to be read, all at once rather than one check
    /// at a time; touches nothing.
    @inlinable @inline(__always)
    func prefetchForReading(_ first: Int, _ count: Int) {
        var index = first
        while index < first &+ count {
            // SAFETY: the address lies in the ring.
            unsafe gyre_prefetch_read(base + index)
            index &+= Self.elementsPerLine
        }
    }

    @inlinable @inline(__always)
    static var elementsPerLine: Int {
        Swift.max(1, cacheLine / Swift.max(1, MemoryLayout<Element>.stride))
    }
}
