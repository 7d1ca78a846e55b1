/// When a call ran, by what happens before what.
///
/// Under a weak memory that is all the order there is: an answer may be old news unless something
/// that the caller has seen says otherwise.
public struct ModelInterval: Sendable {
    var place: Int
    var started: [Int]
    var ended: Int

    /// Whether all of this call happens before all of `other`.
    public func precedes(_ other: ModelInterval) -> Bool {
        ended <= other.started[place]
    }
}

extension ModelExecution {
    /// Runs a call of the ring under its name, which traces and mutants refer to.
    @discardableResult
    public func call<Value>(_ name: String, _ body: () -> Value) -> Value {
        timedCall(name, body).value
    }

    /// Runs a call of the ring under its name, and says when it ran.
    public func timedCall<Value>(
        _ name: String,
        _ body: () -> Value
    ) -> (value: Value, interval: ModelInterval) {
        let place = memoryThread
        let started = memory.views[place].clock
        if place > 0 { threads[place - 1].call = name }
        let value = body()
        if place > 0, threads.count >= place { threads[place - 1].call = "" }
        let ended = memory.views[place].clock[place] - 1
        return (value, ModelInterval(place: place, started: started, ended: ended))
    }

    /// A fence on its own; `ModelFence` says what each orders.
    public func fence(_ fence: ModelFence) {
        let operation = ModelOperation(
            kind: .fence,
            cell: fence == .sequentiallyConsistent ? -2 : -3 - memoryThread,
            note: "fence \(fence.rawValue)"
        )
        schedule(operation)
        memory.fence(memoryThread, fence)
        guard running >= 0 else { return }
        trace.append(
            ModelStep(
                thread: running,
                call: threads[running].call,
                operation: operation,
                value: 0,
                age: 0
            )
        )
        threads[running].sleep = .awake
    }
}
