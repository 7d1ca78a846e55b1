import RingCore

/// Writes a word at both ends of a slot, so that a torn slot shows.
func ringSlotWrite<C: Cell64 & ~Copyable, S: SlotSpace & ~Copyable>(
    _ writer: borrowing MulticastRingOver<C, S>.Writer,
    _ sequence: UInt64,
    _ value: UInt64
) {
    // SAFETY: callers pass a sequence that the writer has claimed; slots have at least 64 bytes.
    let slot = unsafe writer.slot(sequence)
    unsafe slot.storeBytes(of: value, as: UInt64.self)
    unsafe slot.storeBytes(of: ~value, toByteOffset: 56, as: UInt64.self)
}

/// The word of a slot, or nil when its two ends disagree.
func ringSlotRead<C: Cell64 & ~Copyable, S: SlotSpace & ~Copyable>(
    _ reader: borrowing MulticastRingOver<C, S>.Reader,
    _ sequence: UInt64
) -> UInt64? {
    // SAFETY: callers pass a sequence that the reader has observed and not released.
    let slot = unsafe reader.slot(sequence)
    let value = unsafe slot.load(as: UInt64.self)
    return unsafe slot.load(fromByteOffset: 56, as: UInt64.self) == ~value ? value : nil
}

/// Writes a word at both ends of the slot that is to be appended next.
func ringSlotWrite<C: Cell64 & ~Copyable, S: SlotSpace & ~Copyable>(
    _ appender: borrowing MulticastRingOver<C, S>.Appender,
    _ value: UInt64
) {
    // SAFETY: the slot is the appender's until it is appended, and has at least 64 bytes.
    let slot = unsafe appender.slot
    unsafe slot.storeBytes(of: value, as: UInt64.self)
    unsafe slot.storeBytes(of: ~value, toByteOffset: 56, as: UInt64.self)
}
