import HistoryChecks
import Messaging
import Testing

@Suite struct StateDigestTests {
    private static let hash = KeyedHash(seed: 3)

    private static func sum(_ events: [UInt64]) -> StateDigest {
        var sum = StateDigest()
        for event in events {
            let id = EventID(producer: UInt16(event >> 32), epoch: 0, sequence: event & 0xFFFF_FFFF)
            sum.add(id: id, key: .none, hash: hash)
        }
        return sum
    }

    @Test("the order of events does not matter, and sums add up")
    func order() {
        let forwards = Self.sum(Array(0..<100))
        #expect(forwards == Self.sum(Array((0..<100).reversed())))
        var parts = Self.sum(Array(0..<40))
        parts.add(Self.sum(Array(40..<100)))
        #expect(parts == forwards)
    }

    @Test("what is lost is not made up by what comes twice")
    func exchanges() {
        // Numbers with equal sums and equal exclusive-ors, of one producer and of several.
        var seen: [StateDigest: [UInt64]] = [:]
        for base in [UInt64(0), 1 << 32, 7 << 32] {
            for first in 0..<UInt64(64) {
                for second in first..<64 {
                    let events = [base + first, base + second]
                    #expect(seen.updateValue(events, forKey: Self.sum(events)) == nil)
                }
            }
        }
        #expect(seen.count == 3 * 64 * 65 / 2)
        #expect(Set(seen.keys.map(\.low)).count == seen.count)
        #expect(Set(seen.keys.map(\.high)).count == seen.count)
    }

    @Test("key and seed matter")
    func inputs() {
        let id = EventID(producer: 1, epoch: 0, sequence: 5)
        var sums: Set<StateDigest> = []
        for key in 0..<UInt64(100) {
            var sum = StateDigest()
            sum.add(id: id, key: EventKey(pattern: 0, index: key), hash: Self.hash)
            sums.insert(sum)
        }
        var other = StateDigest()
        other.add(id: id, key: EventKey(pattern: 0, index: 0), hash: KeyedHash(seed: 4))
        #expect(sums.count == 100 && !sums.contains(other))
    }
}
