/// Why a text is not the quantity it should be; a half sentence that follows `'10' `.
package struct QuantityProblem: Error, Hashable {
    var reason: String
}

/// Reads numbers with units, exactly and without surprises: no sign, no exponent, no blank.
package enum Quantity {
    /// `150us`, `10ms`, `2s`, `5m`, `1h`, `1m30s`; at most a year.
    package static func duration(_ text: String) throws(QuantityProblem) -> Duration {
        let example = "write 150us, 10ms, 2s, 5m or 1h"
        var rest = text[...]
        var nanoseconds: UInt64 = 0
        var lastUnit = UInt64.max
        repeat {
            let number = try Numeral.scan(&rest, of: "a duration", example: example)
            let unit = rest.prefix { !$0.isNumber }
            rest = rest.dropFirst(unit.count)
            guard let size = durationUnits[String(unit)], size < lastUnit else {
                throw problem("a duration", unit: unit, units: durationWords, example: example)
            }
            lastUnit = size
            let part = try number.times(size, of: "a duration", finest: "a nanosecond")
            let (sum, overflow) = nanoseconds.addingReportingOverflow(part)
            guard !overflow, sum <= longest else {
                throw QuantityProblem(reason: "is longer than a year")
            }
            nanoseconds = sum
        } while !rest.isEmpty
        return .nanoseconds(Int64(nanoseconds))
    }

    /// A duration for people: `2.5 ms`.
    package static func text(_ duration: Duration) -> String { Figures.duration(duration) }

    /// `256B`, `1KiB`, `2MiB`, `1GiB`; at most 1 EiB.
    package static func size(_ text: String) throws(QuantityProblem) -> Int {
        let example = "write 256B, 1KiB or 2MiB"
        var rest = text[...]
        let number = try Numeral.scan(&rest, of: "a size", example: example)
        guard let unit = sizeUnits[String(rest)] else {
            throw problem("a size", unit: rest, units: sizeWords, example: example)
        }
        return Int(try number.times(unit, of: "a size", finest: "a byte", whole: true))
    }

    /// `50/s`, `50k/s`, `1.5M/s`, `6/m`, `1/h`: events per second, at most 1 G/s.
    static func rate(_ text: String) throws(QuantityProblem) -> Double {
        let example = "write 500/s, 50k/s or 1.5M/s"
        var rest = text[...]
        let number = try Numeral.scan(&rest, of: "a rate", example: example)
        let scale = try multiplier(&rest, of: "a rate", example: example)
        guard let seconds = rateUnits[String(rest)] else {
            throw problem("a rate", unit: rest, units: ["/s", "/m", "/h"], example: example)
        }
        let rate = number.value * Double(scale) / seconds
        guard rate > 0 else {
            throw QuantityProblem(reason: "must be above 0; leave `rate` out for a closed loop")
        }
        guard rate <= 1e9 else {
            throw QuantityProblem(reason: "is more than 1G/s, an event a nanosecond")
        }
        return rate
    }

    /// `250`, `10k`, `1.5M`; a whole number.
    static func count(_ text: String) throws(QuantityProblem) -> Int {
        let example = "write 250, 10k or 1M"
        var rest = text[...]
        let number = try Numeral.scan(&rest, of: "a count", example: example)
        let scale = try multiplier(&rest, of: "a count", example: example)
        guard rest.isEmpty else {
            throw QuantityProblem(reason: "is not a count; \(example)")
        }
        return Int(try number.times(scale, of: "a count", finest: "one", whole: true))
    }

    /// `0.02`, `1`, `1e-3`: a plain number that is not negative.
    static func number(_ text: String) throws(QuantityProblem) -> Double {
        let example = "write it as 0.02"
        if text.hasSuffix("%") {
            throw QuantityProblem(reason: "is a percentage; write 2% as 0.02")
        }
        let pieces = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        var rest = pieces.first ?? ""
        let number = try Numeral.scan(&rest, of: "a number", example: example)
        guard rest.isEmpty, pieces.count <= 2 else {
            throw QuantityProblem(reason: "is not a number; \(example)")
        }
        guard pieces.count == 2 else { return number.value }
        guard let exponent = Int(pieces[1]), exponent.magnitude <= 18,
            let value = Double(text), value.isFinite
        else { throw QuantityProblem(reason: "is not a number; \(example)") }
        return value
    }

    private static let longest: UInt64 = 366 * 86_400 * 1_000_000_000

    private static let durationUnits: [String: UInt64] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]
    private static let durationWords = ["ns", "us", "ms", "s", "m", "h"]

    private static let sizeUnits: [String: UInt64] = [
        "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
    ]
    private static let sizeWords = ["B", "KiB", "MiB", "GiB"]

    private static let rateUnits: [String: Double] = ["/s": 1, "/m": 60, "/h": 3600]

    /// What people write, and what it is here.
    private static let meant: [String: String] = [
        "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m",
        "minute": "m", "minutes": "m", "msec": "ms", "millis": "ms", "usec": "us", "hr": "h",
        "hour": "h", "hours": "h", "b": "B", "byte": "B", "bytes": "B", "K": "KiB", "k": "KiB",
        "KB": "KiB", "kB": "KiB", "kb": "KiB", "M": "MiB", "MB": "MiB", "mb": "MiB",
        "G": "GiB", "GB": "GiB", "gb": "GiB", "/sec": "/s", "/second": "/s", "ps": "/s",
        "/min": "/m", "/minute": "/m", "/hour": "/h",
    ]

    private static func multiplier(
        _ rest: inout Substring,
        of what: String,
        example: String
    ) throws(QuantityProblem) -> UInt64 {
        switch rest.first {
        case "k":
            rest = rest.dropFirst()
            return 1_000
        case "M":
            rest = rest.dropFirst()
            return 1_000_000
        case "G":
            rest = rest.dropFirst()
            return 1_000_000_000
        case "K":
            throw QuantityProblem(reason: "is not \(what): thousands are a small 'k'; \(example)")
        default: return 1
        }
    }

    private static func problem(
        _ what: String,
        unit: Substring,
        units: [String],
        example: String
    ) -> QuantityProblem {
        if unit.isEmpty {
            return QuantityProblem(reason: "has no unit; \(example)")
        }
        if unit.first == ":" {
            return QuantityProblem(reason: "is a time of day, not \(what); write 90s or 1m30s")
        }
        if unit.first == " " {
            return QuantityProblem(reason: "has a blank before its unit; \(example)")
        }
        let candidate = meant[String(unit)].flatMap { units.contains($0) ? $0 : nil }
        let nearest = candidate ?? Suggestion.nearest(to: String(unit), among: units)
        let hint = nearest.map { "did you mean '\($0)'?" } ?? example
        let isKnown = units.contains(String(unit))
        let reason =
            isKnown
            ? "has its units in the wrong order"
            : "is not \(what): unit "
                + "\(quoted(String(unit))) is unknown"
        return QuantityProblem(reason: "\(reason); \(isKnown ? "write 1m30s" : hint)")
    }
}
