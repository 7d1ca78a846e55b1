import ModelAtomics
import RingCore

/// The calls of one execution of a queue program, on their way into its history.
final class QueueRun {
    let execution: ModelExecution
    let history: QueueHistory

    init(_ execution: ModelExecution, _ queue: ModelledQueue, capacity: Int) {
        self.execution = execution
        history = QueueHistory(
            execution,
            capacity: capacity,
            announceEvery: queue.announceEvery
        )
    }

    func produce(
        _ end: ModelledQueue.Producer,
        _ calls: [QueueProgram.Send],
        _ thread: Int,
        waits: Bool
    ) {
        for call in calls {
            var rest = call
            while !rest.values.isEmpty {
                execution.beginAttempt()
                let sent = send(end, rest, thread)
                guard waits else { break }
                rest = rest.dropFirst(sent)
                if sent == 0 && !execution.waitForChange() { return }
            }
        }
    }

    func consume(
        _ end: ModelledQueue.Consumer,
        _ calls: [QueueProgram.Take],
        _ thread: Int,
        waits: Bool
    ) {
        for call in calls {
            var missing = call.count
            while missing > 0 {
                execution.beginAttempt()
                let got = take(end, call.atMost(missing), thread)
                guard waits else { break }
                missing -= got
                if got == 0 && !execution.waitForChange() { return }
            }
        }
    }

    /// Takes what is left and requires that the history can be explained.
    func finish(_ end: ModelledQueue.Consumer) {
        while take(end, .one, -1) > 0 {}
        history.check()
    }

    func send(_ end: ModelledQueue.Producer, _ call: QueueProgram.Send, _ thread: Int) -> Int {
        let pairs = call.values.map { Pair($0) }
        let (sent, interval) =
            switch call {
            case .one(let value):
                execution.timedCall("tryPublish") { () -> Int in
                    guard let refused = end.one(Pair(value)) else { return 1 }
                    execution.require(refused == Pair(value), "another element came back")
                    return 0
                }
            case .batch: execution.timedCall("tryPublish(batch:)") { end.batch(pairs) }
            case .inPlace: execution.timedCall("claim and publish") { end.inPlace(pairs) }
            }
        var answers = call.values.prefix(sent).map { QueueHistory.Answer.pushed($0) }
        // A claim in place may also end at the ring's end, so fewer do not mean full.
        let saysFull = if case .inPlace = call { sent == 0 } else { sent < pairs.count }
        if saysFull { answers.append(.full) }
        history.record(answers, interval, thread: thread)
        return sent
    }

    func take(_ end: ModelledQueue.Consumer, _ call: QueueProgram.Take, _ thread: Int) -> Int {
        let (taken, interval) =
            switch call {
            case .one: execution.timedCall("tryTake") { end.one().map { [$0] } ?? [] }
            case .batch(let count): execution.timedCall("tryTake(into:)") { end.batch(count) }
            case .inPlace(let count):
                execution.timedCall("drain and release") { end.inPlace(count) }
            }
        for pair in taken { execution.require(pair.isWhole, "a torn element \(pair)") }
        var answers = taken.map { QueueHistory.Answer.took($0.value) }
        let saysEmpty = if case .inPlace = call { taken.isEmpty } else { taken.count < call.count }
        if saysEmpty { answers.append(.empty) }
        history.record(answers, interval, thread: thread)
        return taken.count
    }
}

extension QueueProgram.Send {
    func dropFirst(_ count: Int) -> Self {
        switch self {
        case .one: count == 0 ? self : .batch([])
        case .batch(let values): .batch(Array(values.dropFirst(count)))
        case .inPlace(let values): .inPlace(Array(values.dropFirst(count)))
        }
    }
}

extension QueueProgram.Take {
    func atMost(_ count: Int) -> Self {
        switch self {
        case .one: .one
        case .batch: .batch(count)
        case .inPlace: .inPlace(count)
        }
    }
}
