import Messaging

/// A set of event identifiers that costs a few nanoseconds an event where a `Set` costs a hundred.
///
/// Open addressing with linear probing, at most three quarters full; a removal moves back what
/// was pushed on. It never shrinks, and allocates only in `init` and when it grows.
struct EventIDTable: Sendable {
    private var ids: ContiguousArray<EventID>
    private var isUsed: ContiguousArray<Bool>
    private(set) var count = 0

    /// A set that holds `capacity` identifiers before it grows.
    init(capacity: Int) {
        var cells = 16
        while 3 * cells < 4 * capacity { cells *= 2 }
        ids = ContiguousArray(repeating: EventID(rawValue: 0), count: cells)
        isUsed = ContiguousArray(repeating: false, count: cells)
    }

    func contains(_ id: EventID) -> Bool { isUsed[cell(of: id)] }

    /// Adds `id`; `false` if it was there.
    mutating func insert(_ id: EventID) -> Bool {
        var cell = cell(of: id)
        guard !isUsed[cell] else { return false }
        if 4 * (count + 1) > 3 * ids.count {
            grow()
            cell = self.cell(of: id)
        }
        ids[cell] = id
        isUsed[cell] = true
        count += 1
        return true
    }

    mutating func remove(_ id: EventID) {
        var hole = cell(of: id)
        guard isUsed[hole] else { return }
        count -= 1
        let mask = ids.count &- 1
        var next = (hole &+ 1) & mask
        while isUsed[next] {
            if (next &- home(of: ids[next])) & mask >= (next &- hole) & mask {
                ids[hole] = ids[next]
                hole = next
            }
            next = (next &+ 1) & mask
        }
        isUsed[hole] = false
    }

    mutating func removeAll() {
        for cell in isUsed.indices { isUsed[cell] = false }
        count = 0
    }

    private mutating func grow() {
        let old = self
        self = EventIDTable(capacity: ids.count)
        for cell in old.ids.indices where old.isUsed[cell] { _ = insert(old.ids[cell]) }
    }

    /// The cell that holds `id`, or the unused one where it belongs.
    private func cell(of id: EventID) -> Int {
        let mask = ids.count &- 1
        var cell = home(of: id)
        while isUsed[cell], ids[cell] != id { cell = (cell &+ 1) & mask }
        return cell
    }

    private func home(of id: EventID) -> Int {
        // Fibonacci hashing: sequences are dense.
        let mixed = id.rawValue &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed &>> 32) & (ids.count &- 1)
    }
}
