import Foundation
import ModelAtomics
import Testing

@Suite("Rings with one ordering weakened, modelled")
struct ModelledMutantTests {
    @Test("every weakened ordering is caught by its program", arguments: RingMutant.table)
    func isKilled(mutant: RingMutant) throws {
        let program = try #require(RingProgram.named(mutant.program))
        var search = ModelSearch(executionsMax: 200_000)
        search.mutant = mutant.mutant
        let outcome = program.search(search)
        let violation = try #require(
            outcome.violation,
            "\(mutant) survives \(outcome.executions) executions of '\(mutant.program)'"
        )
        // What was found is found again by its line, and not in the ring as it is.
        let written = "\(program.name) \(try #require(outcome.replayLine))"
        let recorded = try #require(RingProgram.recorded(written))
        search.strategy = .replay(recorded.line)
        #expect(recorded.program.search(search).violation == violation)
        let steps = violation.split(separator: "\n").dropFirst().dropLast()
        #expect(!steps.isEmpty)
        #expect(steps.allSatisfy { $0.contains(/^  thread \d  \S.* \S/) }, "\(violation)")
    }

    @Test("the table of weakened orderings names every ordering that the rings ask for")
    func isComplete() {
        var asked: Set<String> = []
        for program in RingProgram.all {
            var search = ModelSearch(executionsMax: 400)
            search.notesSites = true
            for site in program.search(search).sites {
                for weakening in site.operation.weakenings {
                    let mutant = OrderingMutant(site: site, weakening: weakening)
                    asked.insert(RingMutant(program.ring, mutant, "").description)
                }
            }
        }
        let listed = Set(RingMutant.table.map(\.description))
        #expect(asked.subtracting(listed).sorted() == [], "weakenings that the table lacks")
        #expect(listed.subtracting(asked).sorted() == [], "weakenings of what is not asked for")
    }

    /// Writes the table anew, each mutant with the first program that kills it.
    @Test(
        "the table is found",
        .enabled(if: RingMutant.output != nil, "set GYRE_MODEL_MUTANTS to a file's name")
    )
    func findsTable() throws {
        let output = try #require(RingMutant.output)
        var asked: Set<RingMutant> = []
        for program in RingProgram.all {
            var search = ModelSearch(executionsMax: 400)
            search.notesSites = true
            for site in program.search(search).sites {
                for weakening in site.operation.weakenings {
                    let mutant = OrderingMutant(site: site, weakening: weakening)
                    asked.insert(RingMutant(program.ring, mutant, ""))
                }
            }
        }
        let rows = asked.sorted { $0.description < $1.description }.map(found)
        try rows.joined(separator: "\n").write(toFile: output, atomically: true, encoding: .utf8)
    }

    private func found(_ mutant: RingMutant) -> String {
        var best: (name: String, executions: Int)?
        for program in RingProgram.all where program.ring == mutant.ring && !program.isLong {
            var search = ModelSearch(executionsMax: best?.executions ?? 200_000)
            search.mutant = mutant.mutant
            let outcome = program.search(search)
            let tried = outcome.executions + outcome.pruned
            if outcome.violation != nil, tried < best?.executions ?? Int.max {
                best = (program.name, tried)
            }
        }
        guard let best else { return "SURVIVES \(mutant)" }
        return "\(mutant) -> \(best.name) [\(best.executions)]"
    }
}

/// A weakened ordering of one ring, and the program that catches it.
struct RingMutant: Hashable, Sendable, CustomStringConvertible, CustomTestStringConvertible {
    static let output = ProcessInfo.processInfo.environment["GYRE_MODEL_MUTANTS"]

    var ring: RingProgram.Ring
    var mutant: OrderingMutant
    var program: String

    init(_ ring: RingProgram.Ring, _ mutant: OrderingMutant, _ program: String) {
        self.ring = ring
        self.mutant = mutant
        self.program = program
    }

    var description: String { "\(ring.rawValue): \(mutant)" }
    var testDescription: String { description }
}

extension RingMutant {
    static let table: [RingMutant] = lockFree
}
