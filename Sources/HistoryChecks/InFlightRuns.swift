/// Deliveries that were received together, of consecutive events, and had one fate since.
struct InFlightRun: Sendable, BitwiseCopyable {
    /// The ordinal of the first delivery.
    var ordinal: UInt64
    var count: UInt64
    /// The first delivery; the others differ by number and offset, which follow by ones.
    var first: DeliveryEntry

    var end: UInt64 { ordinal &+ count }

    /// The delivery `ordinal`, which is one of the run.
    func entry(_ ordinal: UInt64) -> DeliveryEntry {
        var entry = first
        let step = ordinal &- self.ordinal
        entry.n &+= step
        if entry.offset >= 0 { entry.offset &+= Int64(truncatingIfNeeded: step) }
        return entry
    }

    /// Forgets the first `removed` deliveries.
    mutating func removeFirst(_ removed: UInt64) {
        first = entry(ordinal &+ removed)
        ordinal &+= removed
        count &-= removed
    }
}

/// The runs among the latest deliveries, oldest first, without a gap between them; bounded.
struct InFlightRuns: Sendable {
    private var runs: [InFlightRun]
    private var head = 0
    private(set) var count = 0

    /// - Precondition: `capacity` is a power of two.
    init(capacity: Int) {
        runs = Array(repeating: InFlightRun(ordinal: 0, count: 0, first: .none), count: capacity)
    }

    var isFull: Bool { count == runs.count }

    /// Run number `index` from the oldest on.
    subscript(index: Int) -> InFlightRun {
        get { runs[place(index)] }
        _modify { yield &runs[place(index)] }
    }

    mutating func append(_ run: InFlightRun) {
        precondition(!isFull, "no room for another run")
        count &+= 1
        self[count &- 1] = run
    }

    mutating func removeOldest() {
        head = (head &+ 1) & (runs.count &- 1)
        count &-= 1
    }

    mutating func removeAll() { count = 0 }

    /// Which run holds `ordinal`; `nil` if none does.
    func index(holding ordinal: UInt64) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) / 2
            if self[middle].end <= ordinal { low = middle &+ 1 } else { high = middle }
        }
        return low < count && self[low].ordinal <= ordinal ? low : nil
    }

    private func place(_ index: Int) -> Int { (head &+ index) & (runs.count &- 1) }
}
