import Messaging
import Testing

@testable import Workloads

private func draws(_ distribution: DurationDistribution, seed: UInt64 = 9) -> [Int64] {
    let sampler = DurationSampler(distribution, hash: KeyedHash(seed: seed))
    return (0..<50_000).map { sampler.nanoseconds(for: $0) }
}

private func mean(_ values: [Int64]) -> Double {
    values.map(Double.init).reduce(0, +) / Double(values.count)
}

@Suite struct DurationSamplerTests {
    @Test("constant durations are constant")
    func constant() {
        #expect(draws(.none).allSatisfy { $0 == 0 })
        #expect(draws(.fixed(.microseconds(7))).allSatisfy { $0 == 7000 })
    }

    @Test("uniform durations fill their range, both bounds included")
    func uniform() {
        let values = draws(.uniform(.nanoseconds(10), .nanoseconds(19)))
        #expect(Set(values) == Set(10...19))
        #expect(abs(mean(values) - 14.5) < 0.05)
        #expect(Set(draws(.uniform(.nanoseconds(4), .nanoseconds(3)))) == [3, 4])
    }

    @Test("exponential durations have their mean and their median")
    func exponential() {
        let values = draws(.exponential(mean: .milliseconds(5))).sorted()
        #expect(abs(mean(values) / 5e6 - 1) < 0.02)
        #expect(abs(Double(values[25_000]) / (5e6 * 0.693147) - 1) < 0.03)
        #expect(values.allSatisfy { $0 >= 0 })
    }

    @Test("draws depend on seed and ordinal alone")
    func seeded() {
        let distribution = DurationDistribution.exponential(mean: .seconds(1))
        #expect(draws(distribution, seed: 1) == draws(distribution, seed: 1))
        #expect(draws(distribution, seed: 1) != draws(distribution, seed: 2))
    }
}
