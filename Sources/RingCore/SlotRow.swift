/// A ring's slots by sequence, of a size that is known at run time only.
///
/// A view of memory that the ring keeps alive; every end has a copy, so that the address and the
/// mask stay in registers.
@safe
@frozen
@usableFromInline
struct SlotRow: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) an immutable address and numbers; who may touch which slot
    // when is the ring's protocol.
    // Checked by: "the modelled ring keeps every promise in every interleaving".
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let stride: Int
    @usableFromInline let mask: UInt64

    /// - Safety: `base` must begin slots of `stride` bytes that outlive every copy.
    @unsafe
    init(base: UnsafeMutableRawPointer, stride: Int, capacity: Int) {
        unsafe self.base = base
        self.stride = stride
        mask = UInt64(capacity - 1)
    }

    /// The slot of a sequence, unless producers exchange slots.
    @inlinable @inline(__always)
    func index(_ sequence: UInt64) -> Int {
        Int(truncatingIfNeeded: sequence & mask)
    }

    @inlinable @inline(__always)
    func slot(_ index: Int) -> UnsafeMutableRawPointer {
        // SAFETY: the rings pass numbers of slots that their space has.
        unsafe base + index &* stride
    }
}
