/// One setting that the program under test is handed as it is, in `open`'s `config`.
public enum ConfigValue: Hashable, Sendable {
    /// Text.
    case string(String)
    /// A whole number.
    case integer(Int64)
    /// Any other finite number.
    case number(Double)
    /// A truth value.
    case boolean(Bool)
}

extension ConfigValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    /// Text, written as a literal.
    public init(stringLiteral text: String) { self = .string(text) }
    /// A whole number, written as a literal.
    public init(integerLiteral number: Int64) { self = .integer(number) }
    /// A number, written as a literal.
    public init(floatLiteral number: Double) { self = .number(number) }
    /// A truth value, written as a literal.
    public init(booleanLiteral truth: Bool) { self = .boolean(truth) }
}
