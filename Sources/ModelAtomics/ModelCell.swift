public import RingCore

/// A cell of the modelled memory; every operation is a scheduling point.
public struct ModelCell: ~Copyable, Cell64 {
    private let execution: ModelExecution
    private let cell: Int

    /// Creates a cell that holds `value` when the threads start.
    public init(_ execution: ModelExecution, _ value: UInt64, name: String) {
        self.execution = execution
        cell = execution.addCell(value, name: name, word: name)
    }

    /// Creates a ring's cell, named by its role.
    public init(_ execution: ModelExecution, _ value: UInt64, role: RingCellRole) {
        self.execution = execution
        cell = execution.addCell(value, name: "\(role)", word: role.word)
    }

    /// Reads without ordering anything else.
    public func loadRelaxed() -> UInt64 {
        _ = execution.weakening(cell, .loadRelaxed)
        return execution.load(cell, acquires: false)
    }

    /// Reads, and sees everything that was written before the release that stored the value.
    public func loadAcquire() -> UInt64 {
        let weakening = execution.weakening(cell, .loadAcquire)
        return execution.load(cell, acquires: weakening == nil)
    }

    /// Writes without ordering anything else.
    public func storeRelaxed(_ value: UInt64) {
        _ = execution.weakening(cell, .storeRelaxed)
        execution.store(cell, value, releases: false)
    }

    /// Writes, after everything this thread wrote before.
    public func storeRelease(_ value: UInt64) {
        let weakening = execution.weakening(cell, .storeRelease)
        execution.store(cell, value, releases: weakening == nil)
    }

    /// Replaces `expected`, ordering nothing else; may fail by an old value, or for no reason.
    public func compareExchangeWeakRelaxed(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        if execution.weakening(cell, .exchangeRelaxed) == .inTwoSteps {
            return exchangeInTwoSteps(expected, desired, seesOld: true)
        }
        return execution.modify(cell, mayFail: true) { value in
            value == expected ? desired : nil
        }
    }

    /// Replaces `expected`, acquiring; fails only when the newest value differs.
    public func compareExchangeAcquire(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        if execution.isGivenUp { return (true, expected) }
        let weakening = execution.weakening(cell, .exchangeAcquire)
        if weakening == .inTwoSteps {
            return exchangeInTwoSteps(expected, desired, acquires: true)
        }
        return execution.modify(cell, acquires: weakening == nil) { value in
            value == expected ? desired : nil
        }
    }

    /// Replaces `expected`, releasing; fails only when the newest value differs.
    public func compareExchangeRelease(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        if execution.isGivenUp { return (true, expected) }
        let weakening = execution.weakening(cell, .exchangeRelease)
        if weakening == .inTwoSteps {
            return exchangeInTwoSteps(expected, desired, releases: true)
        }
        return execution.modify(cell, releases: weakening == nil) { value in
            value == expected ? desired : nil
        }
    }

    /// Adds `amount` and returns the value before, ordering nothing else.
    public func fetchAddRelaxed(_ amount: UInt64) -> UInt64 {
        if execution.weakening(cell, .addRelaxed) == .inTwoSteps {
            let original = execution.load(cell, acquires: false)
            execution.store(cell, original &+ amount, releases: false)
            return original
        }
        return execution.modify(cell) { $0 &+ amount }.original
    }

    private func exchangeInTwoSteps(
        _ expected: UInt64,
        _ desired: UInt64,
        acquires: Bool = false,
        releases: Bool = false,
        seesOld: Bool = false
    ) -> (exchanged: Bool, original: UInt64) {
        let original = execution.load(cell, acquires: acquires, seesOld: seesOld)
        if original == expected { execution.store(cell, desired, releases: releases) }
        return (original == expected, original)
    }
}

extension ModelExecution {
    /// Whether ends go away after a violation.
    ///
    /// What they exchange then succeeds: a word may be lost for good that they would wait for.
    var isGivenUp: Bool { running < 0 && phase == .setUp && violation != nil }

    /// The running thread's place in the memory's tables; the searching thread has the first.
    var memoryThread: Int { running + 1 }

    /// How much less than asked this operation does; notes the place when a search wants them.
    func weakening(_ cell: Int, _ operation: CellOperation) -> Weakening? {
        guard running >= 0, mutant != nil || notesSites else { return nil }
        let site = OrderingSite(
            word: words[cell],
            operation: operation,
            call: threads[running].call
        )
        if notesSites { sites.insert(site) }
        guard let mutant, mutant.site == site else { return nil }
        return mutant.weakening
    }

    func load(_ cell: Int, acquires: Bool, seesOld: Bool = true) -> UInt64 {
        let operation = ModelOperation(
            // A load that must see the newest value does not commute with a change of it.
            kind: seesOld ? .load : .modify,
            cell: cell,
            note: acquires ? "load acquire" : "load relaxed"
        )
        schedule(operation)
        let message = seesOld ? chooseMessage(cell) : memory.newest(cell)
        let age = memory.newest(cell) - message
        let value = memory.load(memoryThread, cell, message: message, acquires: acquires)
        didExecute(operation, value, age: age)
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
        didExecute(operation, value, age: 0)
    }

    /// Replaces the newest value by what `change` makes of it, or reads only when that is nil.
    func modify(
        _ cell: Int,
        acquires: Bool = false,
        releases: Bool = false,
        mayFail: Bool = false,
        _ change: (UInt64) -> UInt64?
    ) -> (exchanged: Bool, original: UInt64) {
        let operation = ModelOperation(kind: .modify, cell: cell, note: "modify")
        schedule(operation)
        let newest = memory.newest(cell)
        let failure = mayFail ? chooseFailure(cell, change) : nil
        let value: UInt64
        if let failure {
            value = memory.load(memoryThread, cell, message: failure, acquires: false)
        } else {
            value = memory.modify(
                memoryThread,
                cell,
                acquires: acquires,
                releases: releases,
                change
            )
        }
        let exchanged = failure == nil && change(value) != nil
        let message = failure ?? newest
        let note = exchanged ? "exchange, was" : "exchange fails,"
        let done = ModelOperation(kind: .modify, cell: cell, note: note)
        didExecute(done, value, age: newest - message)
        if running >= 0 { threads[running].readInAttempt[cell] = message }
        return (exchanged, value)
    }

    private func didExecute(_ operation: ModelOperation, _ value: UInt64, age: Int) {
        guard running >= 0 else { return }
        let step = ModelStep(
            thread: running,
            call: threads[running].call,
            operation: operation,
            value: value,
            age: age
        )
        trace.append(step)
        threads[running].sleep = .awake
    }
}
