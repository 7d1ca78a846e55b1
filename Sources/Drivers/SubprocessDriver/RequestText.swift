import Messaging

/// JSON text under construction: what goes down the pipe.
struct RequestText {
    /// The text so far, as UTF-8.
    var bytes: [UInt8] = []

    /// Adds `text` as it is.
    mutating func raw(_ text: StaticString) {
        // SAFETY: a static string's bytes live as long as the program.
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    /// Adds a whole number.
    mutating func number(_ number: some BinaryInteger) {
        bytes.append(contentsOf: String(number).utf8)
    }

    /// Adds `"name":number,` to an object.
    mutating func member(_ name: StaticString, _ number: some BinaryInteger) {
        raw("\"")
        raw(name)
        raw("\":")
        self.number(number)
        raw(",")
    }

    /// Adds `"name":"text",` to an object.
    mutating func member(_ name: StaticString, text: String) {
        raw("\"")
        raw(name)
        raw("\":")
        string(text)
        raw(",")
    }

    /// Adds `"name":"number",` to an object: headers are strings.
    mutating func header(_ name: StaticString, _ number: some BinaryInteger) {
        raw("\"")
        raw(name)
        raw("\":\"")
        self.number(number)
        raw("\",")
    }

    /// Adds `"name":"word",` to an object, as 16 hexadecimal digits.
    mutating func header(_ name: StaticString, hexadecimal word: UInt64) {
        raw("\"")
        raw(name)
        raw("\":\"")
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
            bytes.append(Self.digit(word >> shift & 15))
        }
        raw("\",")
    }

    /// Replaces the comma after an object's or array's last entry, if there is one, by `end`.
    mutating func close(_ end: StaticString) {
        if bytes.last == UInt8(ascii: ",") { bytes.removeLast() }
        raw(end)
    }

    /// Adds a string with its quotation marks.
    mutating func string(_ text: String) {
        raw("\"")
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                raw("\\u00")
                bytes.append(Self.digit(UInt64(byte >> 4)))
                bytes.append(Self.digit(UInt64(byte & 15)))
            default: bytes.append(byte)
            }
        }
        raw("\"")
    }

    /// Adds a body in Base64 (RFC 4648, section 4), without quotation marks.
    ///
    /// - Safety: `body` is readable for the length of the call.
    @unsafe mutating func base64(_ body: UnsafeRawBufferPointer) {
        var index = 0
        while index < body.count {
            let taken = min(3, body.count - index)
            var group: UInt32 = 0
            for place in 0..<taken {
                // SAFETY: index + place < body.count.
                group |= UInt32(unsafe body[index + place]) << (16 - 8 * UInt32(place))
            }
            for place in 0..<4 {
                bytes.append(
                    place <= taken
                        ? Self.base64Digits[Int(group >> (18 - 6 * UInt32(place)) & 63)]
                        : UInt8(ascii: "=")
                )
            }
            index += taken
        }
    }

    private static let base64Digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    private static func digit(_ value: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
