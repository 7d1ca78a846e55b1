/// What a thread is about to do to the modelled memory.
struct ModelOperation {
    enum Kind { case load, store, modify, wait, fence, slot }
    var kind: Kind
    /// The cell or slot; -1 where there is none.
    var cell: Int
    var note: String

    var writes: Bool { kind == .store || kind == .modify || kind == .fence }

    /// Whether executing `other` first can make a difference to this one, which was put to sleep.
    ///
    /// With old values readable a load that comes before a write also happens after it, by
    /// reading the older message: so a load need not be tried before a write. Fences come here
    /// only when they are sequentially consistent, and count as writes to one cell of their own.
    func mustWake(after other: ModelOperation, readsOldValues: Bool) -> Bool {
        guard kind != .wait, other.kind != .wait, cell == other.cell else { return false }
        if other.writes { return true }
        return writes && !readsOldValues
    }
}

/// An operation that was executed, to be shown when its execution breaks a requirement.
struct ModelStep {
    var thread: Int
    var call: String
    var operation: ModelOperation
    var value: UInt64
    /// How many newer values the cell had.
    var age: Int

    func text(cells: [String]) -> String {
        let place = "thread \(thread)  \(call.isEmpty ? "-" : call)"
        let left = place + String(repeating: " ", count: max(1, 40 - place.count))
        switch operation.kind {
        case .wait, .fence: return left + operation.note
        case .slot: return left + "\(operation.note) slot \(operation.cell)"
        case .load, .store, .modify:
            let late = age == 0 ? "" : "  (\(age) newer)"
            return left + "\(cells[operation.cell])  \(operation.note) \(value)" + late
        }
    }
}

/// Whether a thread's next operation has been covered by an earlier branch of the search.
enum Sleep {
    /// Not covered.
    case awake
    /// Covered, until an operation it depends on happens.
    case asleep
    /// A load of which all messages below the index are covered.
    case below(Int)
}
