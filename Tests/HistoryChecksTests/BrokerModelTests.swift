import Messaging
import Testing

@testable import Histories
@testable import HistoryChecks

@Suite struct BrokerModelTests {
    private func judged(seed: UInt64, flaw: Flaw) -> (results: [CheckResult], model: BrokerModel) {
        var model = BrokerModel(seed: seed, flaw: flaw)
        let records = model.play(steps: 60 + Int(seed % 90))
        var history = DeliveryHistory(settings: model.settings)
        for record in records { history.feed(record) }
        return (history.judge(), model)
    }

    @Test("a broker that keeps its promises is never accused")
    func noFalseAlarm() {
        for seed in 0..<2000 as Range<UInt64> {
            let (results, model) = judged(seed: seed, flaw: .none)
            for result in results where result.guarantee != .a34 || !model.storesLate {
                if case .violated(let anomalies, _) = result.verdict {
                    Issue.record("seed \(seed): \(anomalies[0])")
                    return
                }
            }
        }
    }

    @Test("a flaw is always found", arguments: Flaw.allCases.filter { $0 != .none })
    func everyFlaw(_ flaw: Flaw) throws {
        let guarantee = try #require(flaw.guarantee)
        var flawed = 0
        var missed: [UInt64] = []
        for seed in 0..<150 as Range<UInt64> {
            let (results, model) = judged(seed: seed, flaw: flaw)
            guard model.flawed else { continue }
            flawed += 1
            let found = results.contains {
                guard $0.guarantee == guarantee, case .violated = $0.verdict else { return false }
                return true
            }
            if !found { missed.append(seed) }
        }
        #expect(flawed > 25, "the flaw came to effect in \(flawed) of 150 runs only")
        #expect(missed.isEmpty, "\(missed.count) of \(flawed) missed, seeds \(missed.prefix(5))")
    }
}
