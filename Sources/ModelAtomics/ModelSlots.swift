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
}

extension ModelExecution {
    func access(_ first: Int, count: Int, writes: Bool) {
        for slot in first..<(first + count) {
            note(slot, writes)
            guard let race = memory.access(memoryThread, slot: slot, writes: writes) else {
                continue
            }
            let verb = writes ? "writes" : "reads"
            fail(
                "data race: thread \(running) \(verb) slot \(slot), which thread "
                    + "\(race.thread - 1) touched without happening before"
            )
        }
    }

    private func note(_ slot: Int, _ writes: Bool) {
        guard running >= 0 else { return }
        let step = ModelStep(
            thread: running,
            call: threads[running].call,
            operation: ModelOperation(kind: .slot, cell: slot, note: writes ? "writes" : "reads"),
            value: 0,
            age: 0
        )
        trace.append(step)
    }
}
