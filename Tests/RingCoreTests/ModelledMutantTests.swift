import ModelAtomics
import Testing

@Suite("Rings with one ordering weakened, modelled", .oneSearchAtATime)
struct ModelledMutantTests {
    @Test("every ordering that a ring asks for, weakened, is caught by a program")
    func areKilled() throws {
        let mutants = RingMutant.asked
        #expect(mutants.count > 50, "\(mutants.count) mutants are not all")
        var survivors: Set<String> = []
        for mutant in mutants where !mutant.losesEnds {
            guard try !isKilled(mutant) else { continue }
            survivors.insert(mutant.description)
        }
        #expect(survivors.subtracting(RingMutant.needless.keys).sorted() == [], "not caught")
        #expect(Set(RingMutant.needless.keys).subtracting(survivors).sorted() == [], "caught")
    }

    @Test("a ring that miscounts its ends says so itself")
    func traps() async {
        #expect(RingMutant.asked.contains { $0.losesEnds })
        await #expect(processExitsWith: .failure) {
            for mutant in RingMutant.asked where mutant.losesEnds {
                _ = try ModelledMutantTests().isKilled(mutant)
            }
        }
    }

    /// Tries every program for a short while, then every one at length.
    private func isKilled(_ mutant: RingMutant) throws -> Bool {
        let programs = RingProgram.all.filter { mutant.rings.contains($0.ring) && !$0.isLong }
        for executions in [100, 4_000] {
            for program in programs {
                var search = ModelSearch(executionsMax: executions)
                search.mutant = mutant.mutant
                let outcome = program.search(search)
                guard let violation = outcome.violation else { continue }
                try checkReplay(search, program, outcome.replayLine, violation)
                return true
            }
        }
        return false
    }

    /// What was found can be read, and is found again by its one line.
    private func checkReplay(
        _ changed: ModelSearch,
        _ program: RingProgram,
        _ line: String?,
        _ violation: String
    ) throws {
        var search = changed
        let written = "\(program.name) \(try #require(line))"
        let recorded = try #require(RingProgram.recorded(written))
        search.strategy = .replay(recorded.line)
        #expect(recorded.program.search(search).violation == violation)
        let steps = violation.split(separator: "\n").dropFirst().dropLast()
        #expect(!steps.isEmpty)
        #expect(steps.allSatisfy { $0.hasPrefix("  thread ") }, "\(violation)")
    }
}

/// A weakened ordering of one ring.
struct RingMutant: Hashable, Sendable, CustomStringConvertible {
    var ring: RingProgram.Ring
    var mutant: OrderingMutant

    var description: String { "\(ring.rawValue): \(mutant)" }

    /// The kinds whose programs may catch it.
    ///
    /// Spare slots, and the tokens of readers, are one source in all kinds that have them.
    var rings: Set<RingProgram.Ring> {
        let multicast: Set<RingProgram.Ring> = [.multicast, .multicastShared, .multicastLockFree]
        return switch mutant.site.word {
        case "spare": [.lockFree, .multicastLockFree]
        case "token 1" where multicast.contains(ring): multicast
        default: [ring]
        }
    }

    /// Whether the number of ends comes out wrong, so that the ring traps and the tests with it.
    var losesEnds: Bool { mutant.site.operation == .addRelaxed && mutant.site.word == "token 0" }

    /// Every weakening of every ordering that the programs make the rings ask for, by name.
    static let asked: [RingMutant] = {
        var asked: Set<RingMutant> = []
        for program in RingProgram.all {
            var search = ModelSearch(executionsMax: 400)
            search.notesSites = true
            for site in program.search(search).sites {
                for weakening in site.operation.weakenings {
                    let mutant = OrderingMutant(site: site, weakening: weakening)
                    asked.insert(RingMutant(ring: program.ring, mutant: mutant))
                }
            }
        }
        return asked.sorted { $0.description < $1.description }
    }()

    /// Weakenings that no program can tell from the original, each with the reason.
    static let needless: [String: String] = [:]
}
