import ModelAtomics
import RingCore

/// A thread that owns no end and asks the multicast ring for its positions.
///
/// The answers promise that what was written before is visible: notes are plain memory, so an
/// answer without its acquire is a race.
enum Monitor {
    static let programs: [RingProgram] =
        [false, true].flatMap { isShared in
            [
                RingProgram(
                    ring: isShared ? .multicastShared : .multicast,
                    title: "a monitor sees what was published"
                ) { try published($0, isShared: isShared) },
                RingProgram(
                    ring: isShared ? .multicastShared : .multicast,
                    title: "a monitor sees what was released"
                ) { try released($0, isShared: isShared) },
            ]
        } + [
            RingProgram(ring: .multicastLockFree, title: "a monitor sees what was appended") {
                try appended($0)
            },
            RingProgram(ring: .multicast, title: "two threads want one end") { execution in
                let program = MulticastProgram(title: "", itemsEach: 0, groups: 1)
                let tokens = ModelledQueue.tokens(try MulticastRun(execution, program).ring)
                var taken = [0, 0]
                for _ in 0..<2 {
                    execution.thread {
                        if execution.call("makeWriter", tokens.writer) { taken[0] += 1 }
                        if execution.call("makeReader", tokens.reader) { taken[1] += 1 }
                    }
                }
                execution.atEnd { execution.require(taken == [1, 1], "owners: \(taken)") }
            },
        ]

    /// Plain memory of two words.
    private final class Notes {
        private let slots: ModelSlots

        init(_ execution: ModelExecution) {
            slots = ModelSlots(execution, capacity: 2, stride: 8)
        }

        // Nothing is stored; the access is what counts.
        func write(_ index: Int) { slots.willWrite(index, count: 1) }
        func read(_ index: Int) { slots.willRead(index, count: 1) }
    }

    private static func run(_ execution: ModelExecution, isShared: Bool) throws -> MulticastRun {
        try MulticastRun(
            execution,
            MulticastProgram(title: "", isShared: isShared, itemsEach: 2, groups: 1)
        )
    }

    private static func published(_ execution: ModelExecution, isShared: Bool) throws {
        let run = try run(execution, isShared: isShared)
        let notes = Notes(execution)
        let writer = End(run.ring.makeWriter())
        let reader = End(run.ring.makeReader(group: 0))
        execution.thread {
            for item in 0..<2 {
                notes.write(item)
                run.produce(writer, 0, items: item..<(item + 1), claim: 1)
            }
        }
        execution.thread { run.consume(reader, 0, until: 2, readMax: 1) }
        execution.thread {
            for _ in 0..<2 {
                let below = execution.call("published") { run.ring.published }
                execution.require(below <= 2, "\(below) are published")
                for item in 0..<min(2, Int(below)) { notes.read(item) }
            }
        }
        execution.atEnd {
            run.check()
            execution.require(run.ring.published == 2, "at rest the answer is exact")
        }
    }

    private static func appended(_ execution: ModelExecution) throws {
        let run = try MulticastRun(
            execution,
            MulticastProgram(title: "", isLockFree: true, itemsEach: 2, groups: 1)
        )
        let notes = Notes(execution)
        let appender = End(run.ring.makeAppender())
        execution.thread {
            for item in 0..<2 {
                notes.write(item)
                run.append(appender, 0, items: item..<(item + 1))
            }
        }
        execution.thread {
            for _ in 0..<2 {
                let below = execution.call("published") { run.ring.published }
                execution.require(below <= 2, "\(below) are published")
                for item in 0..<min(2, Int(below)) { notes.read(item) }
            }
        }
        execution.atEnd {
            execution.require(run.ring.published == 2, "at rest the answer is exact")
        }
    }

    private static func released(_ execution: ModelExecution, isShared: Bool) throws {
        let run = try run(execution, isShared: isShared)
        let notes = Notes(execution)
        let writer = End(run.ring.makeWriter())
        let reader = End(run.ring.makeReader(group: 0))
        execution.thread { run.produce(writer, 0, items: 0..<2, claim: 1) }
        execution.thread {
            for item in 0..<2 {
                notes.write(item)
                run.consume(reader, 0, until: item + 1, readMax: 1)
            }
        }
        execution.thread {
            for _ in 0..<2 {
                let below = execution.call("released") { run.ring.released(by: 0) }
                execution.require(below <= 2, "\(below) are released")
                for item in 0..<Int(below) { notes.read(item) }
                let claimed = execution.call("claimed") { run.ring.claimed }
                execution.require(claimed >= below, "released \(below) of \(claimed) claimed")
            }
        }
        execution.atEnd { run.check() }
    }
}
