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
            found.trials.map(\.kind) == [.mpmc, .multicast, .mpmc]
        )
        #expect(
            found.leftOut == [
                "'hybrid' has one producer", "'batch' has one producer",
                "'hybrid' does not share items among consumers",
                "'batch' does not share items among consumers",
                "'multicast' does not share items among consumers",
            ]
        )
    }
}
