/// One line of a history, taken apart.
///
/// Used again for every line. Fields may stand in any order; unknown ones are passed over, those
/// that stand twice are refused.
struct HistoryLine {
    private var scanner = LineScanner()

    private(set) var index: Int64 = 0
    private(set) var time: Int64 = 0
    private(set) var process: Int64 = 0
    private(set) var type = LineText("")
    private(set) var f = LineText("")
    private(set) var hasValue = false

    /// The value's fields that are there and not null.
    private(set) var given: ValueFields = []
    /// Those whose content is a string.
    private(set) var spelled: ValueFields = []
    private var seen: ValueFields = []
    private var numbers = InlineArray<22, UInt64>(repeating: 0)
    private var texts = InlineArray<22, LineText>(repeating: LineText(""))

    private let lineFields = WordTable(LineField.allCases.map(\.name))
    private let valueFields = WordTable(ValueField.allCases.map(\.name))

    /// Takes the line in `bytes` apart.
    mutating func parse(_ bytes: Span<UInt8>) throws(LineFault) {
        scanner.begin(at: 0)
        given = []
        spelled = []
        seen = []
        hasValue = false
        try parseLine(bytes)
        guard scanner.peek(bytes) == 0, scanner.place == bytes.count else { throw .notJSON }
    }

    /// Whether the line has no content.
    static func isBlank(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0D else { return false }
        }
        return true
    }

    private mutating func parseLine(_ bytes: Span<UInt8>) throws(LineFault) {
        try scanner.expect(UInt8(ascii: "{"), bytes)
        var found: UInt32 = 0
        var isFirst = true
        while let name = try scanner.name(isFirst: isFirst, bytes) {
            isFirst = false
            guard let number = lineFields.find(name), let field = LineField(rawValue: number)
            else {
                try scanner.skipValue(bytes)
                continue
            }
            guard found >> UInt32(number) & 1 == 0 else { throw .twice(field.name) }
            found |= 1 << UInt32(number)
            try parse(field, bytes)
        }
        // The value alone may be left out.
        guard found | 1 << UInt32(LineField.value.rawValue) == 63 else {
            let missing = LineField.allCases.first { found >> UInt32($0.rawValue) & 1 == 0 }
            throw LineFault(what: "\"\(missing?.name ?? "")\" is missing")
        }
    }

    @inline(__always)
    private mutating func parse(
        _ field: LineField,
        _ bytes: Span<UInt8>
    ) throws(LineFault) {
        switch field {
        case .index: index = try integer(field, .min ... .max, bytes)
        case .time:
            time = try integer(field, -ValueField.wholeLimit...ValueField.wholeLimit, bytes)
        case .process: process = try integer(field, .min ... .max, bytes)
        case .type: type = try string(field, bytes)
        case .f: f = try string(field, bytes)
        case .value: try parseValue(bytes)
        }
    }

    private mutating func integer(
        _ field: LineField,
        _ range: ClosedRange<Int64>,
        _ bytes: Span<UInt8>
    ) throws(LineFault) -> Int64 {
        guard scanner.isNumber(bytes) else { throw try wrongType(field.name, bytes) }
        guard let value = try scanner.number(bytes).integer, range.contains(value) else {
            throw .outOfRange(field.name, range)
        }
        return value
    }

    private mutating func string(
        _ field: LineField,
        _ bytes: Span<UInt8>
    ) throws(LineFault) -> LineText {
        guard scanner.peek(bytes) == UInt8(ascii: "\"") else {
            throw try wrongType(field.name, bytes)
        }
        return try scanner.text(bytes)
    }

    /// What is wrong with a value of another type: that, unless it is no JSON at all.
    private mutating func wrongType(
        _ name: String,
        _ bytes: Span<UInt8>
    ) throws(LineFault) -> LineFault {
        try scanner.skipValue(bytes)
        return LineFault(what: "\(name) has the wrong type")
    }
}

extension HistoryLine {
    private mutating func parseValue(_ bytes: Span<UInt8>) throws(LineFault) {
        guard scanner.peek(bytes) == UInt8(ascii: "{") else {
            guard scanner.take("null", bytes) else { throw try wrongType("value", bytes) }
            return
        }
        hasValue = true
        try scanner.expect(UInt8(ascii: "{"), bytes)
        var isFirst = true
        while let name = try scanner.name(isFirst: isFirst, bytes) {
            isFirst = false
            guard let number = valueFields.find(name), let field = ValueField(rawValue: number)
            else {
                try scanner.skipValue(bytes, depth: 2)
                continue
            }
            guard !seen.has(field) else { throw .twice("value.\(field.name)") }
            seen.add(field)
            let isNull = scanner.peek(bytes) == UInt8(ascii: "n") && scanner.take("null", bytes)
            if !isNull { try parse(field, bytes) }
        }
    }

