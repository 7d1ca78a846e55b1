import ModelAtomics

/// Every call that a modelled program made of a queue, and whether one order explains them all.
///
/// The order must respect what happens before what. An accepted element goes to the back, a taken
/// one comes from the front. Beyond that only two answers are allowed: *empty* while the element
/// at the front is still being published, and *full* while the slot that the element needs is
/// still being given back, or has not been announced by a consumer that announces now and then.
final class QueueHistory {
    enum Answer {
        case pushed(UInt64), full, took(UInt64), empty
    }

    private struct Call {
        var answer: Answer
        var interval: ModelInterval
        var thread: Int
    }

    private struct State: Hashable {
        var done: UInt64 = 0
        /// The calls that pushed and took, in order.
        var pushes: [Int] = []
        var takes: [Int] = []
    }

    private let execution: ModelExecution
    private let capacity: Int
    /// Slots that may be free and unannounced.
    private let unannouncedMax: Int
    private var calls: [Call] = []
    private(set) var taken = 0

    init(_ execution: ModelExecution, capacity: Int, announceEvery: Int = 1) {
        self.execution = execution
        self.capacity = capacity
        unannouncedMax = announceEvery - 1
    }

    /// Records the calls into which one attempt falls; -1 is the thread of set-up and end.
    func record(_ answers: [Answer], _ interval: ModelInterval, thread: Int) {
        for answer in answers {
            if case .took = answer { taken += 1 }
            calls.append(Call(answer: answer, interval: interval, thread: thread))
        }
    }

    /// Requires that some order explains every call.
    func check() {
        precondition(calls.count < 64, "a history is small")
        var before = Array(repeating: UInt64(0), count: calls.count)
        for (later, call) in calls.enumerated() {
            for (earlier, other) in calls.enumerated() where earlier != later {
                let isBefore =
                    other.thread == call.thread
                    ? earlier < later : other.interval.precedes(call.interval)
                if isBefore { before[later] |= 1 << UInt64(earlier) }
            }
        }
        var inVain: Set<State> = []
        execution.require(explain(State(), before, &inVain), "no order explains \(text)")
    }

    private func explain(
        _ state: State,
        _ before: [UInt64],
        _ inVain: inout Set<State>
    ) -> Bool {
        guard !inVain.contains(state) else { return false }
        var isDone = true
        for (index, call) in calls.enumerated() where state.done & (1 << UInt64(index)) == 0 {
            isDone = false
            guard before[index] & ~state.done == 0 else { continue }
            guard var next = after(state, index, call.answer, before[index]) else { continue }
            next.done |= 1 << UInt64(index)
            if explain(next, before, &inVain) { return true }
        }
        if !isDone { inVain.insert(state) }
        return isDone
    }

    /// The queue after a call, or nil where the call cannot come next.
    private func after(_ state: State, _ index: Int, _ answer: Answer, _ seen: UInt64) -> State? {
        var next = state
        let count = state.pushes.count - state.takes.count
        switch answer {
        case .pushed:
            guard count < capacity else { return nil }
            next.pushes.append(index)
        case .full:
            let needed = state.pushes.count - capacity + unannouncedMax
            guard needed >= 0 else { return nil }
            let isFree =
                needed < state.takes.count && seen & (1 << UInt64(state.takes[needed])) != 0
            guard !isFree else { return nil }
        case .took(let value):
            guard count > 0, value == pushed(state.pushes[state.takes.count]) else { return nil }
            next.takes.append(index)
        case .empty:
            guard count > 0 else { return next }
            let front = state.pushes[state.takes.count]
            guard seen & (1 << UInt64(front)) == 0 else { return nil }
        }
        return next
    }

    private func pushed(_ call: Int) -> UInt64? {
        if case .pushed(let value) = calls[call].answer { value } else { nil }
    }

    private var text: String {
        calls.map { "\($0.thread) \($0.answer)" }.joined(separator: ", ")
    }
}
