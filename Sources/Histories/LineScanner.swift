/// Why one line is no record.
struct LineFault: Error {
    let what: String

    static let notJSON = LineFault(what: "not JSON")
}

/// Where a string of a line is, and how it ends.
struct LineText {
    /// The first byte, in the line or, with escapes, in what the scanner has decoded.
    var start: Int
    var count: Int
    var isDecoded: Bool
    /// The last sixteen bytes, the last one lowest: the whole text where it has no more.
    var low: UInt64 = 0
    var high: UInt64 = 0

    var isShort: Bool { count <= 16 }

    @inline(__always)
    mutating func push(_ byte: UInt8) {
        high = high &<< 8 | low &>> 56
        low = low &<< 8 | UInt64(byte)
    }

    /// Pushes the first `count` bytes of `word`.
    @inline(__always)
    mutating func push(_ word: EightBytes, count: Int) {
        guard count > 0 else { return }
        let shift = UInt64(truncatingIfNeeded: count &* 8)
        let pushed = word.bits.byteSwapped &>> (64 &- shift)
        guard shift < 64 else {
            high = low
            low = pushed
            return
        }
        high = high &<< shift | low &>> (64 &- shift)
        low = low &<< shift | pushed
    }

    init(start: Int, count: Int, isDecoded: Bool) {
        self.start = start
        self.count = count
        self.isDecoded = isDecoded
    }

    /// FNV-1a, 64 bits.
    func hash(in source: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in start..<start + count {
            hash = (hash ^ UInt64(source[index])) &* 0x100_0000_01B3
        }
        return hash
    }

    /// `text` as scanned from bytes that are nothing else.
    init(_ text: String) {
        start = 0
        count = text.utf8.count
        isDecoded = false
        for byte in text.utf8 { push(byte) }
    }
}

/// A number of a line.
struct LineNumber {
    var magnitude: UInt64
    var isNegative: Bool
    /// Whether it is whole and fits.
    var isExact: Bool
}

/// Steps through the bytes of one line, as JSON has it.
///
/// Strict as RFC 8259: strings are UTF-8 without control characters, nothing is left over. Every
/// call is given the same bytes. Allocates only for strings with escapes.
struct LineScanner {
    /// The next byte.
    private(set) var place = 0
    /// The strings of the line that had escapes.
    private(set) var decoded: [UInt8] = []

    /// How deep values may nest; the depth that other readers allow.
    static let depthLimit = 512

    /// Begins a line, at its byte number `place`.
    mutating func begin(at place: Int) {
        self.place = place
        if !decoded.isEmpty { decoded.removeAll(keepingCapacity: true) }
    }

    /// The next byte that is no white space; 0 at the end.
    @inline(__always)
    mutating func peek(_ bytes: Span<UInt8>) -> UInt8 {
        while place < bytes.count {
            let byte = bytes[place]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A else { return byte }
            place &+= 1
        }
        return 0
    }

    /// Passes `byte`, which must come next.
    @inline(__always)
    mutating func expect(_ byte: UInt8, _ bytes: Span<UInt8>) throws(LineFault) {
        guard peek(bytes) == byte, place < bytes.count else { throw .notJSON }
        place &+= 1
    }

    /// Passes the next name of an object and its colon, or the object's end: `nil`.
    @inline(__always)
    mutating func name(
        isFirst: Bool,
        _ bytes: Span<UInt8>
    ) throws(LineFault) -> LineText? {
        let next = peek(bytes)
        if next == UInt8(ascii: "}") {
            place &+= 1
            return nil
        }
        if !isFirst { try expect(UInt8(ascii: ","), bytes) }
        let name = try text(bytes)
        try expect(UInt8(ascii: ":"), bytes)
        return name
    }

    /// Passes a string.
    @inline(__always)
    mutating func text(_ bytes: Span<UInt8>) throws(LineFault) -> LineText {
        try expect(UInt8(ascii: "\""), bytes)
        var text = LineText(start: place, count: 0, isDecoded: false)
        var at = place
        var seen: UInt8 = 0
        while at < bytes.count {
            let word = EightBytes(bytes, at: at)
            let plain = min(word.plainCount, bytes.count &- at)
            text.push(word, count: plain)
            at &+= plain
            guard plain < 8, at < bytes.count else { continue }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                text.count = at &- text.start
                place = at &+ 1
                if seen >= 0x80 { try requireUTF8(text, bytes) }
                return text
            }
            guard byte >= 0x20 else { throw .notJSON }
            if byte == UInt8(ascii: "\\") {
                place = at
                return try escapedText(from: text.start, bytes)
            }
            text.push(byte)
            seen |= byte
            at &+= 1
        }
        throw .notJSON
    }

    /// Passes a number.
    @inline(__always)
    mutating func number(_ bytes: Span<UInt8>) throws(LineFault) -> LineNumber {
        let isNegative = peek(bytes) == UInt8(ascii: "-")
        let start = place
        let first = isNegative ? start &+ 1 : start
        var at = first
        var magnitude: UInt64 = 0
        while at < bytes.count {
            let word = EightBytes(bytes, at: at)
            let count = min(word.digitCount, bytes.count &- at)
            magnitude = magnitude &* EightBytes.powers[count] &+ word.decimal(count)
            at &+= count
            guard count == 8 else { break }
        }
        let digits = at &- first
        guard digits > 0, digits == 1 || bytes[first] != UInt8(ascii: "0") else { throw .notJSON }
        let next = at < bytes.count ? bytes[at] : 0
        // Twenty digits fit if they begin with 1 and did not wrap round; nineteen always do.
        let fits =
            digits <= 19
            || digits == 20 && bytes[first] == UInt8(ascii: "1")
                && magnitude >= 10_000_000_000_000_000_000
        guard fits, next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") else {
            return try longNumber(bytes)
        }
        place = at
        return LineNumber(magnitude: magnitude, isNegative: isNegative, isExact: true)
    }

    /// Passes one byte.
    mutating func advance() { place &+= 1 }

    /// How many bytes of strings with escapes it has decoded.
    var decodedCount: Int { decoded.count }

    /// Adds a byte to the string being decoded.
    mutating func decode(_ byte: UInt8) { decoded.append(byte) }

    /// Adds the bytes from `start` up to the next one to the string being decoded.
    mutating func decode(_ bytes: Span<UInt8>, from start: Int) {
        for index in start..<place { decoded.append(bytes[index]) }
    }

    /// Passes `word` if it comes next; says whether it did.
    mutating func take(_ word: StaticString, _ bytes: Span<UInt8>) -> Bool {
        let count = word.utf8CodeUnitCount
        guard count <= bytes.count - place else { return false }
        for index in 0..<count {
            // SAFETY: index is below the length of the static string.
            guard unsafe word.utf8Start[index] == bytes[place + index] else { return false }
        }
        place += count
        return true
    }
}
