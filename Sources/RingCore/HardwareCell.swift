public import Synchronization

/// The cell of production builds: the processor's own 64-bit atomics.
///
/// Every method is one machine operation, wait-free except that a weak exchange on a
/// load-linked machine may fail spuriously.
@frozen
public struct HardwareCell: ~Copyable, Cell64 {
    @usableFromInline let word: Atomic<UInt64>

    /// Creates a cell that holds `value`.
    @inlinable
    public init(_ value: UInt64) {
        word = Atomic(value)
    }

    /// Reads without ordering anything else.
    @inlinable @inline(__always)
    public func loadRelaxed() -> UInt64 {
        word.load(ordering: .relaxed)
    }

    /// Reads, and sees everything that was written before the release that stored the value.
    @inlinable @inline(__always)
    public func loadAcquire() -> UInt64 {
        word.load(ordering: .acquiring)
    }

    /// Writes without ordering anything else.
    @inlinable @inline(__always)
    public func storeRelaxed(_ value: UInt64) {
        word.store(value, ordering: .relaxed)
    }

    /// Writes, after everything this thread wrote before.
    @inlinable @inline(__always)
    public func storeRelease(_ value: UInt64) {
        word.store(value, ordering: .releasing)
    }

    /// Replaces `expected`, ordering nothing else; may fail although the value is as expected.
    @inlinable @inline(__always)
    public func compareExchangeWeakRelaxed(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        word.weakCompareExchange(expected: expected, desired: desired, ordering: .relaxed)
    }

    /// Replaces `expected`, acquiring; fails only when the value differs.
    @inlinable @inline(__always)
    public func compareExchangeAcquire(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        word.compareExchange(
            expected: expected,
            desired: desired,
            ordering: .acquiring
        )
    }

    /// Replaces `expected`, releasing; fails only when the value differs.
    @inlinable @inline(__always)
    public func compareExchangeRelease(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        word.compareExchange(expected: expected, desired: desired, ordering: .releasing)
    }

    /// Adds `amount` and returns the value before, ordering nothing else.
    @inlinable @inline(__always)
    public func fetchAddRelaxed(_ amount: UInt64) -> UInt64 {
        word.wrappingAdd(amount, ordering: .relaxed).oldValue
    }
}
