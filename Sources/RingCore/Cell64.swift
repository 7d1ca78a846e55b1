/// One shared 64-bit word, with one method per memory ordering.
///
/// Rings are generic over their cell, so that the same source runs on the machine's atomics and
/// on modelled ones. An ordering is part of the method's name because the compiler wants it as a
/// literal, and because each call then says what it needs. There is no sequentially consistent
/// method: nothing here needs one.
public protocol Cell64: ~Copyable, Sendable {
    /// Reads without ordering anything else.
    func loadRelaxed() -> UInt64
    /// Reads, and sees everything that was written before the release that stored the value.
    func loadAcquire() -> UInt64
    /// Writes without ordering anything else.
    func storeRelaxed(_ value: UInt64)
    /// Writes, after everything this thread wrote before.
    func storeRelease(_ value: UInt64)
    /// Replaces `expected`, ordering nothing else; may fail although the value is as expected.
    func compareExchangeWeakRelaxed(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64)
    /// Replaces `expected`, acquiring; fails only when the value differs.
    func compareExchangeAcquire(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64)
    /// Replaces `expected`, releasing; fails only when the value differs.
    func compareExchangeRelease(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64)
    /// Adds `amount` and returns the value before, ordering nothing else.
    func fetchAddRelaxed(_ amount: UInt64) -> UInt64
}
