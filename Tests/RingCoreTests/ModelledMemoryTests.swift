import ModelAtomics
import RingCore
import Testing

@Suite("Modelled memory", .oneSearchAtATime)
struct ModelledMemoryTests {
    @Test("a search sees exactly the outcomes that the model allows", arguments: Litmus.table)
    func seesAllowedOutcomes(litmus: Litmus) {
        #expect(litmus.outcomes() == litmus.allowed)
    }

    @Test("pruning loses no outcome", arguments: Litmus.table)
    func pruningLosesNothing(litmus: Litmus) {
        var whole = ModelSearch()
        whole.prunes = false
        #expect(litmus.outcomes(whole) == litmus.allowed)
        var pruned = ModelSearch()
        pruned.readsOldValues = false
        whole.readsOldValues = false
        #expect(litmus.outcomes(pruned) == litmus.outcomes(whole))
    }

    @Test(
        "schedules by chance see the same outcomes and no others",
        arguments: Litmus.table,
        [ModelStrategy.random(seed: 7), .priorities(depth: 3, seed: 7)]
    )
    func chanceSeesTheSame(litmus: Litmus, strategy: ModelStrategy) {
        let seen = litmus.outcomes(ModelSearch(executionsMax: 1_000, strategy: strategy))
        #expect(seen.isSubset(of: litmus.allowed))
        // Priorities keep to a few switches, so they may miss what many switches need.
        if case .random = strategy { #expect(seen == litmus.allowed) }
    }

    @Test("without old values store buffering is not seen")
    func latestValuesAreSequentiallyConsistent() throws {
        let litmus = try #require(Litmus.table.first { $0.name.hasPrefix("SB: releases") })
        var search = ModelSearch()
        search.readsOldValues = false
        #expect(litmus.outcomes(search) == [[0, 1], [1, 0], [1, 1]])
    }

    @Test("one preemption suffices for store buffering without old values, none does not")
    func boundsPreemptions() throws {
        let litmus = try #require(Litmus.table.first { $0.name.hasPrefix("SB: releases") })
        var search = ModelSearch(strategy: .preemptions(0))
        search.readsOldValues = false
        #expect(litmus.outcomes(search) == [[0, 1], [1, 0]])
        search.strategy = .preemptions(1)
        #expect(litmus.outcomes(search) == [[0, 1], [1, 0], [1, 1]])
    }

    @Test("a weak exchange fails for no reason as often as asked for", arguments: [0, 1])
    func failsForNoReason(times: Int) {
        var search = ModelSearch()
        search.spuriousFailuresMax = times
        var failed: Set<Int> = []
        _ = search.run { execution in
            let box = OneCell(execution)
            var failures = 0
            execution.thread {
                while !box.cell.compareExchangeWeakRelaxed(0, 1).exchanged { failures += 1 }
            }
            execution.atEnd { failed.insert(failures) }
        }
        #expect(failed == Set(0...times))
    }

    @Test("threads that wait for each other are a violation, which its line replays")
    func findsDeadlock() throws {
        let program: (ModelExecution) -> Void = { execution in
            let box = OneCell(execution)
            execution.thread {
                execution.beginAttempt()
                while box.cell.loadAcquire() != 2 {
                    guard execution.waitForChange() else { return }
                    execution.beginAttempt()
                }
            }
            execution.thread { if box.cell.loadRelaxed() == 0 { box.cell.storeRelease(1) } }
            execution.thread { if box.cell.loadRelaxed() == 1 { box.cell.storeRelease(2) } }
        }
        let outcome = ModelSearch().run(program)
        let violation = try #require(outcome.violation)
        #expect(violation.hasPrefix("every thread waits\n  thread "))
        let line = try #require(outcome.replayLine)
        #expect(violation.hasSuffix("replay(\"\(line)\")"))
        #expect(ModelSearch().replay(line, program).violation == violation)
        #expect(
            ModelSearch().replay("Z" + line, program).violation
                == "the line does not fit the program"
        )
    }

    @Test("a thread that waits sees the change in every execution")
    func waitingEnds() {
        let outcome = ModelSearch().run { execution in
            let box = OneCell(execution)
            execution.thread {
                execution.beginAttempt()
                while box.cell.loadAcquire() != 2 {
                    guard execution.waitForChange() else { return }
                    execution.beginAttempt()
                }
            }
            execution.thread {
                box.cell.storeRelease(1)
                box.cell.storeRelease(2)
            }
        }
        #expect(outcome.isExhausted && outcome.violation == nil && outcome.executions > 1)
    }

    private final class OneCell {
        let cell: ModelCell
        init(_ execution: ModelExecution) { cell = ModelCell(execution, 0, name: "cell") }
    }
}
