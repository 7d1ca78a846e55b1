import ModelAtomics

extension Litmus {
    static let sequences = [
        Litmus(
            name: "release sequence: an exchange in between passes a release on",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.releaseY(1)
                },
                { cells in _ = cells.exchangeY(1, 2) },
                { cells in
                    guard cells.acquireY() == 2 else { return }
                    cells.read(cells.loadX())
                },
            ],
            allowed: [[], [1]]
        ),
        Litmus(
            name: "release sequence: a relaxed store in between ends it",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.releaseY(1)
                },
                { cells in
                    guard cells.loadY() == 1 else { return }
                    cells.storeY(2)
                },
                { cells in
                    guard cells.acquireY() == 2 else { return }
                    cells.read(cells.loadX())
                },
            ],
            allowed: [[], [0], [1]]
        ),
        Litmus(
            name: "additions are atomic",
            threads: [
                { cells in cells.read(cells.addX()) }, { cells in cells.read(cells.addX()) },
            ],
            allowed: [[0, 1], [1, 0]]
        ),
        Litmus(
            name: "one exchange wins",
            threads: [claimX, claimX],
            allowed: [[0, 1], [1, 0]]
        ),
        Litmus(
            name: "an exchange in two steps can win twice",
            splits: true,
            threads: [claimX, claimX],
            allowed: [[0, 1], [1, 0], [1, 1]]
        ),
        Litmus(
            name: "an exchange that fails may have seen an old value",
            threads: [
                { cells in
                    cells.storeX(1)
                    cells.storeX(2)
                },
                { cells in
                    let (exchanged, original) = cells.exchangeX(2, 3)
                    cells.read(exchanged ? 9 : original)
                },
            ],
            allowed: [[0], [1], [9]]
        ),
    ]

    private static let claimX: Body = { cells in
        cells.read(cells.exchangeX(0, 1).exchanged ? 1 : 0)
    }

    private static func readers(_ fence: ModelFence?) -> [Body] {
        [
            { cells in cells.releaseX(1) },
            { cells in cells.releaseY(1) },
            { cells in
                guard cells.acquireX() == 1 else { return }
                if let fence { cells.fence(fence) }
                cells.read(cells.acquireY())
            },
            { cells in
                guard cells.acquireY() == 1 else { return }
                if let fence { cells.fence(fence) }
                cells.read(cells.acquireX())
            },
        ]
    }

    static let independent = [
        Litmus(
            name: "IRIW: independent readers may disagree",
            threads: readers(nil),
            allowed: [[], [0], [1], [0, 0], [0, 1], [1, 0], [1, 1]]
        ),
        Litmus(
            name: "IRIW: sequentially consistent fences make them agree",
            threads: readers(.sequentiallyConsistent),
            allowed: [[], [0], [1], [0, 1], [1, 0], [1, 1]]
        ),
    ]
}
