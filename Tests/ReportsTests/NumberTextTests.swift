import Testing

@testable import Reports

@Suite struct NumberTextTests {
    @Test(
        "decimals have a point and no idle zeros",
        arguments: [
            (0, "0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (19_998.4, "19998.4"),
            (2.0005, "2.001"), (0.0004, "0"), (-0.0004, "0"), (99.999, "99.999"),
            (1_234_567_890_123, "1234567890123"), (.infinity, "inf"), (10, "10"), (0.05, "0.05"),
        ] as [(Double, String)]
    )
    func decimals(value: Double, text: String) {
        #expect(NumberText.decimal(value) == text)
    }

    @Test(
        "durations have three digits and the right unit",
        arguments: [
            (0, "0 ns"), (85, "85 ns"), (999, "999 ns"), (1000, "1.00 us"), (1240, "1.24 us"),
            (12_345, "12.3 us"), (999_400, "999 us"), (999_600, "1.00 ms"), (1_240_000, "1.24 ms"),
            (99_960_000, "100 ms"), (2_050_000_000, "2.05 s"), (3_600_000_000_000, "3600 s"),
            (-1500, "-1.50 us"), (-3, "-3 ns"),
        ] as [(Int64, String)]
    )
    func durations(value: Int64, text: String) {
        #expect(NumberText.duration(value) == text)
    }

    @Test(
        "large counts are grouped",
        arguments: [
            (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-12_345, "-12,345"),
            (.min, "-9,223,372,036,854,775,808"),
        ] as [(Int64, String)]
    )
    func grouped(value: Int64, text: String) {
        #expect(NumberText.grouped(value) == text)
    }

    @Test("bytes and rates read easily")
    func others() {
        #expect(NumberText.bytes(512) == "512 B")
        #expect(NumberText.bytes(5_119_590.4) == "4.88 MiB")
        #expect(NumberText.bytes(200_000) == "195 KiB")
        #expect(NumberText.rate(12.34) == "12.3")
        #expect(NumberText.rate(19_998.6) == "19,999")
    }
}
