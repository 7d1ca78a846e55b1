/// Numbers as text, the same on every system and in every locale.
enum NumberText {
    /// `value` with at most `places` digits behind the point, without trailing zeros.
    static func decimal(_ value: Double, places: Int = 3) -> String {
        let text = fixed(value, places: places)
        guard places > 0, value.isFinite, text.contains(".") else { return text }
        let short = String(text.reversed().drop { $0 == "0" }.reversed())
        return short.hasSuffix(".") ? String(short.dropLast()) : short
    }

    /// `value` with exactly `places` digits behind the point.
    static func fixed(_ value: Double, places: Int) -> String {
        guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
        var scale: Int64 = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = Int64((value.magnitude * Double(scale)).rounded())
        let fraction = String(scaled % scale + scale).dropFirst()
        let sign = value < 0 && scaled != 0 ? "-" : ""
        return sign + String(scaled / scale) + (places == 0 ? "" : "." + fraction)
    }

    /// `value` with the digits in groups of three: `1,234,567`.
    static func grouped(_ value: Int64) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    /// A rate, rounded to whole numbers from 100 on.
    static func rate(_ perSecond: Double) -> String {
        guard perSecond.isFinite, perSecond.magnitude < 9e18 else { return "\(perSecond)" }
        return perSecond.magnitude < 100
            ? decimal(perSecond, places: 1) : grouped(Int64(perSecond.rounded()))
    }

    /// A length of time with three significant digits: `85 ns`, `1.24 ms`.
    static func duration(_ nanoseconds: Int64) -> String {
        let units: [(Double, String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "us")]
        for (size, unit) in units {
            let value = Double(nanoseconds.magnitude) / size
            // 999.96 us reads as 1 ms, not as 1000 us.
            guard value >= 0.9995 else { continue }
            let places = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
            return (nanoseconds < 0 ? "-" : "") + fixed(value, places: places) + " " + unit
        }
        return "\(nanoseconds) ns"
    }

    /// An amount of memory with three significant digits, in binary units.
    static func bytes(_ count: Double) -> String {
        let units: [(Double, String)] = [(0x1p30, "GiB"), (0x1p20, "MiB"), (0x1p10, "KiB")]
        for (size, unit) in units where count.magnitude >= size {
            let value = count / size
            return decimal(value, places: value < 10 ? 2 : value < 100 ? 1 : 0) + " " + unit
        }
        return decimal(count, places: 1) + " B"
    }
}
