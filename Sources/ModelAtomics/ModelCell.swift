public import RingCore

/// Which orderings of a modelled cell are left out, to prove that the search notices.
public struct Weakening: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int
    /// Creates a set from its bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// Releasing stores become relaxed.
    public static let releases = Weakening(rawValue: 1)
    /// Acquiring loads become relaxed.
    public static let acquires = Weakening(rawValue: 2)
    /// An exchange becomes a load and a store with a gap between.
    public static let exchanges = Weakening(rawValue: 4)
}

/// A cell of the modelled memory; every operation is a scheduling point.
public struct ModelCell: ~Copyable, Cell64 {
    private let execution: ModelExecution
    private let cell: Int
    private let weakening: Weakening

    /// Creates a cell that holds `value` when the threads start.
    public init(_ execution: ModelExecution, _ value: UInt64, weakening: Weakening = []) {
        self.execution = execution
        self.weakening = weakening
        cell = execution.memory.addCell(value)
    }

    /// Reads without ordering anything else.
    public func loadRelaxed() -> UInt64 {
        execution.load(cell, acquires: false)
    }

    /// Reads, and sees everything that was written before the release that stored the value.
    public func loadAcquire() -> UInt64 {
        execution.load(cell, acquires: !weakening.contains(.acquires))
    }

    /// Writes without ordering anything else.
    public func storeRelaxed(_ value: UInt64) {
        execution.store(cell, value, releases: false)
    }

    /// Writes, after everything this thread wrote before.
    public func storeRelease(_ value: UInt64) {
        execution.store(cell, value, releases: !weakening.contains(.releases))
    }

    /// Replaces `expected`, ordering nothing else; never fails spuriously.
    public func compareExchangeWeakRelaxed(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        exchange(expected, desired, acquires: false, releases: false)
    }

    /// Replaces `expected`, acquiring and releasing.
    public func compareExchangeAcquireRelease(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        exchange(
            expected,
            desired,
            acquires: !weakening.contains(.acquires),
            releases: !weakening.contains(.releases)
        )
    }

    /// Replaces `expected`, releasing.
    public func compareExchangeRelease(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        let releases = !weakening.contains(.releases)
        return exchange(expected, desired, acquires: false, releases: releases)
    }

    /// Adds `amount` and returns the value before, ordering nothing else.
    public func fetchAddRelaxed(_ amount: UInt64) -> UInt64 {
        execution.modify(cell, acquires: false, releases: false) { $0 &+ amount }
    }

    private func exchange(
        _ expected: UInt64,
        _ desired: UInt64,
        acquires: Bool,
        releases: Bool
    ) -> (exchanged: Bool, original: UInt64) {
        if weakening.contains(.exchanges) {
            let original = execution.load(cell, acquires: acquires)
            if original == expected { execution.store(cell, desired, releases: releases) }
            return (original == expected, original)
        }
        let original = execution.modify(cell, acquires: acquires, releases: releases) { value in
            value == expected ? desired : nil
        }
        return (original == expected, original)
    }
}

extension ModelExecution {
    /// The running thread's place in the memory's tables; the searching thread has the first.
    var memoryThread: Int { running + 1 }

    func load(_ cell: Int, acquires: Bool) -> UInt64 {
        let operation = ModelOperation(
            kind: .load,
            cell: cell,
            note: acquires ? "load acquire" : "load relaxed"
        )
        schedule(operation)
        let message = chooseMessage(cell)
        let value = memory.load(memoryThread, cell, message: message, acquires: acquires)
        didExecute(operation, value)
        if running >= 0 { threads[running].readInAttempt[cell] = message }
        return value
    }

    func store(_ cell: Int, _ value: UInt64, releases: Bool) {
        let operation = ModelOperation(
            kind: .store,
            cell: cell,
            note: releases ? "store release" : "store relaxed"
        )
        schedule(operation)
        memory.store(memoryThread, cell, value, releases: releases)
        didExecute(operation, value)
    }

    func modify(
        _ cell: Int,
        acquires: Bool,
        releases: Bool,
        _ change: (UInt64) -> UInt64?
    ) -> UInt64 {
        let operation = ModelOperation(kind: .modify, cell: cell, note: "modify")
        schedule(operation)
        let message = memory.newest(cell)
        let value = memory.modify(
            memoryThread,
            cell,
            acquires: acquires,
            releases: releases,
            change
        )
        didExecute(operation, value)
        if running >= 0 { threads[running].readInAttempt[cell] = message }
        return value
    }

    private func didExecute(_ operation: ModelOperation, _ value: UInt64) {
        guard running >= 0 else { return }
        trace.append((running, operation, value))
        threads[running].sleep = .awake
    }
}
