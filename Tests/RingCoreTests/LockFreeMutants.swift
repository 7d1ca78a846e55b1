import ModelAtomics

extension RingMutant {
    /// The orderings by which the lock-free kinds hand slots over and know the newest turn.
    ///
    /// That `tail` and `head` are moved in one step is not here: they are hints, and one that goes
    /// back costs helping steps only.
    static let lockFree: [RingMutant] =
        queue.map { RingMutant(.lockFree, $0.0, "lockFree: \($0.1)") }
        + multicast.map { RingMutant(.multicastLockFree, $0.0, "multicastLockFree: \($0.1)") }

    private static let queue: [(OrderingMutant, String)] = [
        (mutant("tryPublish", "place", .loadAcquire), "4 elements whose slots come back"),
        (mutant("tryPublish", "place", .exchangeRelease), "2 producers, 2 elements, 1 consumer"),
        (
            mutant("tryPublish", "place", .exchangeRelease, .inTwoSteps),
            "2 producers, 2 elements, 1 consumer"
        ),
        (mutant("tryPublish", "tail", .loadAcquire), "room for one more is always found"),
        (mutant("tryPublish", "tail", .exchangeRelease), "room for one more is always found"),
        (mutant("tryTake", "place", .loadAcquire), "2 producers, 2 elements, 1 consumer"),
        (mutant("tryTake", "place", .exchangeRelease), "4 elements whose slots come back"),
        (
            mutant("tryTake", "place", .exchangeRelease, .inTwoSteps),
            "1 producer, 2 elements, 2 consumers"
        ),
        (mutant("tryTake", "head", .loadAcquire), "one left over is always found"),
        (mutant("tryTake", "head", .exchangeRelease), "one left over is always found"),
        (
            mutant("leave", "spare", .exchangeRelease),
            "a producer fills the slot of a consumer that left"
        ),
        (
            mutant("join", "spare", .exchangeAcquire),
            "a producer fills the slot of a consumer that left"
        ),
        (mutant("join", "token 0", .addRelaxed, .inTwoSteps), "ends made at the same time"),
    ]

    private static let multicast: [(OrderingMutant, String)] = [
        (mutant("tryAppend", "place", .exchangeRelease), "2 producers x 1 item, 2 groups"),
        (
            mutant("tryAppend", "place", .exchangeRelease, .inTwoSteps),
            "2 producers x 1 item, 2 groups"
        ),
        (mutant("available", "place", .loadAcquire), "2 producers x 1 item, 2 groups"),
        (mutant("tryAppend", "gate 0", .loadAcquire), "4 items whose slots come back"),
        (mutant("release", "gate 0", .storeRelease), "4 items whose slots come back"),
    ]

    private static func mutant(
        _ call: String,
        _ word: String,
        _ operation: CellOperation,
        _ weakening: Weakening = .relaxed
    ) -> OrderingMutant {
        let site = OrderingSite(word: word, operation: operation, call: call)
        return OrderingMutant(site: site, weakening: weakening)
    }
}
