import ModelAtomics
import RingCore
import Testing

/// A small concurrent program over a production ring, on modelled memory, with its oracle.
struct RingProgram: Sendable, CustomTestStringConvertible {
    enum Ring: String, Sendable {
        case hybrid, batch, manyToMany, lockFree, multicast, multicastShared, multicastLockFree
    }

    let ring: Ring
    let title: String
    /// Whether all of its executions are too many for every run.
    var isLong = false
    var spuriousFailuresMax = 0
    let body: @Sendable (ModelExecution) throws -> Void

    var name: String { "\(ring.rawValue): \(title)" }
    var testDescription: String { name }

    func run(_ execution: ModelExecution) {
        do { try body(execution) } catch { Issue.record("\(name): \(error)") }
    }

    func search(_ search: ModelSearch = ModelSearch()) -> ModelOutcome {
        var search = search
        search.spuriousFailuresMax = max(search.spuriousFailuresMax, spuriousFailuresMax)
        return search.run(run)
    }

    static let all: [RingProgram] =
        QueueProgram.table.map(\.program) + HandOver.programs + HandOver.lateEnds
        + LockFreePrograms.all
        + MulticastProgram.table.map(\.program)
        + Monitor.programs

    static func named(_ name: String) -> RingProgram? { all.first { $0.name == name } }
}

/// An element of two words, so that a torn one shows.
struct Pair: BitwiseCopyable, Equatable, Sendable {
    var value: UInt64
    var check: UInt64

    init(_ value: UInt64) {
        self.value = value
        check = ~value
    }

    var isWhole: Bool { check == ~value }
}
