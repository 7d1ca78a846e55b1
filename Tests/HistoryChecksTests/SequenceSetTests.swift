import Testing

@testable import HistoryChecks

@Suite struct SequenceSetTests {
    /// Shuffles within a window, leaves some out, repeats some, and jumps far ahead at times.
    private func numbers(seed: UInt64) -> [UInt64] {
        var dice = Dice(seed: seed)
        var numbers: [UInt64] = []
        var base: UInt64 = 0
        for _ in 0..<400 {
            if dice.chance(40) { base += SequenceSet.window + dice.roll(5000) }
            let reach = dice.chance(8) ? 3000 : 3
            numbers.append(base + dice.roll(UInt64(reach)))
            if dice.chance(9), let old = numbers.randomElement(dice.roll(1000)) {
                numbers.append(old)
                numbers.append(old > 0 ? old - 1 : 0)
            }
            base += 1
        }
        return numbers
    }

    @Test("it knows exactly what a plain set knows", arguments: 0..<40 as Range<UInt64>)
    func agreesWithSet(_ seed: UInt64) {
        var fast = SequenceSet()
        var plain: Set<UInt64> = []
        for n in numbers(seed: seed) {
            #expect(fast.insert(n) == plain.insert(n).inserted, "seed \(seed), number \(n)")
        }
        #expect(fast.count == UInt64(plain.count))
        #expect(fast.upperBound == (plain.max() ?? 0) + 1)
        for n in plain {
            #expect(fast.contains(n))
            #expect(fast.contains(n + 1) == plain.contains(n + 1))
        }
        let bounds = 5..<fast.upperBound + 7
        let missing = fast.missingRanges(in: bounds)
        let inside = plain.filter(bounds.contains)
        let absent = missing.reduce(0) { $0 + $1.count }
        #expect(absent + inside.count == bounds.count, "seed \(seed)")
        #expect(missing.allSatisfy { !plain.contains($0.lowerBound) })
        #expect(fast.presentRanges(in: bounds).allSatisfy { plain.contains($0.lowerBound) })
    }

    @Test("ranges are single numbers in a row")
    func ranges() {
        var set = SequenceSet()
        set.insert(0..<5)
        set.insert(8..<10)
        set.insert(4..<9)
        #expect(set.count == 10)
        #expect(!set.hasHoles)
        #expect(set.missingRanges(in: 0..<12) == [10..<12])
    }

    @Test("beyond its bound it says that it cannot tell")
    func exhaustion() {
        var set = SequenceSet(gapCapacity: 3)
        for n in 0..<5 as Range<UInt64> { set.insert(n * 2 * SequenceSet.window + 1) }
        #expect(set.isExhausted)
    }

    @Test("an interval set keeps intervals apart, joins and splits them")
    func intervals() {
        var set = IntervalSet()
        for n in [9, 3, 5, 4, 1, 7] as [UInt64] { set.insert(n..<n + 1) }
        #expect(set.ranges(in: 0..<20) == [1..<2, 3..<6, 7..<8, 9..<10])
        let wasThere = set.remove(4)
        #expect(wasThere)
        #expect(!set.contains(4))
        #expect(set.ranges(in: 2..<8) == [3..<4, 5..<6, 7..<8])
        #expect(set.intervals == 5)
        #expect(set.count == 5)
        for n in 0..<4000 as Range<UInt64> { set.insert(n * 2..<n * 2 + 1) }
        for n in 0..<4000 as Range<UInt64> { set.insert(n * 2 + 1..<n * 2 + 2) }
        #expect(set.ranges(in: 0..<9000) == [0..<8000])
    }
}

extension Array {
    fileprivate func randomElement(_ draw: UInt64) -> Element? {
        isEmpty ? nil : self[Int(draw) % count]
    }
}
