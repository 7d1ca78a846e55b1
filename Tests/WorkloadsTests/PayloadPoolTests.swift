import Messaging
import Testing

@testable import Workloads

private struct Missing: Error, CustomStringConvertible {
    let description = "no such file"
}

private func pool(
    _ source: PayloadSource,
    file: [UInt8]? = nil,
    seed: UInt64 = 3
) throws -> PayloadPool {
    try PayloadPool(source, hash: KeyedHash(seed: seed)) { _ in
        guard let file else { throw Missing() }
        return file
    }
}

private func body(_ pool: PayloadPool, _ n: UInt64) -> [UInt8] {
    // SAFETY: the caller holds the pool.
    unsafe Array(pool.body(n).payload.bytes)
}

@Suite struct PayloadPoolTests {
    @Test("bodies of a fixed size differ, so that a swapped one is noticed")
    func fixed() throws {
        let bodies = try pool(.fixed(bytes: 100))
        #expect(bodies.count == 64)
        #expect(bodies.largestBytes == 100)
        #expect(bodies.meanBytes == 100)
        let all = (0..<64).map { body(bodies, $0) }
        #expect(Set(all).count == 64)
        #expect(all.allSatisfy { $0.count == 100 })
        #expect(body(bodies, 64 + 5) == all[5])
        let ones = all.joined().map { $0.nonzeroBitCount }.reduce(0, +)
        #expect(abs(Double(ones) / (6400 * 8) - 0.5) < 0.02)
    }

    @Test(
        "large bodies are fewer and empty ones are one",
        arguments: [
            (0, 1), (1 << 20, 64), (2 << 20, 32), (64 << 20, 1), (100 << 20, 1),
        ]
    )
    func memoryIsBounded(bytes: Int, count: Int) throws {
        #expect(
            try PayloadRecipe(.fixed(bytes: bytes), hash: KeyedHash(seed: 1)) { _ in [] }.sizes
                == Array(repeating: bytes, count: count)
        )
    }

    @Test("uniform sizes cover their range evenly")
    func uniformSizes() throws {
        let bodies = try pool(.uniform(smallest: 10, largest: 1009))
        let sizes = (0..<10_000).map { body(bodies, $0).count }
        let mean = Double(sizes.reduce(0, +)) / 10_000
        #expect(sizes.allSatisfy { (10...1009).contains($0) })
        #expect(abs(mean - 509.5) < 15)
        #expect(abs(bodies.meanBytes - 509.5) < 3)
        #expect((sizes.min() ?? 99) < 15 && (sizes.max() ?? 0) > 1004)
        #expect(bodies.largestBytes == sizes.max())
        #expect(body(try pool(.uniform(smallest: 7, largest: 7)), 1).count == 7)
    }

    @Test("a pool has the declared share of random bytes, in front")
    func randomShare() throws {
        let bodies = try pool(.pool(count: 10, bytes: 1000, randomShare: 0.25))
        #expect(bodies.count == 10)
        for n in 0..<50 {
            let bytes = body(bodies, UInt64(n))
            #expect(bytes[250...].allSatisfy { $0 == 0 })
            #expect(bytes[..<250].filter { $0 != 0 }.count > 230)
        }
        #expect(Set((0..<200).map { body(bodies, $0) }).count == 10)
    }

    @Test("a file is one body and lines are bodies in turn")
    func files() throws {
        let text = Array("first\r\n\nthird\nlast".utf8)
        #expect(body(try pool(.file(path: "f"), file: text), 9) == text)
        let lines = try pool(.lines(path: "f"), file: text)
        let spelt = (0..<5).map { String(decoding: body(lines, $0), as: UTF8.self) }
        #expect(spelt == ["first", "", "third", "last", "first"])
        #expect(lines.largestBytes == 5)
        #expect(try pool(.lines(path: "f"), file: Array("a\nb\n".utf8)).count == 2)
        #expect(body(try pool(.file(path: "f"), file: []), 0) == [])
    }

    @Test("what cannot be prepared is refused with the reason")
    func refused() {
        #expect(throws: WorkloadError.unreadable(path: "a b.bin", reason: "no such file")) {
            try pool(.file(path: "a b.bin"))
        }
        #expect(throws: WorkloadError.noLines(path: "f")) { try pool(.lines(path: "f"), file: []) }
        #expect(throws: WorkloadError.self) {
            try pool(.pool(count: .max, bytes: 100, randomShare: 1))
        }
        #expect(throws: WorkloadError.self) {
            try pool(.pool(count: 1 << 20, bytes: 1 << 11, randomShare: 1))
        }
    }

    @Test("equal seeds give equal bodies and others differ")
    func seeded() throws {
        let first = body(try pool(.fixed(bytes: 33), seed: 1), 4)
        #expect(first == body(try pool(.fixed(bytes: 33), seed: 1), 4))
        #expect(first != body(try pool(.fixed(bytes: 33), seed: 2), 4))
    }

    @Test("bodies start on cache lines")
    func aligned() throws {
        let bodies = try pool(.uniform(smallest: 0, largest: 200))
        for n in 0..<300 {
            // SAFETY: the pool is alive; only the address is looked at.
            let address = unsafe UInt(bitPattern: bodies.body(UInt64(n)).payload.bytes.baseAddress)
            #expect(address % 64 == 0)
        }
    }

    @Test("bodies survive concurrent readers")
    func concurrentReaders() async throws {
        let bodies = try pool(.fixed(bytes: 256))
        let expected = (0..<64).map { body(bodies, $0) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<640).allSatisfy { body(bodies, $0) == expected[Int($0 % 64)] }
                }
            }
            for await isEqual in group { #expect(isEqual) }
        }
    }
}
