/// Finds the shelf slot that belongs to a number (an offset or a key), in preallocated memory.
///
/// Open addressing with linear probing; at most half full, so a look-up touches one or two cells.
/// Removal shifts the rest of its run back, which leaves no tombstones behind.
struct SlotIndex {
    private var numbers: [UInt64]
    private var slots: [Int32]
    private let mask: Int
    private(set) var count = 0

    private static let vacant: Int32 = -1

    /// An index with room for `capacity` numbers.
    init(capacity: Int) {
        var cells = 2
        while cells < capacity * 2 { cells *= 2 }
        numbers = Array(repeating: 0, count: cells)
        slots = Array(repeating: Self.vacant, count: cells)
        mask = cells - 1
    }

    var isEmpty: Bool { count == 0 }

    /// The slot that belongs to `number`.
    func slot(of number: UInt64) -> Int? {
        guard count > 0 else { return nil }
        let cell = cell(of: number)
        return slots[cell] == Self.vacant ? nil : Int(slots[cell])
    }

    /// Lets `number` lead to `slot`, whether or not it led to another one before.
    mutating func set(_ number: UInt64, to slot: Int) {
        let cell = cell(of: number)
        if slots[cell] == Self.vacant {
            precondition(count * 2 < slots.count, "slot index is over its capacity")
            count += 1
        }
        numbers[cell] = number
        slots[cell] = Int32(slot)
    }

    /// Forgets `number`, which must be present.
    mutating func remove(_ number: UInt64) {
        var hole = cell(of: number)
        precondition(slots[hole] != Self.vacant, "number is not in the slot index")
        count -= 1
        var next = (hole + 1) & mask
        while slots[next] != Self.vacant {
            let distanceFromHome = (next - home(of: numbers[next])) & mask
            if distanceFromHome >= (next - hole) & mask {
                numbers[hole] = numbers[next]
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = Self.vacant
    }

    private func home(of number: UInt64) -> Int {
        // Fibonacci hashing: offsets are dense and keys differ in few bits.
        Int(truncatingIfNeeded: (number &* 0x9E37_79B9_7F4A_7C15) &>> 32) & mask
    }

    private func cell(of number: UInt64) -> Int {
        var cell = home(of: number)
        while slots[cell] != Self.vacant && numbers[cell] != number {
            cell = (cell + 1) & mask
        }
        return cell
    }
}
