import ModelAtomics
import RingCore
import Testing

/// A tiny program: cells that start at 0, threads over them, and what the threads read.
struct Litmus: Sendable, CustomTestStringConvertible {
    typealias Body = @Sendable (Context) -> Void
    let name: String
    var splits = false
    let threads: [Body]
    /// Every outcome that a search must see, the reads of the threads one after another.
    let allowed: Set<[UInt64]>

    var testDescription: String { name }

    /// What one thread of one execution works on.
    struct Context {
        fileprivate let execution: ModelExecution
        fileprivate let shared: Shared
        fileprivate let log: Log

        func read(_ value: UInt64) { log.values.append(value) }
        func fence(_ fence: ModelFence) { execution.fence(fence) }
        func loadX() -> UInt64 { shared.x.loadRelaxed() }
        func loadY() -> UInt64 { shared.y.loadRelaxed() }
        func acquireX() -> UInt64 { shared.x.loadAcquire() }
        func acquireY() -> UInt64 { shared.y.loadAcquire() }
        func storeX(_ value: UInt64) { shared.x.storeRelaxed(value) }
        func storeY(_ value: UInt64) { shared.y.storeRelaxed(value) }
        func releaseX(_ value: UInt64) { shared.x.storeRelease(value) }
        func releaseY(_ value: UInt64) { shared.y.storeRelease(value) }
        func addX() -> UInt64 { shared.x.fetchAddRelaxed(1) }
        func exchangeX(_ old: UInt64, _ new: UInt64) -> (exchanged: Bool, original: UInt64) {
            shared.x.compareExchangeWeakRelaxed(old, new)
        }
        func exchangeY(_ old: UInt64, _ new: UInt64) -> (exchanged: Bool, original: UInt64) {
            shared.y.compareExchangeWeakRelaxed(old, new)
        }
    }

    fileprivate final class Log { var values: [UInt64] = [] }

    fileprivate final class Shared {
        let x: ModelCell
        let y: ModelCell
        init(_ execution: ModelExecution) {
            x = ModelCell(execution, 0, name: "x")
            y = ModelCell(execution, 0, name: "y")
        }
    }

    /// The outcomes that a search sees.
    func outcomes(_ changed: ModelSearch = ModelSearch()) -> Set<[UInt64]> {
        var seen: Set<[UInt64]> = []
        var search = changed
        if splits {
            let site = OrderingSite(word: "x", operation: .exchangeRelaxed, call: "")
            search.mutant = OrderingMutant(site: site, weakening: .inTwoSteps)
        }
        let outcome = search.run { execution in
            let shared = Shared(execution)
            let logs = threads.map { _ in Log() }
            for (body, log) in zip(threads, logs) {
                let context = Context(execution: execution, shared: shared, log: log)
                execution.thread { body(context) }
            }
            execution.atEnd { seen.insert(logs.flatMap(\.values)) }
        }
        #expect(outcome.violation == nil)
        return seen
    }

    private static let both: Set<[UInt64]> = [[0, 0], [0, 1], [1, 0], [1, 1]]
    private static let ordered: Set<[UInt64]> = [[0, 0], [0, 1], [1, 1]]
    private static let acquireYThenX: Body = { cells in
        cells.read(cells.acquireY())
        cells.read(cells.loadX())
    }
    private static let loadYThenX: Body = { cells in
        cells.read(cells.loadY())
        cells.read(cells.loadX())
    }
    private static let storeBoth: Body = { cells in
        cells.storeX(1)
        cells.storeY(1)
    }
    private static let storeThenRelease: Body = { cells in
        cells.storeX(1)
        cells.releaseY(1)
    }

    static let table = passing + buffering + coherence + sequences + independent

