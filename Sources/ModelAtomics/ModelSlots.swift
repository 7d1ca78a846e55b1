public import RingCore

/// Slots of the modelled memory: real bytes, and a check that every access is ordered.
public struct ModelSlots: ~Copyable, SlotSpace {
    private let execution: ModelExecution
    private let first: Int
    private let storage: SlotStorage

    /// Creates `capacity` slots of `stride` bytes.
    public init(_ execution: ModelExecution, capacity: Int, stride: Int) {
        self.execution = execution
        storage = SlotStorage(capacity: capacity, stride: stride)
        first = execution.memory.addSlots(capacity)
    }

    /// Where the first slot begins.
    public var base: UnsafeMutableRawPointer {
        // SAFETY: the storage lives as long as these slots.
        unsafe storage.base
    }

    /// Slots are about to be written; a race with any earlier access is a violation.
    public func willWrite(_ first: Int, count: Int) {
        execution.access(self.first + first, count: count, writes: true)
    }

    /// Slots are about to be read; a race with an earlier write is a violation.
    public func willRead(_ first: Int, count: Int) {
        execution.access(self.first + first, count: count, writes: false)
    }

    /// Slots are about to be copied, perhaps while another thread writes them.
    public func willPeek(_ first: Int, count: Int) {
        execution.peek(self.first + first, count: count)
    }

    /// Copies are kept; a write that is not ordered against the peek is a violation.
    public func didKeep(_ first: Int, count: Int) {
        execution.keep(self.first + first, count: count)
    }
}

extension ModelExecution {
    func access(_ first: Int, count: Int, writes: Bool) {
        for slot in first..<(first + count) {
            let verb = writes ? "writes" : "reads"
            note(slot, verb)
            guard let race = memory.access(memoryThread, slot: slot, writes: writes) else {
                continue
            }
            failRace(race, verb, slot)
        }
    }

    func peek(_ first: Int, count: Int) {
        guard phase != .abandoned else { return }
        for slot in first..<(first + count) {
            note(slot, "peeks at")
            memory.peek(memoryThread, slot: slot)
        }
    }

    func keep(_ first: Int, count: Int) {
        guard phase != .abandoned else { return }
        for slot in first..<(first + count) {
            note(slot, "keeps")
            guard let race = memory.keep(memoryThread, slot: slot) else { continue }
            failRace(race, "keeps a copy of", slot)
        }
    }

    private func failRace(_ race: SlotStamp, _ verb: String, _ slot: Int) {
        fail(
            "data race: thread \(running) \(verb) slot \(slot), which thread "
                + "\(race.thread - 1) touched without happening before"
        )
    }

    private func note(_ slot: Int, _ verb: String) {
        guard running >= 0 else { return }
        let step = ModelStep(
            thread: running,
            call: threads[running].call,
            operation: ModelOperation(kind: .slot, cell: slot, note: verb),
            value: 0,
            age: 0
        )
        trace.append(step)
    }
}
