/// A piece of work that runs once per event, batch or sample, and whose cost is watched.
public struct HotPath {
    /// What it is called in tables.
    public let name: String
    /// What doing it once means.
    public let unit: String
    private let prepare: () throws -> (Int) -> Void

    init(_ name: String, per unit: String, _ prepare: @escaping () throws -> (Int) -> Void) {
        self.name = name
        self.unit = unit
        self.prepare = prepare
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
