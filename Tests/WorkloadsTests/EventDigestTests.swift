import Messaging
import Testing

@Suite struct EventDigestTests {
    private let hash = KeyedHash(seed: 7)

    private func digest(_ bytes: [UInt8], id: UInt64 = 11, key: UInt64 = 5) -> UInt64 {
        // SAFETY: the bytes are readable in the closure.
        let body = unsafe bytes.withUnsafeBytes { unsafe KeyedHash.digest(ofBody: $0) }
        return hash.digest(
            id: EventID(rawValue: id),
            key: EventKey(rawValue: key),
            body: body
        )
    }

    @Test("every bit of a body moves the digest", arguments: [1, 15, 16, 31, 32, 33, 64, 100, 200])
    func bits(count: Int) {
        var bytes = (0..<count).map { UInt8(truncatingIfNeeded: 37 * $0 + 5) }
        var seen: Set = [digest(bytes)]
        for bit in 0..<8 * count {
            bytes[bit / 8] ^= 1 << (bit % 8)
            seen.insert(digest(bytes))
            bytes[bit / 8] ^= 1 << (bit % 8)
        }
        #expect(seen.count == 8 * count + 1)
    }

    @Test("the length of a body of zeros moves the digest")
    func lengths() {
        #expect(Set((0..<200).map { digest(Array(repeating: 0, count: $0)) }).count == 200)
    }

    @Test("words that change places move the digest")
    func places() {
        let words = (0..<12).map { [UInt8](repeating: UInt8($0 + 1), count: 8) }
        var seen: Set<UInt64> = []
        for first in 0..<12 {
            for second in first..<12 {
                var changed = words
                changed.swapAt(first, second)
                seen.insert(digest(Array(changed.joined())))
            }
        }
        // Nothing changes where both places are the same.
        #expect(seen.count == 12 * 11 / 2 + 1)
    }

    @Test("identifier, key and seed move the digest")
    func envelope() {
        let bytes: [UInt8] = [1, 2, 3]
        var seen: Set = [digest(bytes)]
        for bit in 0..<64 {
            seen.insert(digest(bytes, id: 11 ^ 1 << UInt64(bit)))
            seen.insert(digest(bytes, key: 5 ^ 1 << UInt64(bit)))
        }
        #expect(seen.count == 129)
        // SAFETY: the bytes are readable in the closure.
        let body = unsafe bytes.withUnsafeBytes { unsafe KeyedHash.digest(ofBody: $0) }
        let other = KeyedHash(seed: 8)
        #expect(
            !seen.contains(
                other.digest(id: EventID(rawValue: 11), key: EventKey(rawValue: 5), body: body)
            )
        )
    }
}
