import RingTrials
import Testing

@Suite("Selection of trials")
struct TrialSelectionTests {
    @Test("what no ring can do is left out, with the reason once")
    func leftOut() {
        var selection = TrialSelection()
        selection.topologies = [.twoToOne, .twoToTwo]
        let found = selection.trials(processors: 2)
        #expect(
            found.trials.map(\.kind) == [
                .mpmc, .lockFree, .multicast, .multicastLockFree, .mpmc, .lockFree,
            ]
        )
        #expect(
            found.leftOut == [
                "hybrid, batch: one producer only",
                "hybrid, batch, multicast, appending: no sharing among consumers",
            ]
        )
    }

    @Test("every combination of what is listed comes once, kinds in turn")
    func product() {
        var selection = TrialSelection()
        selection.kinds = [.batch, .mpmc]
        selection.payloads = [.word, .line]
        selection.batches = [1, 8]
        selection.capacities = [16, 64]
        selection.waits = [.pause, .yield]
        let trials = selection.trials(processors: 2).trials
        #expect(trials.count == 32)
        #expect(Set(trials).count == 32)
        #expect(trials.prefix(4).map(\.kind) == [.batch, .mpmc, .batch, .mpmc])
    }

    @Test(
        "threads spin only where each has a processor",
        arguments: [(2, TrialWait.spin), (3, .adaptive), (4, .adaptive)]
    )
    func waits(threads: Int, wait: TrialWait) {
        #expect(TrialWait.suited(to: threads, processors: 2) == wait)
    }

    @Test(
        "sizes that no ring can have are said to be so",
        arguments: [
            (RingKind.hybrid, 32, 16, TrialPayload.word, "a batch of 32 is more than a ring of 16"),
            (.mpmc, 1, 1, .word, "more than one slot is needed"),
            (.hybrid, 1, 1, .word, nil),
            (.batch, 1, 1 << 20, .sixteenLines, "1048576 slots of 1024 B are too much memory"),
        ] as [(RingKind, Int, Int, TrialPayload, String?)]
    )
    func problems(kind: RingKind, batch: Int, slots: Int, payload: TrialPayload, why: String?) {
        let trial = RingTrial(
            kind: kind,
            topology: .oneToOne,
            payload: payload,
            batch: batch,
            capacity: slots,
            wait: .spin
        )
        #expect(trial.problem == why)
    }
}
