/// Finds the delivery that an answer's receipt belongs to.
///
/// Open addressing with linear probing, at most half full, in which a few receipts that
/// follow one another lie side by side. Bounded: beyond `limit` open receipts it refuses new ones.
struct ReceiptTable: Sendable {
    /// Where a delivery was noted.
    struct Place: Sendable {
        var ledger: Int
        var ordinal: UInt64
    }

    private enum State: UInt8, Sendable {
        case empty, taken, removed
    }

    private struct Slot: Sendable {
        var receipt: UInt64 = 0
        var ordinal: UInt64 = 0
        var ledger: UInt32 = 0
        var group: UInt16 = 0
        var state = State.empty
    }

    /// How many receipts it holds at most.
    private let limit: Int
    private var slots: [Slot] = Array(repeating: Slot(), count: 64)
    private var count = 0
    /// How many slots are not empty.
    private var used = 0

    init(limit: Int = 1 << 20) {
        self.limit = limit
    }

    subscript(group: UInt16, receipt: UInt64) -> Place? {
        @inline(__always) get {
            guard let slot = find(group, receipt) else { return nil }
            return Place(ledger: Int(slots[slot].ledger), ordinal: slots[slot].ordinal)
        }
    }

    /// Notes a receipt, in place of an older one that was the same; says whether there was room.
    @inline(__always)
    mutating func insert(_ group: UInt16, _ receipt: UInt64, _ place: Place) -> Bool {
        var slot = find(group, receipt)
        if slot == nil {
            guard count < limit else { return false }
            if used * 2 >= slots.count { makeRoom() }
            slot = freeSlot(group, receipt)
        }
        guard let slot else { return false }
        slots[slot] = Slot(
            receipt: receipt,
            ordinal: place.ordinal,
            ledger: UInt32(truncatingIfNeeded: place.ledger),
            group: group,
            state: .taken
        )
        return true
    }

    /// Forgets a receipt.
    @inline(__always)
    mutating func remove(_ group: UInt16, _ receipt: UInt64) {
        guard let slot = find(group, receipt) else { return }
        count -= 1
        slots[slot].state = .removed
        // What was removed matters only to a search that would pass over it.
        guard slots[next(slot)].state == .empty else { return }
        var last = slot
        while slots[last].state == .removed {
            slots[last].state = .empty
            used -= 1
            last = (last &- 1) & (slots.count &- 1)
        }
    }

    mutating func removeAll() { self = ReceiptTable(limit: limit) }

    @inline(__always)
    private func next(_ slot: Int) -> Int { (slot &+ 1) & (slots.count &- 1) }

    /// Eight neighbours lie together; longer runs would lie on one another and be searched whole.
    @inline(__always)
    private func home(_ group: UInt16, _ receipt: UInt64) -> Int {
        let mixed = (receipt &>> 3 ^ UInt64(group) &<< 48) &* 0x9E37_79B9_7F4A_7C15
        // The upper bits of the product: those below are zero where receipts are far apart.
        let upper = mixed &>> UInt64(slots.count.leadingZeroBitCount &+ 1)
        return Int(truncatingIfNeeded: upper & ~7 | receipt & 7)
    }

    @inline(__always)
    private func find(_ group: UInt16, _ receipt: UInt64) -> Int? {
        var slot = home(group, receipt)
        while slots[slot].state != .empty {
            if slots[slot].receipt == receipt && slots[slot].group == group
                && slots[slot].state == .taken
            {
                return slot
            }
            slot = next(slot)
        }
        return nil
    }

    /// The slot for a receipt that it does not hold.
    @inline(__always)
    private mutating func freeSlot(_ group: UInt16, _ receipt: UInt64) -> Int {
        var slot = home(group, receipt)
        while slots[slot].state == .taken { slot = next(slot) }
        if slots[slot].state == .empty { used += 1 }
        count += 1
        return slot
    }

    /// Empties the slots of what was removed, in a larger table where most are taken.
    @inline(never)
    private mutating func makeRoom() {
        let old = slots
        let size = count * 4 > old.count ? old.count * 2 : old.count
        slots = Array(repeating: Slot(), count: size)
        count = 0
        used = 0
        for slot in old where slot.state == .taken {
            slots[freeSlot(slot.group, slot.receipt)] = slot
        }
    }
}
