/// A raw aligned block of `capacity` slots of `stride` bytes, zeroed.
///
/// The block never moves and never grows. It does not synchronise anything: who may touch which
/// slot when is the ring's protocol.
@safe
@frozen
public struct SlotStorage: ~Copyable, SlotSpace, @unchecked Sendable {
    // SAFETY: (unchecked Sendable) the address never changes; the bytes are touched only by the
    // thread that the ring's cursors make the owner of a slot.
    // Checked by: "the modelled ring keeps every promise in every interleaving" and the stress
    // tests under the thread sanitizer.
    /// Where the first slot begins.
    public let base: UnsafeMutableRawPointer
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
        self.capacity = capacity
    }

    deinit {
        // SAFETY: allocated in init; slots hold only bitwise-copyable bytes.
        unsafe base.deallocate()
    }

    /// Does nothing in a release build.
    @inlinable @inline(__always)
    public func willWrite(_ first: Int, count: Int) {
        assert(first >= 0 && first &+ count <= capacity, "slots outside the ring")
    }

    /// Does nothing in a release build.
    @inlinable @inline(__always)
    public func willRead(_ first: Int, count: Int) {
        assert(first >= 0 && first &+ count <= capacity, "slots outside the ring")
    }

    /// Does nothing in a release build.
    @inlinable @inline(__always)
    public func willPeek(_ first: Int, count: Int) {
        assert(first >= 0 && first &+ count <= capacity, "slots outside the ring")
    }

    /// Does nothing.
    @inlinable @inline(__always)
    public func didKeep(_ first: Int, count: Int) {}
}
