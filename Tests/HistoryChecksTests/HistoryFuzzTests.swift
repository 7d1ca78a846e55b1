import Messaging
import Testing

@testable import Histories
@testable import HistoryChecks

/// Random damage to a history: it is read or refused, always alike, and never a crash.
@Suite struct HistoryFuzzTests {
    private static let pieces: [[UInt8]] = [
        "\"", "\\", "\\u", "{", "}", "[", "]", ",", ":", "null", "true", "-", "e9", ".5", "\0",
        "\n", "18446744073709551615", "-9223372036854775808", "99999999999999999999",
        "4611686018427387904", "\u{e9}", "\"n\":", "\"value\":{",
    ].map { Array($0.utf8) }

    private func history(_ seed: UInt64) -> [UInt8] {
        var model = BrokerModel(seed: seed, flaw: .none)
        var encoder = HistoryEncoder(names: HistoryNames(topics: ["t"], groups: ["g"]))
        for record in model.play(steps: 12) { encoder.append(record) }
        return encoder.bytes
    }

    private func damage(_ bytes: [UInt8], _ random: inout Draws) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.next(below: 3) {
            let place = random.next(below: bytes.count)
            switch random.next(below: 5) {
            case 0: bytes[place] = UInt8(random.next(below: 256))
            case 1: bytes[place] ^= 1 << UInt8(random.next(below: 8))
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + random.next(below: 9)))
            case 3:
                let piece = Self.pieces[random.next(below: Self.pieces.count)]
                bytes.insert(contentsOf: piece, at: place)
            default:
                let end = place + random.next(below: 5)
                let piece = Self.pieces[random.next(below: Self.pieces.count)]
                bytes.replaceSubrange(place..<min(bytes.count, end), with: piece)
            }
        }
        return bytes
    }

    private func outcome(
        _ bytes: [UInt8],
        pieces: Int
    ) -> (records: [HistoryRecord], error: String) {
        var reader = HistoryReader()
        var records: [HistoryRecord] = []
        do throws(HistoryError) {
            var rest = bytes[...]
            while !rest.isEmpty {
                try reader.read(rest.prefix(pieces)) { records.append($0) }
                rest = rest.dropFirst(pieces)
            }
            try reader.finish { records.append($0) }
        } catch {
            return (records, error.description)
        }
        return (records, "")
    }

    @Test("a damaged history is read or refused, the same in pieces of any size")
    func damaged() {
        let whole = history(7)
        var refused = 0
        for seed in 0..<1000 as Range<UInt64> {
            var random = Draws(seed: seed)
            let bytes = damage(whole, &random)
            let once = outcome(bytes, pieces: bytes.count)
            let pieces = outcome(bytes, pieces: 1 + random.next(below: 40))
            #expect(once == pieces, "seed \(seed)")
            if !once.error.isEmpty { refused += 1 }
            var history = DeliveryHistory()
            for record in once.records { history.feed(record) }
            _ = history.judge()
        }
        #expect(refused > 500 && refused < 1000)
    }
}

/// A fixed sequence of draws (SplitMix64, through the product's own hash).
private struct Draws {
    private let hash: KeyedHash
    private var drawn: UInt64 = 0

    init(seed: UInt64) {
        hash = KeyedHash(seed: seed)
    }

    mutating func next(below bound: Int) -> Int {
        drawn += 1
        return Int(hash.hash(drawn, 0) % UInt64(bound))
    }
}
