/// A table from (lane, key) to its two latest deliveries.
///
/// It never shrinks, and allocates only when it grows.
///
/// Open addressing with linear probing, at most half full. Bounded: beyond `capacity` entries
/// it refuses new ones and says so.
struct KeyTable: Sendable {
    struct Slot: Sendable {
        var key: UInt64 = 0
        /// Lane + 1; 0 for an empty slot.
        var lane: UInt32 = 0
        var consumer: UInt16 = 0
        var olderConsumer: UInt16 = 0
        var n: UInt64 = 0
        var time: Int64 = 0
        var olderN: UInt64 = 0
        var olderTime: Int64 = .max
    }

    private var slots: [Slot]
    private let capacity: Int
    private(set) var count = 0
    private(set) var isExhausted = false

    init(capacity: Int = 1 << 20) {
        self.capacity = capacity
        slots = []
    }

    var isEmpty: Bool { count == 0 }

    /// The index of the entry of (`lane`, `key`), or `nil`.
    @inline(__always)
    func find(lane: UInt32, key: UInt64) -> Int? {
        guard count > 0 else { return nil }
        var index = home(lane: lane, key: key)
        while slots[index].lane != 0 {
            if slots[index].lane == lane &+ 1 && slots[index].key == key { return index }
            index = (index &+ 1) & (slots.count &- 1)
        }
        return nil
    }

    /// The index of the entry of (`lane`, `key`), added if new; `nil` at the bound.
    mutating func findOrAdd(lane: UInt32, key: UInt64) -> (index: Int, isNew: Bool)? {
        if let found = find(lane: lane, key: key) { return (found, false) }
        guard count < capacity else {
            isExhausted = true
            return nil
        }
        if count * 2 >= slots.count { grow() }
        let index = emptyIndex(lane: lane, key: key)
        slots[index] = Slot(key: key, lane: lane &+ 1)
        count += 1
        return (index, true)
    }

    subscript(index: Int) -> Slot {
        @inline(__always) get { slots[index] }
        @inline(__always) _modify { yield &slots[index] }
    }

    @inline(__always)
    private func home(lane: UInt32, key: UInt64) -> Int {
        let mixed = (key ^ UInt64(lane) &<< 40) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed &>> 32) & (slots.count &- 1)
    }

    private func emptyIndex(lane: UInt32, key: UInt64) -> Int {
        var index = home(lane: lane, key: key)
        while slots[index].lane != 0 { index = (index &+ 1) & (slots.count &- 1) }
        return index
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: max(64, old.count * 2))
        for slot in old where slot.lane != 0 {
            slots[emptyIndex(lane: slot.lane &- 1, key: slot.key)] = slot
        }
    }
}
