import ModelAtomics
import RingCore

/// Programs of batches, of answers that must be exact, and of where calls leave the positions.
extension LockFreePrograms {
    static let batches = [
        QueueProgram(
            ring: .lockFree,
            title: "3 batches whose slots come back",
            capacity: 1,
            producers: [[.batch([1]), .batch([2]), .batch([3])]],
            consumers: [Array(repeating: .batch(1), count: 3)]
        ),
        QueueProgram(
            ring: .lockFree,
            title: "2 batching producers, 1 slot, 1 consumer",
            capacity: 1,
            producers: [[.batch([1])], [.batch([11])]],
            consumers: [[.batch(1), .batch(1)]]
        ),
    ]

    static let answers =
        [QueueProgram.Send.one(11), .batch([11])].map { send in
            RingProgram(ring: .lockFree, title: "room for \(send.name) is always found") {
                try neverFull($0, send)
            }
        }
        + [QueueProgram.Take.one, .batch(1)].map { take in
            RingProgram(ring: .lockFree, title: "\(take.name) left over is always found") {
                try neverEmpty($0, take)
            }
        }
        + [
            RingProgram(ring: .multicastLockFree, title: "room for one more is always found") {
                try neverFullOfEvents($0, before: 0, rounds: 2)
            },
            RingProgram(ring: .multicastLockFree, title: "room is found by who knew a full ring") {
                try neverFullOfEvents($0, before: 2, rounds: 1)
            },
        ]

    static let positions = [
        RingProgram(ring: .lockFree, title: "the tail stands behind the last element") {
            try leavesTail($0)
        },
        RingProgram(ring: .lockFree, title: "the head stands behind the last one taken") {
            try leavesHead($0)
        },
        RingProgram(ring: .multicastLockFree, title: "the tail stands behind the last event") {
            try leavesTailOfEvents($0)
        },
    ]

    /// One thread never has more than one element inside: there is room for the other's.
    ///
    /// Both send in the same way, so that what either lets the other know is put to the test.
    private static func neverFull(
        _ execution: ModelExecution,
        _ send: QueueProgram.Send
    ) throws {
        let queue = try ModelledQueue(.lockFree, execution, capacity: 2, firstSequence: 1)
        let run = QueueRun(execution, queue, capacity: 2)
        let busy = (queue.makeProducer(), queue.makeConsumer())
        let other = queue.makeProducer()
        execution.thread {
            for value in [UInt64(1), 2] {
                _ = run.send(busy.0, send.carrying(value), 0)
                _ = run.take(busy.1, .one, 0)
            }
        }
        execution.thread {
            let sent = run.send(other, send, 1)
            execution.require(sent == 1, "refused by a ring that was never full")
        }
        execution.atEnd { run.finish(busy.1) }
    }

    /// One thread never leaves less than one element inside: there is one for the other.
    private static func neverEmpty(
        _ execution: ModelExecution,
        _ take: QueueProgram.Take
    ) throws {
        let queue = try ModelledQueue(.lockFree, execution, capacity: 2, firstSequence: 1)
        let run = QueueRun(execution, queue, capacity: 2)
        let busy = (queue.makeProducer(), queue.makeConsumer())
        let other = queue.makeConsumer()
        _ = run.send(busy.0, .one(1), -1)
        execution.thread {
            for value in [UInt64(2), 3] {
                _ = run.send(busy.0, .one(value), 0)
                _ = run.take(busy.1, take, 0)
            }
        }
        execution.thread {
            let taken = run.take(other, take, 1)
            execution.require(taken == 1, "nothing in a ring that was never empty")
        }
        execution.atEnd { run.finish(busy.1) }
    }

