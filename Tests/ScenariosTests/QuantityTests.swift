import Testing

@testable import Scenarios

@Suite("Numbers with units")
struct QuantityTests {
    @Test(
        "durations are exact",
        arguments: [
            ("150us", 150_000), ("10ms", 10_000_000), ("2s", 2_000_000_000), ("0s", 0),
            ("5m", 300_000_000_000), ("1h", 3_600_000_000_000), ("1.5ms", 1_500_000),
            ("0.1s", 100_000_000), ("7ns", 7), ("1m30s", 90_000_000_000), ("3µs", 3_000),
            ("0.0000000016s", 2), ("8784h", 31_622_400_000_000_000),
        ] as [(String, Int64)]
    )
    func durations(text: String, nanoseconds: Int64) throws {
        #expect(try Quantity.duration(text) == .nanoseconds(nanoseconds))
    }

    @Test(
        "what is no duration says why",
        arguments: [
            ("10", "has no unit; write 150us, 10ms, 2s, 5m or 1h"),
            ("", "is not a duration; write 150us, 10ms, 2s, 5m or 1h"),
            ("10 ms", "has a blank before its unit; write 150us, 10ms, 2s, 5m or 1h"),
            ("10sec", "is not a duration: unit 'sec' is unknown; did you mean 's'?"),
            ("10MS", "is not a duration: unit 'MS' is unknown; did you mean 'ms'?"),
            ("1:30", "is a time of day, not a duration; write 90s or 1m30s"),
            ("-1s", "is negative"), ("1e3s", "is not a duration: unit 'e' is unknown"),
            ("nan", "is not a duration; write"), (".inf", "is not a duration; write"),
            ("1.s", "has no digit behind its point"), ("1,5s", "groups its digits by ','"),
            ("30s1m", "has its units in the wrong order; write 1m30s"),
            ("1s1s", "has its units in the wrong order"), ("1s5", "has no unit"),
            ("0.1ns", "is not a duration: nothing is finer than a nanosecond"),
            ("8785h", "is longer than a year"), ("999999999h", "is too large"),
            ("99999999999999999999s", "has more than 18 digits"), ("٣s", "is not a duration"),
        ]
    )
    func badDurations(text: String, reason: String) {
        let problem = #expect(throws: QuantityProblem.self) { try Quantity.duration(text) }
        #expect(problem?.reason.hasPrefix(reason) == true, "\(problem?.reason ?? "")")
    }

    @Test(
        "sizes are bytes",
        arguments: [
            ("256B", 256), ("1KiB", 1024), ("2MiB", 2 << 20), ("1.5KiB", 1536), ("0B", 0),
            ("1GiB", 1 << 30),
        ]
    )
    func sizes(text: String, bytes: Int) throws {
        #expect(try Quantity.size(text) == bytes)
    }

    @Test(
        "what is no size says why",
        arguments: [
            ("256", "has no unit"),
            ("1KB", "is not a size: unit 'KB' is unknown; did you mean 'KiB'?"),
            ("1kib", "is not a size: unit 'kib' is unknown; did you mean 'KiB'?"),
            ("0.5B", "is not a size: nothing is finer than a byte"), ("-1B", "is negative"),
            ("99999999999GiB", "is too large"), ("big", "is not a size"),
        ]
    )
    func badSizes(text: String, reason: String) {
        let problem = #expect(throws: QuantityProblem.self) { try Quantity.size(text) }
        #expect(problem?.reason.hasPrefix(reason) == true, "\(problem?.reason ?? "")")
    }

    @Test(
        "rates are events a second",
        arguments: [
            ("50k/s", 50_000), ("1.5M/s", 1_500_000), ("500/s", 500), ("6/m", 0.1),
            ("3600/h", 1), ("1G/s", 1e9), ("0.5/s", 0.5),
        ]
    )
    func rates(text: String, perSecond: Double) throws {
        #expect(try Quantity.rate(text) == perSecond)
    }

    @Test(
        "what is no rate says why",
        arguments: [
            ("50k", "has no unit"), ("0/s", "must be above 0"), ("-5/s", "is negative"),
            ("50K/s", "is not a rate: thousands are a small 'k'"), ("1.1G/s", "is more than 1G/s"),
            ("5/sec", "is not a rate: unit '/sec' is unknown; did you mean '/s'?"),
            ("NaN/s", "is not a rate"), ("inf/s", "is not a rate"), ("5 k/s", "has a blank"),
            ("999999999999999999M/s", "is more than 1G/s"),
        ]
    )
    func badRates(text: String, reason: String) {
        let problem = #expect(throws: QuantityProblem.self) { try Quantity.rate(text) }
        #expect(problem?.reason.hasPrefix(reason) == true, "\(problem?.reason ?? "")")
    }

    @Test(
        "counts are whole",
        arguments: [("0", 0), ("250", 250), ("10k", 10_000), ("1.5M", 1_500_000)]
    )
    func counts(text: String, count: Int) throws {
        #expect(try Quantity.count(text) == count)
    }

    @Test(
        "what is no count says why",
        arguments: [
            ("1.5", "is not a count: nothing is finer than one"), ("10KiB", "is not a count"),
            ("1_000", "groups its digits by '_'"), ("-3", "is negative"), ("on", "is not a count"),
            ("999999999999999999G", "is too large"), ("0x10", "is not a count"),
        ]
    )
    func badCounts(text: String, reason: String) {
        let problem = #expect(throws: QuantityProblem.self) { try Quantity.count(text) }
        #expect(problem?.reason.hasPrefix(reason) == true, "\(problem?.reason ?? "")")
    }

    @Test("numbers may have an exponent", arguments: [("0.02", 0.02), ("1e-3", 0.001), ("3", 3)])
    func numbers(text: String, value: Double) throws {
        #expect(try Quantity.number(text) == value)
    }

    @Test(
        "what is no number says why",
        arguments: [
            ("nan", "is not a number"), ("inf", "is not a number"), ("-0.1", "is negative"),
            ("2%", "is a percentage"), ("1e99", "is not a number"), ("1e", "is not a number"),
            ("1e2e3", "is not a number"), ("e5", "is not a number"),
        ]
    )
    func badNumbers(text: String, reason: String) {
        let problem = #expect(throws: QuantityProblem.self) { try Quantity.number(text) }
        #expect(problem?.reason.hasPrefix(reason) == true, "\(problem?.reason ?? "")")
    }

    @Test(
        "figures for people have three digits and a unit",
        arguments: [
            (Figures.decimal(0.01249), "0.0125"), (Figures.decimal(2.5), "2.5"),
            (Figures.decimal(19_500), "19,500"), (Figures.decimal(0), "0"),
            (Figures.decimal(0.999), "0.999"), (Figures.decimal(82.46), "82.46"),
            (Figures.decimal(-1.5), "-1.5"), (Figures.decimal(.infinity), "unbounded"),
            (Figures.bytes(1536), "1.5 KiB"), (Figures.bytes(5), "5 B"),
            (Figures.duration(nanoseconds: 2_500_000), "2.5 ms"),
            (Figures.count(-1_234_567), "-1,234,567"),
        ]
    )
    func figures(text: String, expected: String) {
        #expect(text == expected)
    }

    @Test(
        "a slip finds its word, another word does not",
        arguments: [
            ("capcity", "capacity"), ("partition", "partitions"), ("topci", "topic"),
            ("xyzzy", nil),
            ("", nil),
        ] as [(String, String?)]
    )
    func suggestions(word: String, expected: String?) {
        let words = ["name", "topic", "partitions", "capacity", "overflow"]
        #expect(Suggestion.nearest(to: word, among: words) == expected)
    }
}
