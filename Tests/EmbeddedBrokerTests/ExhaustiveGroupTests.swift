import EmbeddedBroker
import Messaging
import Simulation
import Testing

private let a = EventKey(pattern: 0, index: 1)
private let b = EventKey(pattern: 0, index: 2)

private func settings(
    prefetch: Int = 4,
    order: RedeliveryOrder = .blockKey,
    maxDeliveries: Int? = nil,
    shelf: Int = 4,
    capacity: Int = 4
) -> GroupSettings {
    GroupSettings(
        capacity: capacity,
        leaseNanoseconds: 10,
        prefetch: prefetch,
        order: order,
        maxDeliveries: maxDeliveries,
        shelfCapacity: shelf
    )
}

@Suite("A group of one partition, against a reference that is seen to be right")
struct ExhaustiveGroupTests {
    static let scopes: [TrialPlan] = [
        TrialPlan(settings: settings(), keys: [a, b, a], steps: 4),
        TrialPlan(settings: settings(), keys: [a, a, b], steps: 4),
        TrialPlan(settings: settings(order: .pass), keys: [a, a, b], steps: 4),
        TrialPlan(settings: settings(shelf: 2), keys: [a, a, a], steps: 4),
        TrialPlan(settings: settings(maxDeliveries: 2), keys: [a, a], steps: 5),
        TrialPlan(settings: settings(prefetch: 1, shelf: 1), keys: [a, .none, a], steps: 4),
        TrialPlan(
            settings: settings(capacity: 2),
            keys: [a, a, b, a],
            steps: 4,
            publishedFirst: 2
        ),
        TrialPlan(settings: settings(), keys: [a, b, a], steps: 4, skips: true),
    ]

    @Test("keeps every promise in every sequence of steps", arguments: scopes)
    func smallScope(_ plan: TrialPlan) throws {
        var choices = ExhaustiveChoices()
        var trials = 0
        repeat {
            _ = try GroupTrial.run(plan, &choices)
            trials += 1
        } while choices.advance()
        #expect(trials > 1000, "the scope is smaller than it was thought to be")
    }

    @Test("keeps every promise in long random runs", arguments: 0..<16)
    func randomRuns(_ block: UInt64) throws {
        for seed in block * 128..<(block + 1) * 128 {
            var shape = SeededChoices(seed: seed &* 3 &+ 1)
            let plan = Self.randomPlan(&shape)
            var choices = SeededChoices(seed: seed)
            do {
                _ = try GroupTrial.run(plan, &choices)
            } catch {
                Issue.record("seed \(seed), \(plan.settings): \(error)")
                return
            }
        }
    }

    @Test("the same seed leaves the same trace, another one does not")
    func traces() throws {
        let plan = TrialPlan(settings: settings(), keys: [a, b, a, b, a, a], steps: 60)
        var hashes: Set<UInt64> = []
        for seed in 0..<50 as Range<UInt64> {
            var first = SeededChoices(seed: seed)
            var second = SeededChoices(seed: seed)
            let trace = try GroupTrial.run(plan, &first)
            #expect(try trace == GroupTrial.run(plan, &second))
            hashes.insert(trace)
        }
        #expect(hashes.count == 50)
    }

    private static func randomPlan(_ shape: inout SeededChoices) -> TrialPlan {
        let capacity = 1 << (1 + shape.choose(7))
        let keyed = 1 + shape.choose(4)
        let count = 20 + shape.choose(100)
        var keys: [EventKey] = []
        for _ in 0..<count {
            let index = shape.choose(keyed + 1)
            keys.append(index == 0 ? .none : EventKey(pattern: 0, index: UInt64(index)))
        }
        return TrialPlan(
            settings: GroupSettings(
                capacity: capacity,
                leaseNanoseconds: 10,
                prefetch: 1 + shape.choose(12),
                order: shape.choose(4) == 0 ? .pass : .blockKey,
                maxDeliveries: shape.choose(3) == 0 ? 1 + shape.choose(3) : nil,
                shelfCapacity: 1 + shape.choose(capacity)
            ),
            keys: keys,
            steps: 100 + shape.choose(100),
            publishedFirst: 0,
            skips: shape.choose(4) == 0
        )
    }
}
