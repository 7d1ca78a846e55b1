import ModelAtomics
import RingCore

/// Producers and consumers of a modelled queue ring, each with its list of calls.
struct QueueProgram: Sendable {
    enum Send: Sendable {
        case one(UInt64), batch([UInt64]), inPlace([UInt64])

        var values: [UInt64] {
            switch self {
            case .one(let value): [value]
            case .batch(let values), .inPlace(let values): values
            }
        }
    }
    enum Take: Sendable {
        case one, batch(Int), inPlace(Int)

        var count: Int {
            switch self {
            case .one: 1
            case .batch(let count), .inPlace(let count): count
            }
        }
    }

    var ring: RingProgram.Ring
    var title: String
    var capacity = 2
    var firstSequence: UInt64 = 1
    /// How many elements, from 1 up, are in the ring when the threads start.
    var prefilled = 0
    var producers: [[Send]]
    var consumers: [[Take]]
    /// Whether threads wait until they got what they asked for, or go on with any answer.
    var waits = true
    var isLong = false
    var spuriousFailuresMax = 0

    var program: RingProgram {
        RingProgram(
            ring: ring,
            title: title,
            isLong: isLong,
            spuriousFailuresMax: spuriousFailuresMax
        ) { execution in try build(execution) }
    }

    private func build(_ execution: ModelExecution) throws {
        let queue = try ModelledQueue(
            ring,
            execution,
            capacity: capacity,
            firstSequence: firstSequence
        )
        let run = QueueRun(execution, queue, capacity: capacity)
        let sends = producers.map { (queue.makeProducer(), $0) }
        let takes = consumers.map { (queue.makeConsumer(), $0) }
        for value in 0..<prefilled { _ = run.send(sends[0].0, .one(UInt64(value + 1)), -1) }
        for (index, (end, calls)) in sends.enumerated() {
            execution.thread { run.produce(end, calls, index, waits: waits) }
        }
        for (index, (end, calls)) in takes.enumerated() {
            execution.thread {
                run.consume(end, calls, sends.count + index, waits: waits)
            }
        }
        execution.atEnd { run.finish(takes[0].0) }
    }

    static let table: [QueueProgram] = hybrids + batches + manys

    private static let hybrids = [
        QueueProgram(
            ring: .hybrid,
            title: "4 elements through 2 slots",
            producers: [(1...4).map { .one($0) }],
            consumers: [Array(repeating: .one, count: 4)]
        ),
        QueueProgram(
            ring: .hybrid,
            title: "3 elements through 1 slot",
            capacity: 1,
            producers: [(1...3).map { .one($0) }],
            consumers: [Array(repeating: .one, count: 3)]
        ),
        QueueProgram(
            ring: .hybrid,
            title: "answers of 2 slots",
            producers: [(1...4).map { .one($0) }],
            consumers: [Array(repeating: .one, count: 3)],
            waits: false
        ),
        QueueProgram(
            ring: .hybrid,
            title: "lazy announcements of 8 slots",
            capacity: 8,
            prefilled: 7,
            producers: [(8...11).map { .one($0) }],
            consumers: [Array(repeating: .one, count: 5)],
            waits: false
        ),
        QueueProgram(
            ring: .hybrid,
            title: "a full ring of 8 slots goes on",
            capacity: 8,
            prefilled: 8,
            producers: [[.one(9)]],
            consumers: [Array(repeating: .one, count: 9)]
        ),
    ]

    private static let batches = [
        QueueProgram(
            ring: .batch,
            title: "4 elements through 2 slots",
            producers: [(1...4).map { .one($0) }],
            consumers: [Array(repeating: .one, count: 4)]
        ),
        QueueProgram(
            ring: .batch,
            title: "a batch of 4 through 2 slots",
            producers: [[.batch([1, 2, 3, 4])]],
            consumers: [Array(repeating: .one, count: 4)]
        ),
        QueueProgram(
            ring: .batch,
            title: "3 elements in place through 2 slots",
            producers: [[.inPlace([1]), .inPlace([2, 3])]],
            consumers: [[.inPlace(1), .inPlace(2)]]
        ),
        QueueProgram(
            ring: .batch,
            title: "batches across the end of 4 slots",
            capacity: 4,
            firstSequence: 2,
            producers: [[.batch([1, 2, 3]), .batch([4, 5, 6])]],
            consumers: [[.inPlace(4), .one, .one]]
        ),
        QueueProgram(
            ring: .batch,
            title: "answers of 2 slots",
            producers: [[.one(1), .batch([2, 3]), .inPlace([4, 5]), .one(6)]],
            consumers: [[.one, .inPlace(2), .one]],
            waits: false
        ),
    ]

    private static let manys = [
        QueueProgram(
            ring: .manyToMany,
            title: "2 producers x 2 elements, 1 consumer, answers of 2 slots",
            producers: [[.one(1), .one(2)], [.one(11), .one(12)]],
            consumers: [[.one, .one]],
            waits: false
        ),
        QueueProgram(
            ring: .manyToMany,
            title: "2 producers x 2 elements, 1 consumer, 2 slots",
            producers: [[.one(1), .one(2)], [.one(11), .one(12)]],
            consumers: [Array(repeating: .one, count: 4)],
            isLong: true
        ),
        QueueProgram(
            ring: .manyToMany,
            title: "2 producers, 3 elements, 1 consumer",
            producers: [[.one(1), .one(2)], [.one(11)]],
            consumers: [Array(repeating: .one, count: 3)]
        ),
        QueueProgram(
            ring: .manyToMany,
            title: "1 producer, 3 elements, 2 consumers",
            producers: [[.one(1), .one(2), .one(3)]],
            consumers: [[.one], [.one, .one]]
        ),
        QueueProgram(
            ring: .manyToMany,
            title: "3 elements through 1 slot, 2 consumers",
            capacity: 1,
            producers: [[.one(1), .one(2), .one(3)]],
            consumers: [[.one], [.one, .one]]
        ),
        QueueProgram(
            ring: .manyToMany,
            title: "a batch of 3 through 2 slots, 2 consumers",
            producers: [[.batch([1, 2, 3])]],
            consumers: [[.one], [.batch(2)]]
        ),
        QueueProgram(
            ring: .manyToMany,
            title: "2 batching producers, 1 batching consumer, answers",
            producers: [[.batch([1, 2])], [.batch([11, 12])]],
            consumers: [[.batch(2), .batch(2)]],
            waits: false
        ),
        QueueProgram(
            ring: .manyToMany,
            title: "2 batching consumers of a full ring, answers",
            prefilled: 2,
            producers: [[.one(3)]],
            consumers: [[.batch(2)], [.batch(2)]],
            waits: false
        ),
        QueueProgram(
            ring: .manyToMany,
            title: "exchanges that fail for no reason",
            producers: [[.one(1)], [.one(11)]],
            consumers: [[.one, .one]],
            waits: false,
            spuriousFailuresMax: 1
        ),
    ]
}
