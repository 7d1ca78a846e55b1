/// A decimal number as it was written: `mantissa` / 10^`places`.
struct Numeral: Hashable {
    var mantissa: UInt64
    var places: Int

    /// More digits than these do not fit into 64 bits.
    private static let mostDigits = 18

    var value: Double { Double(mantissa) / Double(Self.powerOfTen(places)) }

    /// Takes digits, and a fraction if there is one, from the front of `text`.
    static func scan(
        _ text: inout Substring,
        of what: String,
        example: String
    ) throws(QuantityProblem) -> Numeral {
        if text.first == "-" {
            throw QuantityProblem(reason: "is negative")
        }
        let whole = digits(of: text)
        guard !whole.isEmpty else {
            throw QuantityProblem(reason: "is not \(what); \(example)")
        }
        text = text.dropFirst(whole.count)
        var fraction: Substring = ""
        if text.first == "." {
            text = text.dropFirst()
            fraction = digits(of: text)
            guard !fraction.isEmpty else {
                throw QuantityProblem(reason: "has no digit behind its point; \(example)")
            }
            text = text.dropFirst(fraction.count)
        }
        if let next = text.first, next == "," || next == "_" {
            throw QuantityProblem(reason: "groups its digits by '\(next)'; \(example)")
        }
        let all = whole.drop { $0 == "0" } + fraction
        guard all.count <= mostDigits, let mantissa = UInt64(all.isEmpty ? "0" : String(all))
        else { throw QuantityProblem(reason: "has more than \(mostDigits) digits") }
        return Numeral(mantissa: mantissa, places: fraction.count)
    }

    /// The number times `unit`, rounded to the nearest whole; an error if that is 0 and it is not,
    /// if it must be `whole` and is not, or if it does not fit into 63 bits.
    func times(
        _ unit: UInt64,
        of what: String,
        finest: String,
        whole: Bool = false
    ) throws(QuantityProblem) -> UInt64 {
        let divisor = Self.powerOfTen(places)
        let product = mantissa.multipliedFullWidth(by: unit)
        guard product.high < divisor else { throw QuantityProblem(reason: "is too large") }
        let (quotient, remainder) = divisor.dividingFullWidth(product)
        let rounded = quotient + (remainder >= divisor - remainder ? 1 : 0)
        guard rounded < 1 << 60 else { throw QuantityProblem(reason: "is too large") }
        guard remainder == 0 || (!whole && rounded > 0) else {
            throw QuantityProblem(reason: "is not \(what): nothing is finer than \(finest)")
        }
        return rounded
    }

    private static func digits(of text: Substring) -> Substring {
        text.prefix { $0.isASCII && $0.isNumber }
    }

    private static func powerOfTen(_ places: Int) -> UInt64 {
        (0..<places).reduce(UInt64(1)) { power, _ in power * 10 }
    }
}
