/// What lines seldom have: escapes, fractions, values that nobody needs.
extension LineScanner {
    /// Passes a value of any kind.
    mutating func skipValue(_ bytes: Span<UInt8>, depth: Int = 1) throws(LineFault) {
        guard depth < Self.depthLimit else {
            throw LineFault(what: "nested deeper than \(Self.depthLimit)")
        }
        switch peek(bytes) {
        case UInt8(ascii: "\""): _ = try text(bytes)
        case UInt8(ascii: "{"): try skipObject(bytes, depth: depth)
        case UInt8(ascii: "["): try skipArray(bytes, depth: depth)
        case UInt8(ascii: "t"): try require(take("true", bytes))
        case UInt8(ascii: "f"): try require(take("false", bytes))
        case UInt8(ascii: "n"): try require(take("null", bytes))
        default: _ = try number(bytes)
        }
    }

    private mutating func skipObject(_ bytes: Span<UInt8>, depth: Int) throws(LineFault) {
        try expect(UInt8(ascii: "{"), bytes)
        var isFirst = true
        while try name(isFirst: isFirst, bytes) != nil {
            isFirst = false
            try skipValue(bytes, depth: depth + 1)
        }
    }

    private mutating func skipArray(_ bytes: Span<UInt8>, depth: Int) throws(LineFault) {
        try expect(UInt8(ascii: "["), bytes)
        if peek(bytes) == UInt8(ascii: "]") { return try expect(UInt8(ascii: "]"), bytes) }
        while true {
            try skipValue(bytes, depth: depth + 1)
            if peek(bytes) == UInt8(ascii: "]") { return try expect(UInt8(ascii: "]"), bytes) }
            try expect(UInt8(ascii: ","), bytes)
        }
    }

    private func require(_ holds: Bool) throws(LineFault) {
        guard holds else { throw .notJSON }
    }
}

extension LineScanner {
    /// Passes a number with a fraction, an exponent or many digits; exact if it is whole and fits.
    mutating func longNumber(_ bytes: Span<UInt8>) throws(LineFault) -> LineNumber {
        let isNegative = peek(bytes) == UInt8(ascii: "-")
        if isNegative { advance() }
        var decimal = Decimal()
        _ = try digits(bytes) { decimal.append($0) }
        if byte(bytes) == UInt8(ascii: ".") {
            advance()
            let count = try digits(bytes) { decimal.append($0) }
            decimal.exponent -= count
        }
        if byte(bytes) | 0x20 == UInt8(ascii: "e") {
            advance()
            let sign = byte(bytes)
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { advance() }
            var exponent = 0
            // A line has at most a million digits: beyond that a number is zero or does not fit.
            _ = try digits(bytes) { exponent = min(exponent * 10 + Int($0), 1 << 24) }
            decimal.exponent += sign == UInt8(ascii: "-") ? -exponent : exponent
        }
        let value = decimal.whole
        return LineNumber(magnitude: value ?? 0, isNegative: isNegative, isExact: value != nil)
    }

    private func byte(_ bytes: Span<UInt8>) -> UInt8 {
        place < bytes.count ? bytes[place] : 0
    }

    private mutating func digits(
        _ bytes: Span<UInt8>,
        _ body: (UInt8) -> Void
    ) throws(LineFault) -> Int {
        let first = place
        while byte(bytes) &- UInt8(ascii: "0") < 10 {
            body(byte(bytes) - UInt8(ascii: "0"))
            advance()
        }
        guard place > first else { throw .notJSON }
        return place - first
    }
}

/// A decimal number: its digits up to the last that is not zero, and how many zeros follow.
private struct Decimal {
    private var digits: UInt64 = 0
    private var zeros = 0
    private var isTooLong = false
    var exponent = 0

    mutating func append(_ digit: UInt8) {
        zeros += 1
        guard digit != 0 else { return }
        for _ in 0..<zeros where !isTooLong { multiply() }
        let (sum, overflow) = digits.addingReportingOverflow(UInt64(digit))
        digits = sum
        isTooLong = isTooLong || overflow
        zeros = 0
    }

