/// What a thread is about to do to the modelled memory.
struct ModelOperation: CustomStringConvertible {
    enum Kind { case load, store, modify, wait }
    var kind: Kind
    var cell: Int
    var note: String

    var description: String { kind == .wait ? "wait" : "\(note) cell \(cell)" }

    var writes: Bool { kind == .store || kind == .modify }

    /// Whether executing `other` first can make a difference to this one, which was put to sleep.
    ///
    /// With old values readable a load that comes before a write also happens after it, by
    /// reading the older message: so a load need not be tried before a write.
    func mustWake(after other: ModelOperation, readsOldValues: Bool) -> Bool {
        guard kind != .wait, other.kind != .wait, cell == other.cell else { return false }
        if other.writes { return true }
        return writes && !readsOldValues
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
