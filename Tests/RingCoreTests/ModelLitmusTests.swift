import ModelAtomics
import RingCore
import Testing

/// A tiny program: cells that start at 0, threads over them, and what the threads read.
struct Litmus: Sendable, CustomTestStringConvertible {
    typealias Body = @Sendable (borrowing Cells, inout [UInt64]) -> Void
    let name: String
    let weakening: Weakening
    let threads: [Body]
    /// Every outcome that the memory model allows, the reads of the threads one after another.
    let allowed: Set<[UInt64]>

    var testDescription: String { name }

    struct Cells: ~Copyable {
        let x: ModelCell
        let y: ModelCell
    }

    /// The outcomes that a search sees.
    func outcomes(oldValues: Bool = true, prunes: Bool) -> Set<[UInt64]> {
        var seen: Set<[UInt64]> = []
        var search = ModelSearch()
        search.readsOldValues = oldValues
        search.prunes = prunes
        let outcome = search.run { execution in
            let shared = Shared(execution, weakening, threads.count)
            for (index, body) in threads.enumerated() {
                execution.thread { body(shared.cells, &shared.reads[index]) }
            }
            execution.atEnd { seen.insert(shared.reads.flatMap { $0 }) }
        }
        #expect(outcome.isExhausted && outcome.violation == nil)
        return seen
    }

    private final class Shared {
        let cells: Cells
        var reads: [[UInt64]]

        init(_ execution: ModelExecution, _ weakening: Weakening, _ threads: Int) {
            cells = Cells(
                x: ModelCell(execution, 0, weakening: weakening),
                y: ModelCell(execution, 0, weakening: weakening)
            )
            reads = Array(repeating: [], count: threads)
        }
    }

    static let writeBoth: Body = { cells, _ in
        cells.x.storeRelaxed(1)
        cells.y.storeRelease(1)
    }
    static let readBoth: Body = { cells, reads in
        reads.append(cells.y.loadAcquire())
        reads.append(cells.x.loadRelaxed())
    }
    static let addToX: Body = { cells, reads in
        reads.append(cells.x.fetchAddRelaxed(1))
    }
    static let claimX: Body = { cells, reads in
        reads.append(cells.x.compareExchangeWeakRelaxed(0, 1).exchanged ? 1 : 0)
    }

    static let table: [Litmus] = [
        Litmus(
            name: "message passing",
            weakening: [],
            threads: [writeBoth, readBoth],
            allowed: [[0, 0], [0, 1], [1, 1]]
        ),
        Litmus(
            name: "message passing without release",
            weakening: .releases,
            threads: [writeBoth, readBoth],
            allowed: [[0, 0], [0, 1], [1, 0], [1, 1]]
        ),
        Litmus(
            name: "message passing without acquire",
            weakening: .acquires,
            threads: [writeBoth, readBoth],
            allowed: [[0, 0], [0, 1], [1, 0], [1, 1]]
        ),
        Litmus(
            name: "store buffering",
            weakening: [],
            threads: [
                { cells, reads in
                    cells.x.storeRelease(1)
                    reads.append(cells.y.loadAcquire())
                },
                { cells, reads in
                    cells.y.storeRelease(1)
                    reads.append(cells.x.loadAcquire())
                },
            ],
            allowed: [[0, 0], [0, 1], [1, 0], [1, 1]]
        ),
        Litmus(
            name: "reads of one cell never go back",
            weakening: [],
            threads: [
                { cells, _ in cells.x.storeRelaxed(1) },
                { cells, reads in
                    reads.append(cells.x.loadRelaxed())
                    reads.append(cells.x.loadRelaxed())
                },
            ],
            allowed: [[0, 0], [0, 1], [1, 1]]
        ),
        Litmus(
            name: "an exchange in between passes a release on",
            weakening: [],
            threads: [
                writeBoth,
                { cells, _ in _ = cells.y.compareExchangeWeakRelaxed(1, 2) },
                { cells, reads in
                    guard cells.y.loadAcquire() == 2 else { return }
                    reads.append(cells.x.loadRelaxed())
                },
            ],
            allowed: [[], [1]]
        ),
        Litmus(
            name: "additions are atomic",
            weakening: [],
            threads: [addToX, addToX],
            allowed: [[0, 1], [1, 0]]
        ),
        Litmus(
            name: "one exchange wins",
            weakening: [],
            threads: [claimX, claimX],
            allowed: [[0, 1], [1, 0]]
        ),
        Litmus(
            name: "a split exchange can win twice",
            weakening: .exchanges,
            threads: [claimX, claimX],
            allowed: [[0, 1], [1, 0], [1, 1]]
        ),
        Litmus(
            name: "independent readers may disagree",
            weakening: [],
            threads: [
                { cells, _ in cells.x.storeRelease(1) },
                { cells, _ in cells.y.storeRelease(1) },
                { cells, reads in
                    guard cells.x.loadAcquire() == 1 else { return }
                    reads.append(cells.y.loadAcquire())
                },
                { cells, reads in
                    guard cells.y.loadAcquire() == 1 else { return }
                    reads.append(cells.x.loadAcquire())
                },
            ],
            allowed: [[], [0], [1], [0, 0], [0, 1], [1, 0], [1, 1]]
        ),
    ]
}

@Suite("Modelled memory")
struct ModelLitmusTests {
    @Test("a search sees exactly the outcomes that the model allows", arguments: Litmus.table)
    func seesAllowedOutcomes(litmus: Litmus) {
        #expect(litmus.outcomes(prunes: true) == litmus.allowed)
    }

    @Test("pruning loses no outcome", arguments: Litmus.table)
    func pruningLosesNothing(litmus: Litmus) {
        #expect(litmus.outcomes(prunes: true) == litmus.outcomes(prunes: false))
        #expect(
            litmus.outcomes(oldValues: false, prunes: true)
                == litmus.outcomes(oldValues: false, prunes: false)
        )
    }

    @Test("without old values store buffering is not seen")
    func latestValuesAreSequentiallyConsistent() throws {
        let litmus = try #require(Litmus.table.first { $0.name == "store buffering" })
        #expect(litmus.outcomes(oldValues: false, prunes: true) == [[0, 1], [1, 0], [1, 1]])
    }

    @Test("threads that wait for each other are a violation")
    func findsDeadlock() throws {
        let outcome = ModelSearch().run { execution in
            let box = OneCell(execution)
            execution.thread {
                execution.beginAttempt()
                while box.cell.loadAcquire() == 0 {
                    guard execution.waitForChange() else { return }
                }
            }
        }
        #expect(try #require(outcome.violation).hasPrefix("every thread waits"))
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
        init(_ execution: ModelExecution) { cell = ModelCell(execution, 0) }
    }
}
