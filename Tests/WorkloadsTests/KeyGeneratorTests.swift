import Messaging
import Testing

@testable import Workloads

private func generator(_ shape: KeyDistribution.Shape, seed: UInt64 = 11) -> KeyGenerator {
    KeyGenerator(KeyDistribution(shape, pattern: 3), hash: KeyedHash(seed: seed))
}

private func frequencies(_ generator: KeyGenerator, draws: Int, keys: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: keys)
    for n in 0..<draws {
        let index = Int(generator.key(UInt64(n)).index)
        if index < keys { counts[index] += 1 }
    }
    return counts
}

/// Pearson's statistic over its degrees of freedom: near 1 for a good fit.
private func misfit(_ counts: [Int], _ probabilities: [Double], draws: Int) -> Double {
    var sum = 0.0
    for (count, probability) in zip(counts, probabilities) {
        let expected = probability * Double(draws)
        sum += (Double(count) - expected) * (Double(count) - expected) / expected
    }
    return sum / Double(counts.count - 1)
}

private func zipf(_ count: Int, _ exponent: Double) -> [Double] {
    let weights = (1...count).map {
        RepeatableMath.exp(-exponent * RepeatableMath.log(Double($0)))
    }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
}

@Suite struct KeyGeneratorTests {
    @Test("Zipf frequencies agree with theory by table", arguments: [0, 0.5, 0.99, 1, 1.5])
    func zipfByTable(exponent: Double) {
        let draws = 200_000
        let counts = frequencies(
            generator(.zipf(count: 100, exponent: exponent)),
            draws: draws,
            keys: 100
        )
        let fit = misfit(counts, zipf(100, exponent), draws: draws)
        #expect(fit > 0.5 && fit < 1.6, "exponent \(exponent): \(fit)")
    }

    @Test("Zipf frequencies agree with theory by inversion", arguments: [0, 0.5, 0.99, 1, 1.5, 3])
    func zipfByInversion(exponent: Double) {
        let draws = 200_000
        let inversion = ZipfInversion(count: 50, exponent: exponent)
        let hash = KeyedHash(seed: 5)
        var counts = [Int](repeating: 0, count: 50)
        for n in 0..<draws { counts[Int(inversion.index(hash, UInt64(n)))] += 1 }
        // Ranks whose expectation is below 5 are put together.
        let probabilities = zipf(50, exponent)
        let kept = probabilities.prefix { $0 * Double(draws) >= 5 }.count
        var pooled = Array(counts.prefix(kept))
        var expected = Array(probabilities.prefix(kept))
        if kept < 50 {
            pooled.append(counts.dropFirst(kept).reduce(0, +))
            expected.append(probabilities.dropFirst(kept).reduce(0, +))
        }
        let fit = misfit(pooled, expected, draws: draws)
        #expect(fit > 0.4 && fit < 1.7, "exponent \(exponent): \(fit)")
    }

    @Test(
        "ten million keys stay in range and keep the weight of the first one",
        arguments: [
            0.2, 0.99, 1, 1.2,
        ]
    )
    func manyKeys(exponent: Double) {
        let count = 10_000_000
        let draws = 50_000
        let keys = generator(.zipf(count: count, exponent: exponent))
        // The sum over all ranks, by the Euler–Maclaurin formula behind the hundredth.
        let head = (1...100).map { RepeatableMath.exp(-exponent * RepeatableMath.log(Double($0))) }
        let logs = (RepeatableMath.log(100.5), RepeatableMath.log(Double(count) + 0.5))
        let power = 1 - exponent
        let tail =
            power == 0
            ? logs.1 - logs.0
            : (RepeatableMath.exp(power * logs.1) - RepeatableMath.exp(power * logs.0)) / power
        let share = head.reduce(0, +) / (head.reduce(0, +) + tail)
        var low = 0
        for n in 0..<draws {
            let index = keys.key(UInt64(n)).index
            #expect(index < count)
            if index < 100 { low += 1 }
        }
        let deviation = (share * (1 - share) * Double(draws)).squareRoot()
        #expect(abs(Double(low) - share * Double(draws)) < 4 * deviation, "\(low) for \(share)")
    }

    @Test("uniform keys are equally frequent")
    func uniform() {
        let counts = frequencies(generator(.uniform(count: 64)), draws: 128_000, keys: 64)
        let fit = misfit(counts, Array(repeating: 1 / 64, count: 64), draws: 128_000)
        #expect(fit > 0.5 && fit < 1.6)
    }

    @Test("round robin goes through all keys in turn")
    func roundRobin() {
        let keys = generator(.roundRobin(count: 3))
        #expect((0..<7).map { keys.key($0).index } == [0, 1, 2, 0, 1, 2, 0])
        #expect(keys.key(1) == EventKey(pattern: 3, index: 1))
    }

    @Test("a hot set gets its share", arguments: [0, 0.2, 0.9, 1])
    func hotSet(share: Double) {
        let keys = generator(.hotSet(count: 1000, hot: 10, share: share))
        let counts = frequencies(keys, draws: 50_000, keys: 1000)
        let hot = Double(counts[0..<10].reduce(0, +)) / 50_000
        #expect(abs(hot - share) < 0.01)
        #expect(counts.reduce(0, +) == 50_000)
        let all = generator(.hotSet(count: 4, hot: 4, share: 0.1))
        #expect(frequencies(all, draws: 400, keys: 4).allSatisfy { $0 > 50 })
    }

    @Test("no distribution means no key")
    func none() {
        #expect(generator(.none).key(5) == .none)
    }

    @Test(
        "keys depend on seed and event number alone",
        arguments: [
            KeyDistribution.Shape.uniform(count: 1000),
            .zipf(count: 1000, exponent: 0.99),
            .zipf(count: 1_000_000, exponent: 0.99),
            .hotSet(count: 1000, hot: 10, share: 0.5),
        ]
    )
    func seeded(shape: KeyDistribution.Shape) {
        let forward = (0..<200).map { generator(shape, seed: 1).key($0) }
        let backward = (0..<200).reversed().map { generator(shape, seed: 1).key($0) }
        #expect(forward == backward.reversed())
        #expect(forward != (0..<200).map { generator(shape, seed: 2).key($0) })
        var batch = Batch<EventKey>(capacity: 200)
        generator(shape, seed: 1).append(200, from: 0, to: &batch)
        #expect((0..<200).map { batch[$0] } == forward)
    }

    @Test("keys of a seed are the same on every platform")
    func pinned() {
        let small = generator(.zipf(count: 10_000, exponent: 0.99), seed: 42)
        let large = generator(.zipf(count: 10_000_000, exponent: 0.99), seed: 42)
        #expect((0..<5).map { small.key($0).index } == [1, 70, 141, 175, 626])
        #expect((0..<5).map { large.key($0).index } == [24595, 20, 5, 7_612_797, 3_795_080])
    }
}
