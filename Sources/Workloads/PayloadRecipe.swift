import Messaging

/// The lengths and contents of a pool's bodies, before there is memory for them.
struct PayloadRecipe {
    private enum Contents {
        /// So many random bytes in front, zeros behind them.
        case random(KeyedHash, bytes: [Int])
        /// Slices of these bytes.
        case slices([UInt8], [Range<Int>])
    }

    /// Bodies of one fixed size: enough that swapped bodies differ with probability 63 / 64.
    private static let fixedBodies = 64
    /// Bodies of a spread of sizes: the mean comes within 2 % of the distribution's.
    private static let variedBodies = 256

    /// The length of each body; at least one body.
    let sizes: [Int]
    /// Whether bodies are drawn, rather than taken in turn.
    let isDrawn: Bool
    private let contents: Contents

    init(
        _ source: PayloadSource,
        hash: KeyedHash,
        loading: (String) throws -> [UInt8]
    ) throws(WorkloadError) {
        let hash = hash.derived(for: 0x626F_6479)
        switch source {
        case .fixed(let bytes):
            let count = Self.affordable(Self.fixedBodies, bytes: bytes)
            sizes = Array(repeating: bytes, count: bytes == 0 ? 1 : count)
            (isDrawn, contents) = (false, .random(hash, bytes: sizes))
        case .uniform(let smallest, let largest):
            precondition(0 <= smallest && smallest <= largest, "sizes go from small to large")
            let count = Self.affordable(Self.variedBodies, bytes: largest)
            sizes = Self.stratifiedSizes(smallest, largest, count: count, hash: hash)
            (isDrawn, contents) = (true, .random(hash, bytes: sizes))
        case .pool(let count, let bytes, let randomShare):
            precondition(count > 0 && bytes >= 0, "a pool has at least one body")
            precondition(0 <= randomShare && randomShare <= 1, "a share lies in 0 ... 1")
            try Self.requireRoom(count: count, bytes: bytes)
            sizes = Array(repeating: bytes, count: count)
            let random = Int(Double(bytes) * randomShare)
            isDrawn = true
            contents = .random(hash, bytes: Array(repeating: random, count: count))
        case .file(let path):
            let bytes = try Self.load(path, with: loading)
            sizes = [bytes.count]
            (isDrawn, contents) = (false, .slices(bytes, [0..<bytes.count]))
        case .lines(let path):
            let bytes = try Self.load(path, with: loading)
            let lines = Self.lines(of: bytes)
            guard !lines.isEmpty else { throw .noLines(path: path) }
            sizes = lines.map(\.count)
            (isDrawn, contents) = (false, .slices(bytes, lines))
        }
    }

    /// Writes body number `body` into `target`, which has its length.
    ///
    /// - Safety: `target` is writable; nobody reads it yet.
    @unsafe
    func fill(_ target: UnsafeMutableRawBufferPointer, body: Int) {
        switch contents {
        case .slices(let bytes, let ranges):
            // SAFETY: the caller gives a target of the length of this slice.
            unsafe target.copyBytes(from: bytes[ranges[body]])
        case .random(let hash, let lengths):
            var word: UInt64 = 0
            for place in 0..<target.count {
                if place & 7 == 0 { word = hash.hash(UInt64(body), UInt64(place)) }
                let byte = UInt8(truncatingIfNeeded: word >> UInt64(8 * (place & 7)))
                // SAFETY: place < target.count, by the loop.
                unsafe target[place] = place < lengths[body] ? byte : 0
            }
        }
    }

    private static func affordable(_ wanted: Int, bytes: Int) -> Int {
        precondition(bytes >= 0, "a size is not negative")
        return max(1, min(wanted, PayloadPool.automaticMemory / max(1, bytes)))
    }

    private static func requireRoom(count: Int, bytes: Int) throws(WorkloadError) {
        let (product, overflow) = count.multipliedReportingOverflow(by: max(64, bytes))
        guard !overflow, product <= PayloadPool.memoryLimit else {
            throw .tooLarge(
                what: "a pool of \(count) payloads of \(bytes) bytes",
                bytes: overflow ? .max : product,
                limit: PayloadPool.memoryLimit
            )
        }
    }

    /// One size from each of `count` equal strata, so that few bodies still spread evenly.
    private static func stratifiedSizes(
        _ smallest: Int,
        _ largest: Int,
        count: Int,
        hash: KeyedHash
    ) -> [Int] {
        let width = Double(largest - smallest) + 1
        return (0..<count).map { stratum in
            let place = Double(stratum) + hash.hash(UInt64(stratum), .max).unitInterval
            return min(largest, smallest + Int(place / Double(count) * width))
        }
    }

    private static func load(
        _ path: String,
        with loading: (String) throws -> [UInt8]
    ) throws(WorkloadError) -> [UInt8] {
        do {
            return try loading(path)
        } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
    }

    /// The lines without their ends (LF or CR LF); a last line needs no end.
    private static func lines(of bytes: [UInt8]) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        for place in bytes.indices where bytes[place] == UInt8(ascii: "\n") {
            let hasReturn = place > start && bytes[place - 1] == UInt8(ascii: "\r")
            lines.append(start..<(hasReturn ? place - 1 : place))
            start = place + 1
        }
        if start < bytes.count { lines.append(start..<bytes.count) }
        return lines
    }
}
