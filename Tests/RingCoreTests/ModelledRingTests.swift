import Foundation
import ModelAtomics
import Testing

/// Settings from the environment: searches that are too long for every run, and replays.
enum ModelSettings {
    /// `GYRE_MODEL_LONG=1` searches without the limits that keep a run short.
    static let isLong = ProcessInfo.processInfo.environment["GYRE_MODEL_LONG"] != nil
    /// `GYRE_MODEL_REPLAY='<program> <line>'` replays one execution.
    static let replay = ProcessInfo.processInfo.environment["GYRE_MODEL_REPLAY"]
}

@Suite("Rings, modelled", .oneSearchAtATime)
struct ModelledRingTests {
    @Test(
        "the modelled ring keeps every promise in every interleaving",
        arguments: RingProgram.all.filter { !$0.isLong }
    )
    func keepsPromises(program: RingProgram) {
        let outcome = program.search(ModelSearch(executionsMax: 100_000))
        guard expectNone(outcome, program) else { return }
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
        ModelCounts.note(program.name, outcome)
    }

    @Test(
        "the larger programs keep every promise in every interleaving",
        .enabled(if: ModelSettings.isLong, "takes minutes; set GYRE_MODEL_LONG=1"),
        arguments: RingProgram.all.filter(\.isLong)
    )
    func keepsPromisesAtLength(program: RingProgram) {
        let outcome = program.search(ModelSearch(executionsMax: 100_000_000))
        guard expectNone(outcome, program) else { return }
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
        ModelCounts.note(program.name, outcome)
    }

    @Test(
        "the larger programs keep every promise with at most one preemption",
        arguments: RingProgram.all.filter(\.isLong)
    )
    func keepsPromisesBounded(program: RingProgram) {
        let search = ModelSearch(
            executionsMax: ModelSettings.isLong ? 10_000_000 : 1_000,
            strategy: .preemptions(ModelSettings.isLong ? 2 : 1)
        )
        let outcome = program.search(search)
        expectNone(outcome, program)
        ModelCounts.note(program.name + " bounded", outcome)
    }

    static let chances: [ModelStrategy] = [
        .random(seed: 1), .priorities(depth: 2, seed: 1), .priorities(depth: 4, seed: 1),
    ]

    @Test(
        "programs beyond exhaustion keep every promise in schedules by chance",
        arguments: QueueProgram.beyond.map(\.program) + MulticastProgram.beyond.map(\.program),
        chances
    )
    func keepsPromisesByChance(program: RingProgram, strategy: ModelStrategy) {
        let executions = ModelSettings.isLong ? 200_000 : 150
        let outcome = program.search(ModelSearch(executionsMax: executions, strategy: strategy))
        expectNone(outcome, program)
    }

    @Test(
        "a recorded line is replayed",
        .enabled(if: ModelSettings.replay != nil, "set GYRE_MODEL_REPLAY='<program> <line>'")
    )
    func replays() throws {
        let command = try #require(ModelSettings.replay)
        let (program, line) = try #require(RingProgram.recorded(command))
        expectNone(program.search(ModelSearch(strategy: .replay(line))), program)
    }

    /// Records a violation, if there is one, by all that it takes to see it again.
    @discardableResult
    private func expectNone(_ outcome: ModelOutcome, _ program: RingProgram) -> Bool {
        guard let violation = outcome.violation else { return true }
        let command = "GYRE_MODEL_REPLAY='\(program.name) \(outcome.replayLine ?? "")'"
        Issue.record("\(program.name): \(violation)\n  \(command) replays it")
        return false
    }
}

/// How many executions each program has, appended to the file that `GYRE_MODEL_COUNTS` names.
enum ModelCounts {
    static func note(_ name: String, _ outcome: ModelOutcome) {
        guard let path = ProcessInfo.processInfo.environment["GYRE_MODEL_COUNTS"],
            let file = FileHandle(forUpdatingAtPath: path)
        else { return }
        file.seekToEndOfFile()
        let all = outcome.isExhausted ? "all" : "some"
        let text = "\(outcome.executions)\t\(outcome.pruned)\t\(all)\t\(name)\n"
        file.write(Data(text.utf8))
        file.closeFile()
    }
}

extension RingProgram {
    /// The program and the line that a violation ends with.
    static func recorded(_ command: String) -> (program: RingProgram, line: String)? {
        let parts = command.split(separator: " ")
        guard let line = parts.last else { return nil }
        let name = parts.dropLast().joined(separator: " ")
        let programs = all + beyond
        return programs.first { $0.name == name }.map { ($0, String(line)) }
    }

    static let beyond = QueueProgram.beyond.map(\.program) + MulticastProgram.beyond.map(\.program)
}

extension QueueProgram {
    /// Programs with far too many executions to try them all.
    static let beyond = [
        QueueProgram(
            ring: .manyToMany,
            title: "2 producers x 6, 2 consumers",
            producers: [(1...6).map { .one($0) }, (11...16).map { .one($0) }],
            consumers: [Array(repeating: .one, count: 6), Array(repeating: .one, count: 6)]
        ),
        QueueProgram(
            ring: .manyToMany,
            title: "2 batching producers, 2 batching consumers, 4 slots",
            capacity: 4,
            producers: [[.batch([1, 2, 3]), .one(4)], [.batch([11, 12, 13]), .batch([14])]],
            consumers: [[.batch(3), .one], [.one, .batch(3)]]
        ),
        QueueProgram(
            ring: .hybrid,
            title: "12 elements through 8 slots",
            capacity: 8,
            producers: [(1...12).map { .one($0) }],
            consumers: [Array(repeating: .one, count: 12)]
        ),
        QueueProgram(
            ring: .batch,
            title: "12 elements in batches through 4 slots",
            capacity: 4,
            producers: [[.batch([1, 2, 3]), .inPlace([4, 5, 6]), .batch(Array(7...12))]],
            consumers: [[.inPlace(5), .one, .inPlace(6)]]
        ),
    ]
}

extension MulticastProgram {
    /// Programs with far too many executions to try them all.
    static let beyond = [
        MulticastProgram(title: "10 items in threes, 3 groups", itemsEach: 10, groups: 3, claim: 3),
        MulticastProgram(
            title: "3 producers x 3 items, 2 groups, 4 slots",
            producers: 3,
            itemsEach: 3,
            groups: 2,
            claim: 2,
            capacity: 4
        ),
    ]
}
