import RingCore
import Synchronization

// The rings' hot operations over a cell that does a store too many: the check must see it in each.

/// An element of two words.
public struct Event: BitwiseCopyable {
    /// What is carried.
    public var words: (UInt64, UInt64)
}

/// A cell that writes down that it was used, which is not needed.
public struct CostlyCell: ~Copyable, Cell64 {
    let word: HardwareCell
    let isUsed: Atomic<UInt64>

    @inline(__always)
    func use() { isUsed.store(1, ordering: .relaxed) }

    /// As `HardwareCell` does.
    @inline(__always)
    public func loadRelaxed() -> UInt64 {
        use()
        return word.loadRelaxed()
    }

    /// As `HardwareCell` does.
    @inline(__always)
    public func loadAcquire() -> UInt64 {
        use()
        return word.loadAcquire()
    }

    /// As `HardwareCell` does.
    @inline(__always)
    public func storeRelaxed(_ value: UInt64) {
        use()
        word.storeRelaxed(value)
    }

    /// As `HardwareCell` does.
    @inline(__always)
    public func storeRelease(_ value: UInt64) {
        use()
        word.storeRelease(value)
    }

    /// As `HardwareCell` does.
    @inline(__always)
    public func compareExchangeWeakRelaxed(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        use()
        return word.compareExchangeWeakRelaxed(expected, desired)
    }

    /// As `HardwareCell` does.
    @inline(__always)
    public func compareExchangeAcquire(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        use()
        return word.compareExchangeAcquire(expected, desired)
    }

    /// As `HardwareCell` does.
    @inline(__always)
    public func compareExchangeRelease(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        use()
        return word.compareExchangeRelease(expected, desired)
    }

    /// As `HardwareCell` does.
    @inline(__always)
    public func fetchAddRelaxed(_ amount: UInt64) -> UInt64 {
        use()
        return word.fetchAddRelaxed(amount)
    }
}

/// Slots whose every use is written down, which is not needed either.
public struct CostlySpace: ~Copyable, SlotSpace {
    let slots: SlotStorage
    let isUsed: Atomic<UInt64>

    /// As `SlotStorage` does.
    public var base: UnsafeMutableRawPointer {
        // SAFETY: never run; it shows what the compiler makes of it.
        unsafe slots.base
    }

    /// Not as `SlotStorage` does.
    @inline(__always)
    public func willWrite(_ first: Int, count: Int) { isUsed.store(1, ordering: .relaxed) }

    /// Not as `SlotStorage` does.
    @inline(__always)
    public func willRead(_ first: Int, count: Int) { isUsed.store(1, ordering: .relaxed) }

    /// Not as `SlotStorage` does.
    @inline(__always)
    public func willPeek(_ first: Int, count: Int) { isUsed.store(1, ordering: .relaxed) }

    /// Not as `SlotStorage` does.
    @inline(__always)
    public func didKeep(_ first: Int, count: Int) { isUsed.store(1, ordering: .relaxed) }
}

/// A hybrid ring at such a cost, and so on.
public typealias CostlyHybrid = HybridRingOver<Event, CostlyCell, CostlySpace>
/// A batch ring.
public typealias CostlyBatch = BatchRingOver<Event, CostlyCell, CostlySpace>
/// A ring of tickets.
public typealias CostlyTickets = MPMCRingOver<Event, CostlyCell, CostlySpace>
/// A lock-free ring.
public typealias CostlyLockFree = LockFreeRingOver<Event, CostlyCell, CostlySpace>
/// A multicast ring.
public typealias CostlyMulticast = MulticastRingOver<CostlyCell, CostlySpace>

/// As `seam_hybrid_publish`.
@inline(never)
public func control_hybrid_publish(_ end: inout CostlyHybrid.Producer, _ event: Event) -> Event? {
    end.tryPublish(event)
}

/// As `seam_hybrid_take`.
@inline(never)
public func control_hybrid_take(_ end: inout CostlyHybrid.Consumer) -> Event? {
    end.tryTake()
}

/// As `seam_batch_publish`.
@inline(never)
public func control_batch_publish(_ end: inout CostlyBatch.Producer, _ event: Event) -> Event? {
    end.tryPublish(event)
}

/// As `seam_batch_take`.
@inline(never)
public func control_batch_take(_ end: inout CostlyBatch.Consumer) -> Event? {
    end.tryTake()
}

/// As `seam_tickets_publish`.
@inline(never)
public func control_tickets_publish(_ end: inout CostlyTickets.Producer, _ event: Event) -> Event? {
    end.tryPublish(event)
}

/// As `seam_tickets_take`.
@inline(never)
public func control_tickets_take(_ end: inout CostlyTickets.Consumer) -> Event? {
    end.tryTake()
}

/// As `seam_lockfree_publish`.
@inline(never)
public func control_lockfree_publish(
    _ end: inout CostlyLockFree.Producer,
    _ event: Event
) -> Event? {
    end.tryPublish(event)
}

/// As `seam_lockfree_take`.
@inline(never)
public func control_lockfree_take(_ end: inout CostlyLockFree.Consumer) -> Event? {
    end.tryTake()
}

/// As `seam_multicast_claim`.
@inline(never)
public func control_multicast_claim(
    _ end: inout CostlyMulticast.Writer,
    _ count: Int
) -> Range<UInt64> {
    end.tryClaim(count)
}

/// As `seam_multicast_fill`.
@inline(never)
public func control_multicast_fill(
    _ end: inout CostlyMulticast.Writer,
    _ sequence: UInt64,
    _ event: Event
) {
    // SAFETY: never run, as above.
    unsafe end.slot(sequence).assumingMemoryBound(to: Event.self).pointee = event
}

/// As `seam_multicast_publish`.
@inline(never)
public func control_multicast_publish(
    _ end: inout CostlyMulticast.Writer,
    _ range: Range<UInt64>
) {
    end.publish(range)
}

/// As `seam_multicast_available`.
@inline(never)
public func control_multicast_available(
    _ end: inout CostlyMulticast.Reader,
    _ next: UInt64,
    _ max: Int
) -> Range<UInt64> {
    end.available(from: next, max: max)
}

/// As `seam_multicast_read`.
@inline(never)
public func control_multicast_read(
    _ end: inout CostlyMulticast.Reader,
    _ sequence: UInt64
) -> Event {
    // SAFETY: never run, as above.
    unsafe end.slot(sequence).assumingMemoryBound(to: Event.self).pointee
}

/// As `seam_multicast_release`.
@inline(never)
public func control_multicast_release(
    _ end: inout CostlyMulticast.Reader,
    _ sequence: UInt64
) {
    end.release(below: sequence)
}

/// As `seam_multicast_append`.
@inline(never)
public func control_multicast_append(
    _ end: inout CostlyMulticast.Appender,
    _ event: Event
) -> UInt64? {
    // SAFETY: never run, as above.
    unsafe end.slot.assumingMemoryBound(to: Event.self).pointee = event
    return end.tryAppend()
}
