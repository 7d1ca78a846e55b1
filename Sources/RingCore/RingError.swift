/// Why a ring cannot be made.
public enum RingError: Error, Hashable, CustomStringConvertible {
    /// The capacity is not a power of two.
    case badCapacity(Int)
    /// The slot size is not a positive multiple of 8 bytes.
    case badSlotBytes(Int)
    /// A multicast ring without a group would never free a slot.
    case badGroupCount(Int)
    /// A ring whose ends own slots needs to know how many ends there will be.
    case badEndCount(Int)
    /// Capacity times slot size exceeds the address space.
    case tooLarge(capacity: Int, slotBytes: Int)

    /// What is wrong, with which value, and what to set instead.
    public var description: String {
        switch self {
        case .badCapacity(let capacity):
            "ring capacity \(capacity) is not a power of two; set it to 1, 2, 4, ..."
        case .badSlotBytes(let bytes):
            "ring slot size \(bytes) B is not a positive multiple of 8; set it to 64, 128, ..."
        case .badGroupCount(let count):
            "a multicast ring has \(count) groups; give it at least one"
        case .badEndCount(let count):
            "a lock-free ring has room for \(count) ends; give it at least one"
        case .tooLarge(let capacity, let slotBytes):
            "a ring of \(capacity) slots of \(slotBytes) B exceeds the address space; "
                + "lower the capacity or the slot size"
        }
    }

    /// Checks a capacity against the rules that all kinds share.
    static func check(capacity: Int, slotBytes: Int) throws(RingError) {
        guard capacity > 0, capacity & (capacity - 1) == 0 else { throw .badCapacity(capacity) }
        // A quarter of the range, so that sums of sizes cannot overflow either.
        let product = capacity.multipliedReportingOverflow(by: slotBytes)
        guard !product.overflow, product.partialValue <= Int.max / 4 else {
            throw .tooLarge(capacity: capacity, slotBytes: slotBytes)
        }
    }
}