    private mutating func multiply() {
        let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
        digits = product
        isTooLong = isTooLong || overflow
    }

    /// The number, if it is whole and fits.
    var whole: UInt64? {
        guard !isTooLong else { return nil }
        guard digits > 0 else { return 0 }
        let shift = zeros + exponent
        guard shift >= 0 else { return nil }
        var scaled = self
        for _ in 0..<shift where !scaled.isTooLong { scaled.multiply() }
        return scaled.isTooLong ? nil : scaled.digits
    }
}

extension LineScanner {
    /// Passes the rest of a string of which byte `start` is the first, decoding its escapes.
    mutating func escapedText(
        from start: Int,
        _ bytes: Span<UInt8>
    ) throws(LineFault) -> LineText {
        var text = LineText(start: decodedCount, count: 0, isDecoded: true)
        decode(bytes, from: start)
        while place < bytes.count {
            let next = bytes[place]
            advance()
            switch next {
            case UInt8(ascii: "\""):
                text.count = decodedCount - text.start
                for byte in decoded[text.start...].suffix(16) { text.push(byte) }
                try requireUTF8(text, bytes)
                return text
            case UInt8(ascii: "\\"): try decodeEscape(bytes)
            case 0..<0x20: throw .notJSON
            default: decode(next)
            }
        }
        throw .notJSON
    }

    private mutating func decodeEscape(_ bytes: Span<UInt8>) throws(LineFault) {
        let kind = byte(bytes)
        advance()
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decode(kind)
        case UInt8(ascii: "b"): decode(0x08)
        case UInt8(ascii: "f"): decode(0x0C)
        case UInt8(ascii: "n"): decode(0x0A)
        case UInt8(ascii: "r"): decode(0x0D)
        case UInt8(ascii: "t"): decode(0x09)
        case UInt8(ascii: "u"): try decodeScalar(bytes)
        default: throw .notJSON
        }
    }

    private mutating func decodeScalar(_ bytes: Span<UInt8>) throws(LineFault) {
        var code = try hex(bytes)
        if code >> 10 == 0xD800 >> 10 {
            guard take("\\u", bytes) else { throw .notJSON }
            let low = try hex(bytes)
            guard low >> 10 == 0xDC00 >> 10 else { throw .notJSON }
            code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
        }
        guard let scalar = Unicode.Scalar(code) else { throw .notJSON }
        for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { decode(unit) }
    }

    private mutating func hex(_ bytes: Span<UInt8>) throws(LineFault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            let digit = byte(bytes)
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt32(digit & 15)
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                code = code << 4 | UInt32(digit & 15 + 9)
            default: throw .notJSON
            }
            advance()
        }
        return code
    }
}

extension LineScanner {
    /// Refuses a text that is not UTF-8.
    func requireUTF8(_ text: LineText, _ bytes: Span<UInt8>) throws(LineFault) {
        let source = text.isDecoded ? decoded.span : bytes
        var place = text.start
        let end = text.start + text.count
        while place < end {
            let length = Self.scalarLength(source, place, end)
            guard length > 0 else { throw LineFault(what: "not UTF-8") }
            place += length
        }
    }

    /// How many bytes the scalar at `place` has; 0 if it is none.
    ///
    /// Table 3-7 of the Unicode Standard: neither overlong forms nor surrogates.
    private static func scalarLength(_ bytes: Span<UInt8>, _ place: Int, _ end: Int) -> Int {
        let second = place + 1 < end ? bytes[place + 1] : 0
        let length: Int
        let seconds: ClosedRange<UInt8>
        switch bytes[place] {
        case 0..<0x80: return 1
        case 0xC2...0xDF: (length, seconds) = (2, 0x80...0xBF)
        case 0xE0: (length, seconds) = (3, 0xA0...0xBF)
        case 0xED: (length, seconds) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, seconds) = (3, 0x80...0xBF)
        case 0xF0: (length, seconds) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, seconds) = (4, 0x80...0xBF)
        case 0xF4: (length, seconds) = (4, 0x80...0x8F)
        default: return 0
        }
        guard place + length <= end, seconds.contains(second) else { return 0 }
        for index in 2..<max(2, length) where bytes[place + index] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
