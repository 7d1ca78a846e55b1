/// A piece of work that runs once per event, batch or sample, and whose cost is watched.
public struct HotPath {
    /// What it is called in tables.
    public let name: String
    /// What doing it once means.
    public let unit: String
    private let prepare: () throws -> (Int) -> Void

    /// Work on a state that `state` makes and `work` has to itself.
    init<State: ~Copyable>(
        _ name: String,
        per unit: String,
        state: @escaping () throws -> State,
        work: @escaping (inout State, Int) -> Void
    ) {
        self.name = name
        self.unit = unit
        prepare = {
            let kept = Kept(try state())
            return { count in work(&kept.value, count) }
        }
    }

    /// Every hot path, in the order of tables.
    public static var all: [HotPath] { rings + checks + faults + histories + brokers }

    /// How often a path is done at least; counts are multiples of it.
    public static var step: Int { 1024 }

    /// Sets up what the path needs; the result does it as often as it is told, again and again.
    ///
    /// Traps if the work gives a wrong result: what is wrong needs no measuring.
    public func prepared() throws -> (Int) -> Void { try prepare() }
}

/// Gives a move-only value a place that a closure can keep.
private final class Kept<Value: ~Copyable> {
    var value: Value

    init(_ value: consuming Value) {
        self.value = value
    }
}
