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
