/// The memory of a ring's slots, with a seam before every access.
///
/// Production rings use `SlotStorage`. A modelled space learns here which thread is about to
/// touch which slots, and so finds accesses that no happens-before orders.
public protocol SlotSpace: ~Copyable, Sendable {
    /// The address of `count` consecutive slots that the caller is about to write.
    ///
    /// - Safety: the caller owns these slots by the ring's protocol, and stays inside them.
    @unsafe
    func writable(_ first: Int, count: Int) -> UnsafeMutableRawPointer

    /// The address of `count` consecutive slots that the caller is about to read.
    ///
    /// - Safety: the slots are published and not yet released, and the caller stays inside them.
    @unsafe
    func readable(_ first: Int, count: Int) -> UnsafeRawPointer

    /// The address of a slot, for a cell that stands at its start.
    ///
    /// Not an access: cells synchronise themselves.
    ///
    /// - Safety: only the cell may be touched through it.
    @unsafe
    func address(_ index: Int) -> UnsafeMutableRawPointer
}
