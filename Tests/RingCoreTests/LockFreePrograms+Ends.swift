import ModelAtomics
import RingCore

/// Programs of ends that come and go while others do: no slot may get lost or have two owners.
extension LockFreePrograms {
    static let ends = [
        RingProgram(ring: .lockFree, title: "two ends that leave at the same time") {
            try keepsSlots($0, isJoining: false)
        },
        RingProgram(ring: .lockFree, title: "an end that joins while one leaves") {
            try keepsSlots($0, isJoining: true)
        },
    ]

    /// After an end has left beside another that left or joined, there is a slot for every end.
    ///
    /// Joining looks for a slot until it finds one: were a slot lost, it would never end.
    private static func keepsSlots(_ execution: ModelExecution, isJoining: Bool) throws {
        let ring = try ModelledQueue.lockFree(execution, ends: 2)
        let leaving = Owned(End(ring.makeConsumer()))
        let other = Owned(isJoining ? nil : End(ring.makeConsumer()))
        let signal = ModelCell(execution, 0, name: "signal")
        execution.thread {
            execution.call("leave") { leaving.end = nil }
            signal.storeRelaxed(1)
        }
        execution.thread {
            execution.call(isJoining ? "join" : "leave") {
                other.end = isJoining ? End(ring.makeConsumer()) : nil
            }
            execution.beginAttempt()
            while signal.loadRelaxed() == 0 {
                guard execution.waitForChange() else { return }
                execution.beginAttempt()
            }
            let join = { execution.call("join") { End(ring.makeConsumer()) } }
            let first = isJoining ? other : Owned(join())
            let second = Owned(join())
            let slots = [first.end, second.end].compactMap { $0.map(ModelledQueue.slot) }
            execution.require(Set(slots).count == 2, "two ends own the slots \(slots)")
            execution.call("leave") {
                first.end = nil
                second.end = nil
            }
        }
    }
}
