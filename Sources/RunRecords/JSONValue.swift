/// Any JSON value, kept as it is.
public enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without a fraction.
    case integer(Int64)
    /// Any other number.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Named values.
    case object([String: JSONValue])
}

extension JSONValue: Codable {
    /// Reads whatever stands there.
    public init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        if box.decodeNil() {
            self = .null
            return
        }
        // An error is how a decoder says what it does not hold; for a number that does not fit it
        // is no DecodingError.
        let attempts: [(any SingleValueDecodingContainer) throws -> JSONValue] = [
            { .bool(try $0.decode(Bool.self)) },
            { .integer(try $0.decode(Int64.self)) },
            { .number(try $0.decode(Double.self)) },
            { .string(try $0.decode(String.self)) },
            { .array(try $0.decode([JSONValue].self)) },
        ]
        for attempt in attempts {
            do {
                self = try attempt(box)
                return
            } catch {
                // The last form tried says what is wrong if none of them fits.
                continue
            }
        }
        self = .object(try box.decode([String: JSONValue].self))
    }

    /// Writes the value.
    public func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        switch self {
        case .null: try box.encodeNil()
        case .bool(let value): try box.encode(value)
        case .integer(let value): try box.encode(value)
        case .number(let value): try box.encode(value)
        case .string(let value): try box.encode(value)
        case .array(let values): try box.encode(values)
        case .object(let values): try box.encode(values)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Named values; of equal names the last one counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { $1 })
    }
}
