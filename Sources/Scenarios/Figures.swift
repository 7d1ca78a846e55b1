import Messaging

/// How numbers are shown to people: always with a unit, never with the machine's locale.
enum Figures {
    /// A count: `1,024`.
    static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        return number < 0 ? "-" + grouped : grouped
    }

    /// A size: `4.5 MiB`.
    static func bytes(_ number: Int) -> String {
        let units = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        for (size, unit) in units where number >= size {
            return decimal(Double(number) / Double(size)) + " " + unit
        }
        return "\(number) B"
    }

    /// A rate: `19,500/s`.
    static func rate(_ perSecond: Double) -> String {
        decimal(perSecond) + "/s"
    }

    /// A duration: `2.5 ms`.
    static func duration(nanoseconds: Double) -> String {
        let units = [(1e9, "s"), (1e6, "ms"), (1e3, "us")]
        for (size, unit) in units where nanoseconds >= size {
            return decimal(nanoseconds / size) + " " + unit
        }
        return decimal(nanoseconds) + " ns"
    }

    static func duration(_ duration: Duration) -> String {
        Self.duration(nanoseconds: Double(duration.wholeNanoseconds))
    }

    /// A share: `82.5 %`.
    static func percent(_ share: Double) -> String {
        decimal(share * 100) + " %"
    }

    /// Three digits that mean something: `0.0125`, `2.5`, `82.5`, `19,500`.
    static func decimal(_ number: Double) -> String {
        guard number.isFinite else { return "unbounded" }
        guard number.magnitude < 1e15 else { return "more than 10^15" }
        if number.magnitude >= 1000 || number == number.rounded() {
            return count(Int(number.rounded()))
        }
        // Three significant digits below 1, two decimals or one above.
        var places = number.magnitude >= 100 ? 1 : 2
        var scale = places == 1 ? 10.0 : 100.0
        while number.magnitude < 1, number.magnitude * scale < 100, places < 9 {
            scale *= 10
            places += 1
        }
        let scaled = Int((number.magnitude * scale).rounded())
        let whole = scaled / Int(scale)
        var fraction = String(scaled % Int(scale))
        fraction = String(repeating: "0", count: places - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        let sign = number < 0 ? "-" : ""
        return fraction.isEmpty ? sign + count(whole) : "\(sign)\(count(whole)).\(fraction)"
    }
}