    /// A producer and reader never has more than one event inside: there is room for the other's.
    ///
    /// The rounds before are over when the other comes, which knows of none of them.
    private static func neverFullOfEvents(
        _ execution: ModelExecution,
        before: UInt64,
        rounds: UInt64
    ) throws {
        let ring = try events(execution, capacity: 2)
        let (busy, other) = (End(ring.makeAppender()), End(ring.makeAppender()))
        let reader = End(ring.makeReader(group: 0))
        let round = { (sequence: UInt64) in
            ringSlotWrite(busy.value, sequence)
            _ = execution.call("tryAppend") { busy.value.tryAppend() }
            let read = execution.call("available") {
                reader.value.available(from: sequence, max: 1)
            }
            execution.require(read.count == 1, "what was appended is not there")
            execution.call("release") { reader.value.release(below: read.upperBound) }
        }
        for number in 0..<before { round(1 + number) }
        execution.thread { for number in 0..<rounds { round(1 + before + number) } }
        execution.thread {
            ringSlotWrite(other.value, 11)
            let sequence = execution.call("tryAppend") { other.value.tryAppend() }
            execution.require(sequence != nil, "refused by a ring that was never full")
        }
    }

    /// Positions never go back: when no call runs, they are exact.
    private static func leavesTail(_ execution: ModelExecution) throws {
        let ring = try ModelledQueue.lockFree(execution, ends: 2)
        let (one, many) = (End(ring.makeProducer()), End(ring.makeProducer()))
        execution.thread {
            _ = execution.call("tryPublish") { one.value.tryPublish(Pair(1)) }
        }
        execution.thread {
            _ = execution.call("tryPublish(batch:)") {
                many.value.tryPublish(batch: [Pair(2)].span)
            }
        }
        execution.atEnd {
            let tail = ModelledQueue.positions(of: ring).tail
            execution.require(tail == 3, "two places from 1 on are filled, the tail is \(tail)")
        }
    }

    /// As `leavesTail`, with consumers.
    private static func leavesHead(_ execution: ModelExecution) throws {
        let ring = try ModelledQueue.lockFree(execution, ends: 3)
        let producer = End(ring.makeProducer())
        let (one, many) = (End(ring.makeConsumer()), End(ring.makeConsumer()))
        _ = producer.value.tryPublish(batch: [Pair(1), Pair(2)].span)
        execution.thread { _ = execution.call("tryTake") { one.value.tryTake() } }
        execution.thread {
            _ = execution.call("tryTake(into:)") {
                [Pair](capacity: 1) { output in _ = many.value.tryTake(into: &output) }
            }
        }
        execution.atEnd {
            let head = ModelledQueue.positions(of: ring).head
            execution.require(head == 3, "two places from 1 on are empty, the head is \(head)")
            withExtendedLifetime(producer) {}
        }
    }

    /// As `leavesTail`, with appenders.
    private static func leavesTailOfEvents(_ execution: ModelExecution) throws {
        let ring = try events(execution, capacity: 2)
        for _ in 0..<2 {
            let end = End(ring.makeAppender())
            execution.thread {
                ringSlotWrite(end.value, 1)
                _ = execution.call("tryAppend") { end.value.tryAppend() }
            }
        }
        execution.atEnd {
            let tail = ring.claimed
            execution.require(tail == 3, "two places from 1 on are filled, the tail is \(tail)")
        }
    }

    /// A ring of two appenders and a group.
    private static func events(
        _ execution: ModelExecution,
        capacity: Int
    ) throws -> ModelledRing {
        try ModelledRing(
            capacity: capacity,
            slotBytes: 64,
            producers: .lockFree(ends: 2),
            groups: 1,
            firstSequence: 1,
            slots: ModelSlots(execution, capacity: capacity + 2, stride: 64, hides: 0..<64),
            cell: { ModelCell(execution, $1, role: $0) }
        )
    }
}

extension QueueProgram.Send {
    /// The same way to send another value.
    fileprivate func carrying(_ value: UInt64) -> Self {
        switch self {
        case .one: .one(value)
        case .batch: .batch([value])
        case .inPlace: .inPlace([value])
        }
    }
}

extension QueueProgram.Send {
    fileprivate var name: String { if case .one = self { "one more" } else { "a batch of one" } }
}

extension QueueProgram.Take {
    fileprivate var name: String { if case .one = self { "one" } else { "a batch of one" } }
}