    private static let passing = [
        Litmus(
            name: "MP: a release and an acquire pass a message",
            threads: [storeThenRelease, acquireYThenX],
            allowed: ordered
        ),
        Litmus(
            name: "MP: not without the release",
            threads: [storeBoth, acquireYThenX],
            allowed: both
        ),
        Litmus(
            name: "MP: not without the acquire",
            threads: [storeThenRelease, loadYThenX],
            allowed: both
        ),
        Litmus(
            name: "MP: fences pass a message between relaxed accesses",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.fence(.release)
                    cells.storeY(1)
                },
                { cells in
                    cells.read(cells.loadY())
                    cells.fence(.acquire)
                    cells.read(cells.loadX())
                },
            ],
            allowed: ordered
        ),
        Litmus(
            name: "MP: not without the acquire fence",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.fence(.release)
                    cells.storeY(1)
                },
                loadYThenX,
            ],
            allowed: both
        ),
        Litmus(
            name: "MP: not with a release fence behind the store",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.storeY(1)
                    cells.fence(.release)
                },
                acquireYThenX,
            ],
            allowed: both
        ),
    ]

    private static let buffering = [
        Litmus(
            name: "SB: releases and acquires let both threads read old values",
            threads: [
                { cells in
                    cells.releaseX(1)
                    cells.read(cells.acquireY())
                },
                { cells in
                    cells.releaseY(1)
                    cells.read(cells.acquireX())
                },
            ],
            allowed: both
        ),
        Litmus(
            name: "SB: two sequentially consistent fences forbid it",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.fence(.sequentiallyConsistent)
                    cells.read(cells.loadY())
                },
                { cells in
                    cells.storeY(1)
                    cells.fence(.sequentiallyConsistent)
                    cells.read(cells.loadX())
                },
            ],
            allowed: [[0, 1], [1, 0], [1, 1]]
        ),
        Litmus(
            name: "SB: one such fence does not",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.fence(.sequentiallyConsistent)
                    cells.read(cells.loadY())
                },
                { cells in
                    cells.storeY(1)
                    cells.fence(.acquire)
                    cells.fence(.release)
                    cells.read(cells.loadX())
                },
            ],
            allowed: both
        ),
        Litmus(
            // The language allows [1, 1] here; a search that executes in program order cannot.
            name: "LB: load buffering is not explored",
            threads: [
                { cells in
                    cells.read(cells.loadX())
                    cells.storeY(1)
                },
                { cells in
                    cells.read(cells.loadY())
                    cells.storeX(1)
                },
            ],
            allowed: [[0, 0], [0, 1], [1, 0]]
        ),
        Litmus(
            name: "LB: acquires forbid it in any case",
            threads: [
                { cells in
                    cells.read(cells.acquireX())
                    cells.releaseY(1)
                },
                { cells in
                    cells.read(cells.acquireY())
                    cells.releaseX(1)
                },
            ],
            allowed: [[0, 0], [0, 1], [1, 0]]
        ),
    ]

    private static let coherence = [
        Litmus(
            name: "CoRR: reads of one cell never go back",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.storeX(2)
                },
                { cells in
                    cells.read(cells.loadX())
                    cells.read(cells.loadX())
                },
            ],
            allowed: [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]]
        ),
        Litmus(
            name: "CoRR: two readers agree on the order of two writers",
            threads: [
                { cells in cells.storeX(1) },
                { cells in cells.storeX(2) },
                { cells in
                    guard cells.loadX() == 1, cells.loadX() == 2 else { return }
                    cells.read(12)
                },
                { cells in
                    guard cells.loadX() == 2, cells.loadX() == 1 else { return }
                    cells.read(21)
                },
            ],
            allowed: [[], [12], [21]]
        ),
        Litmus(
            name: "CoWR: a thread reads its own store or a later one",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.read(cells.loadX())
                },
                { cells in cells.storeX(2) },
            ],
            allowed: [[1], [2]]
        ),
        Litmus(
            name: "CoRW: a store is behind what its thread has read",
            threads: [
                { cells in
                    cells.read(cells.loadX())
                    cells.storeX(2)
                    cells.read(cells.loadX())
                },
                { cells in cells.storeX(1) },
            ],
            allowed: [[0, 2], [0, 1], [1, 2]]
        ),
        Litmus(
            name: "CoWW: stores of one thread keep their order",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.storeX(2)
                    cells.releaseY(1)
                },
                { cells in
                    guard cells.acquireY() == 1 else { return }
                    cells.read(cells.loadX())
                },
            ],
            allowed: [[], [2]]
        ),
        Litmus(
            // The language also allows [1, 1]: both first stores behind the other's second.
            name: "2+2W: stores enter a cell's order as they are executed",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.storeY(2)
                    cells.read(cells.loadY())
                },
                { cells in
                    cells.storeY(1)
                    cells.storeX(2)
                    cells.read(cells.loadX())
                },
            ],
            allowed: [[2, 2], [2, 1], [1, 2]]
        ),
    ]
}
