/// A raw aligned block of `capacity` slots of `stride` bytes, zeroed.
///
/// The block never moves and never grows. It does not synchronise anything: who may touch which
/// slot when is the ring's protocol.
@safe
@frozen
public struct SlotStorage: ~Copyable, SlotSpace, @unchecked Sendable {
    // SAFETY: (unchecked Sendable) the address and stride never change; the bytes are touched
    // only by the thread that the ring's cursors make the owner of a slot.
    // Checked by: "the modelled ring keeps every promise in every interleaving" and the stress
    // tests under the thread sanitizer.
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let stride: Int
    @usableFromInline let capacity: Int

    /// Allocates the block, touching every page once so that no later write faults.
    public init(capacity: Int, stride: Int) {
        precondition(capacity > 0 && stride > 0, "a ring needs slots")
        // SAFETY: the block is freed in deinit only, and zeroed over its whole length.
        unsafe self.base = UnsafeMutableRawPointer.allocate(
            byteCount: capacity * stride,
            alignment: cellSpacing
        )
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity * stride)
        self.stride = stride
        self.capacity = capacity
    }

    deinit {
        // SAFETY: allocated in init; slots hold only bitwise-copyable bytes.
        unsafe base.deallocate()
    }

    /// The address of `count` consecutive slots that the caller is about to write.
    ///
    /// - Safety: the caller owns these slots by the ring's protocol, and stays inside them.
    @unsafe
    @inlinable @inline(__always)
    public func writable(_ first: Int, count: Int) -> UnsafeMutableRawPointer {
        assert(first >= 0 && first &+ count <= capacity, "slots outside the ring")
        return unsafe base + first &* stride
    }

    /// The address of `count` consecutive slots that the caller is about to read.
    ///
    /// - Safety: the slots are published and not yet released, and the caller stays inside them.
    @unsafe
    @inlinable @inline(__always)
    public func readable(_ first: Int, count: Int) -> UnsafeRawPointer {
        assert(first >= 0 && first &+ count <= capacity, "slots outside the ring")
        return unsafe UnsafeRawPointer(base + first &* stride)
    }

    /// The address of a slot, for a cell that stands at its start.
    ///
    /// - Safety: only the cell may be touched through it.
    @unsafe
    @inlinable @inline(__always)
    public func address(_ index: Int) -> UnsafeMutableRawPointer {
        assert(index >= 0 && index < capacity, "slot outside the ring")
        return unsafe base + index &* stride
    }
}
