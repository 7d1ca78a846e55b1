import ModelAtomics
import RingCore

/// Ends of a ring that are made while others use it.
///
/// What an end knows when it is made must be as well ordered as what it looks up later. Nobody
/// comes after these ends: that tokens and spare slots hand over is for the programs of `HandOver`
/// and `LockFreePrograms` to see, in which the next owner does.
extension HandOver {
    static let lateEnds: [RingProgram] =
        [RingProgram.Ring.multicast, .multicastShared, .multicastLockFree].flatMap { ring in
            [
                RingProgram(ring: ring, title: "a producer that comes late") {
                    try producer($0, run($0, ring))
                },
                RingProgram(ring: ring, title: "a reader that comes late") {
                    try reader($0, run($0, ring))
                },
            ]
        } + [
            RingProgram(ring: .manyToMany, title: "a producer that comes late") { try one($0) }
        ]

    /// The ring is full; a consumer takes, and a producer of one more element comes.
    private static func one(_ execution: ModelExecution) throws {
        let queue = try ModelledQueue(.manyToMany, execution, capacity: 2, firstSequence: 1)
        let run = QueueRun(execution, queue, capacity: 2)
        let first = queue.makeProducer()
        for value in [UInt64(1), 2] { _ = run.send(first, .one(value), -1) }
        let consumer = queue.makeConsumer()
        execution.thread { run.consume(consumer, [.one], 0, waits: true) }
        execution.thread {
            let end = execution.call("makeProducer") { queue.makeProducer() }
            run.produce(end, [.one(3)], 1, waits: true)
        }
        execution.atEnd { run.finish(consumer) }
    }

    private static func run(
        _ execution: ModelExecution,
        _ ring: RingProgram.Ring
    ) throws -> MulticastRun {
        let program = MulticastProgram(
            title: "",
            isShared: ring == .multicastShared,
            isLockFree: ring == .multicastLockFree,
            itemsEach: 3,
            groups: 1
        )
        return try MulticastRun(execution, program)
    }

    /// Makes a producer's end for some items, which then goes away.
    private static func produce(_ run: MulticastRun, _ items: Range<Int>) {
        let execution = run.execution
        if run.program.isLockFree {
            append(run) { run.append($0, 0, items: items) }
            return
        }
        var end: End<ModelledRing.Writer>? = execution.call("makeWriter") {
            End(run.ring.makeWriter())
        }
        if let end { run.produce(end, 0, items: items, claim: 1) }
        execution.call("writer goes away") { end = nil }
    }

    private static func append(_ run: MulticastRun, _ use: (End<ModelledRing.Appender>) -> Void) {
        var end: End<ModelledRing.Appender>? = run.execution.call("join") {
            End(run.ring.makeAppender())
        }
        if let end { use(end) }
        run.execution.call("leave") { end = nil }
    }

    /// The ring is full of what was published before; a group reads, and a producer comes.
    private static func producer(_ execution: ModelExecution, _ run: MulticastRun) throws {
        produce(run, 0..<2)
        let reader = End(run.ring.makeReader(group: 0))
        execution.thread { run.consume(reader, 0, until: 2, readMax: 1) }
        execution.thread {
            produce(run, 2..<3)
            // An appender has the slot of a released event now, and may write it.
            guard run.program.isLockFree else { return }
            append(run) { ringSlotWrite($0.value, 0) }
        }
        execution.atEnd {
            run.consume(reader, 0, until: 3, readMax: 1)
            run.check()
        }
    }

    /// A producer is at work when the group's reader comes.
    private static func reader(_ execution: ModelExecution, _ run: MulticastRun) throws {
        execution.thread { produce(run, 0..<2) }
        execution.thread {
            var end: End<ModelledRing.Reader>? = execution.call("makeReader") {
                End(run.ring.makeReader(group: 0))
            }
            if let end { run.consume(end, 0, until: 2, readMax: 2) }
            execution.call("reader goes away") { end = nil }
        }
        execution.atEnd {
            let all = (0..<2).map { UInt64($0 + 1) }
            execution.require(run.read == [all], "read \(run.read)")
        }
    }
}
