public import RingCore

/// Slots of the modelled memory: real bytes, and a check that every access is ordered.
///
/// The check believes what the ring says. That it says so at the right place is checked by hiding
/// what the slots hold: it is there from the call that tells of an access to the thread's next
/// atomic operation only. A ring that reads after it released, writes after it published, or
/// touches another slot than it said, gets or leaves garbage.
public struct ModelSlots: ~Copyable, SlotSpace {
    private let execution: ModelExecution
    private let first: Int
    private let count: Int
    private let stride: Int
    private let hidden: Range<Int>
    private let storage: SlotStorage

    /// Creates `capacity` slots of `stride` bytes, of which those in `hides` are hidden.
    ///
    /// `hides` has whole words and leaves out what is no element, such as a slot's own cell.
    public init(
        _ execution: ModelExecution,
        capacity: Int,
        stride: Int,
        hides hidden: Range<Int> = 0..<0
    ) {
        precondition(hidden.lowerBound % 8 == 0 && hidden.upperBound % 8 == 0, "no whole words")
        precondition(hidden.upperBound <= stride, "a slot is not as long")
        self.execution = execution
        self.stride = stride
        self.hidden = hidden
        count = capacity
        storage = SlotStorage(capacity: capacity, stride: stride)
        first = execution.memory.addSlots(capacity)
    }

    deinit {
        let own = first..<(first + count)
        execution.shown.removeAll { own.contains($0.slot) }
    }

    /// Where the first slot begins.
    public var base: UnsafeMutableRawPointer {
        // SAFETY: the storage lives as long as these slots.
        unsafe storage.base
    }

    /// Slots are about to be written; a race with any earlier access is a violation.
    public func willWrite(_ first: Int, count: Int) {
        show(first, count: count)
        execution.access(self.first + first, count: count, writes: true)
    }

    /// Slots are about to be read; a race with an earlier write is a violation.
    public func willRead(_ first: Int, count: Int) {
        show(first, count: count)
        execution.access(self.first + first, count: count, writes: false)
    }

    /// Slots are about to be copied, perhaps while another thread writes them.
    public func willPeek(_ first: Int, count: Int) {
        show(first, count: count)
        execution.peek(self.first + first, count: count)
    }

    /// Copies are kept; a write that is not ordered against the peek is a violation.
    public func didKeep(_ first: Int, count: Int) {
        execution.keep(self.first + first, count: count)
    }

    private func show(_ first: Int, count: Int) {
        guard !hidden.isEmpty else { return }
        for index in first..<(first + count) {
            precondition(index >= 0 && index < self.count, "a slot outside the ring")
            // SAFETY: the hidden bytes lie inside the slot.
            let address = unsafe base + index * stride + hidden.lowerBound
            execution.show(
                unsafe ShownSlot(
                    slot: self.first + index,
                    address: address,
                    words: hidden.count / 8
                )
            )
        }
    }
}

/// A slot whose bytes are as the ring wrote them, until the next atomic operation.
@safe
struct ShownSlot {
    let slot: Int
    private let address: UnsafeMutableRawPointer
    private let words: Int

    /// - Safety: there must be as many words, and they must stay until the slot is forgotten.
    @unsafe
    init(slot: Int, address: UnsafeMutableRawPointer, words: Int) {
        self.slot = slot
        unsafe self.address = address
        self.words = words
    }

    /// Hides the bytes, or shows them again: every word is mixed with a number of its own.
    func toggle() {
        for word in 0..<words {
            let key = (UInt64(slot) << 16 | UInt64(word + 1)) &* 0x9e37_79b9_7f4a_7c15
            // SAFETY: init's caller promised these words.
            let bytes = unsafe address + word * 8
            let mixed = unsafe bytes.load(as: UInt64.self) ^ key
            unsafe bytes.storeBytes(of: mixed, as: UInt64.self)
        }
    }
}

extension ModelExecution {
    func show(_ slot: ShownSlot) {
        guard !shown.contains(where: { $0.slot == slot.slot }) else { return }
        slot.toggle()
        shown.append(slot)
    }

    /// Hides what slots hold: their time is up with the next atomic operation.
    func hideSlots() {
        for slot in shown { slot.toggle() }
        shown.removeAll(keepingCapacity: true)
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