    @inline(__always)
    private mutating func parse(
        _ field: ValueField,
        _ bytes: Span<UInt8>
    ) throws(LineFault) {
        let isText = scanner.peek(bytes) == UInt8(ascii: "\"")
        switch field.shape {
        case .whole(let range):
            guard scanner.isNumber(bytes) else { throw try wrongType("value.\(field.name)", bytes) }
            guard let value = try scanner.number(bytes).integer, range.contains(value) else {
                throw .outOfRange("value.\(field.name)", range)
            }
            numbers[field.rawValue] = UInt64(bitPattern: value)
        case .word where !isText:
            guard scanner.isNumber(bytes) else { throw try wrongType("value.\(field.name)", bytes) }
            let number = try scanner.number(bytes)
            guard number.isExact, !number.isNegative || number.magnitude == 0 else {
                throw LineFault(
                    what: "value.\(field.name) is neither a text nor a number of 64 bits"
                )
            }
            numbers[field.rawValue] = number.magnitude
        case .text where !isText: throw try wrongType("value.\(field.name)", bytes)
        case .word, .text:
            texts[field.rawValue] = try scanner.text(bytes)
            spelled.add(field)
        case .flag:
            let isTrue = scanner.take("true", bytes)
            guard isTrue || scanner.take("false", bytes) else {
                throw try wrongType("value.\(field.name)", bytes)
            }
            numbers[field.rawValue] = isTrue ? 1 : 0
        }
        given.add(field)
    }
}

extension HistoryLine {
    /// The number of `field`, or `missing` if it is not there.
    @inline(__always)
    func number(_ field: ValueField, or missing: Int64 = 0) -> Int64 {
        given.has(field) ? Int64(bitPattern: numbers[field.rawValue]) : missing
    }

    /// The text of `field`, as a number if it is one.
    @inline(__always)
    func word(_ field: ValueField, _ bytes: Span<UInt8>) -> UInt64? {
        guard given.has(field) else { return nil }
        return spelled.has(field) ? word(texts[field.rawValue], bytes) : numbers[field.rawValue]
    }

    /// The text of `field`, if it is a string; where its bytes are, `isDecoded` says.
    @inline(__always)
    func text(_ field: ValueField) -> LineText? {
        spelled.has(field) ? texts[field.rawValue] : nil
    }

    /// Calls `body` with the bytes that `text` is a part of.
    @inline(__always)
    func withSource<Value>(
        of text: LineText,
        _ bytes: Span<UInt8>,
        _ body: (Span<UInt8>) -> Value
    ) -> Value {
        text.isDecoded ? body(scanner.decoded.span) : body(bytes)
    }

    /// Calls `body` with the name in `field`, which is given, and the bytes that it is a part of.
    ///
    /// A number stands for its digits.
    @inline(__always)
    func withName<Value>(
        _ field: ValueField,
        _ bytes: Span<UInt8>,
        _ body: (LineText, Span<UInt8>) -> Value
    ) -> Value {
        guard spelled.has(field) else {
            let digits = String(numbers[field.rawValue])
            return body(LineText(digits), Array(digits.utf8).span)
        }
        let text = texts[field.rawValue]
        return withSource(of: text, bytes) { source in body(text, source) }
    }

    /// The characters of `text`.
    func string(_ text: LineText, _ bytes: Span<UInt8>) -> String {
        withSource(of: text, bytes) { source in
            var units: [UInt8] = []
            for index in text.start..<text.start + text.count { units.append(source[index]) }
            return String(decoding: units, as: UTF8.self)
        }
    }

    /// The number that `text` spells, or a hash of it.
    private func word(_ text: LineText, _ bytes: Span<UInt8>) -> UInt64 {
        withSource(of: text, bytes) { source in
            let first = text.count > 0 ? source[text.start] : 0
            if first <= UInt8(ascii: "9"), let number = UInt64(string(text, bytes)) {
                return number
            }
            return text.hash(in: source)
        }
    }
}

extension LineFault {
    fileprivate static func twice(_ name: String) -> LineFault {
        LineFault(what: "\(name) stands twice")
    }

    fileprivate static func outOfRange(_ name: String, _ range: ClosedRange<Int64>) -> LineFault {
        LineFault(
            what: "\(name) is no whole number from \(range.lowerBound) to \(range.upperBound)"
        )
    }
}

extension LineNumber {
    /// The number itself, if 64 bits with a sign hold it.
    @inline(__always)
    var integer: Int64? {
        guard isExact else { return nil }
        if !isNegative { return Int64(exactly: magnitude) }
        return magnitude <= 1 << 63 ? Int64(bitPattern: 0 &- magnitude) : nil
    }
}

extension LineScanner {
    /// Whether a number comes next, as far as its first byte tells.
    @inline(__always)
    mutating func isNumber(_ bytes: Span<UInt8>) -> Bool {
        let next = peek(bytes)
        return next &- UInt8(ascii: "0") < 10 || next == UInt8(ascii: "-")
    }
}
