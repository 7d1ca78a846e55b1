import Foundation
import Testing

@Suite("Exit codes")
struct ExitCodeTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
    }

    private func run(_ shop: Shop, _ arguments: String...) async throws -> Gyre.Outcome {
        try place.write(shop.text, to: "shop.yaml")
        return try await Gyre.run(["run", "shop.yaml"] + arguments, in: place)
    }

    /// The verdict is the first line, and the record says the same.
    private func expect(_ code: Int32, _ verdict: String, _ outcome: Gyre.Outcome) throws {
        #expect(outcome.code == code, "\(outcome.everything)")
        #expect(outcome.output.hasPrefix(verdict), "\(outcome.everything)")
        let record = try place.record(of: try place.onlyRun())
        #expect(record["exit_code"] as? Int == Int(code))
    }

    @Test("0: everything held")
    func held() async throws {
        let outcome = try await run(Shop(faults: [Shop.lostAnswers]))
        try expect(0, "PASS: every required guarantee held\nshop, driver ring, seed 7\n", outcome)
        #expect(outcome.errors == "")
    }

    @Test("0: everything held, with producers that append lock-free")
    func heldLockFree() async throws {
        let scenario = Shop(faults: [Shop.lostAnswers])
        let outcome = try await run(scenario, "--set", "driver.intake=lock-free")
        try expect(0, "PASS: every required guarantee held\nshop, driver ring, seed 7\n", outcome)
    }

    @Test("1: a guarantee was violated; the summary names it and where to read about it")
    func violated() async throws {
        let outcome = try await run(Shop(faults: [Shop.lostAnswers], inbox: ""))
        try expect(1, "FAIL: violated: A8 takes effect once", outcome)
        #expect(outcome.output.contains("\nExplained by: gyre explain A8\n"))
        #expect(outcome.output.contains("double-apply    application  client"))
        #expect(outcome.errors.contains("shop.yaml:20:18: warning: effect: exactly-once will"))
    }

    @Test("2: a bad scenario; nothing is run and nothing written")
    func bad() async throws {
        let outcome = try await run(Shop(lease: "100"))
        #expect(outcome.code == 2, "\(outcome.everything)")
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("shop.yaml:15:12: error: '100' "))
        #expect(try place.names() == ["shop.yaml"])
    }

    @Test("3: the broker is not there")
    func missing() async throws {
        let outcome = try await run(
            Shop(),
            "--driver",
            "subprocess",
            "--set",
            "driver.command=/nonexistent/broker"
        )
        #expect(outcome.code == 3, "\(outcome.everything)")
        #expect(outcome.errors.contains("error: shop: the broker program `/nonexistent/broker`"))
    }

    @Test(
        "3: a setting that the embedded broker does not have",
        arguments: [
            ("intake=swift", "error: shop: this driver.intake", "claims or lock-free"),
            ("intakes=lock-free", "the setting 'driver.intakes'", "has 'intake' alone"),
        ]
    )
    func unknownSetting(setting: String, what: String, remedy: String) async throws {
        let outcome = try await run(Shop(), "--set", "driver.\(setting)")
        #expect(outcome.code == 3, "\(outcome.everything)")
        #expect(outcome.errors.contains(what), "\(outcome.everything)")
        #expect(outcome.errors.contains(remedy), "\(outcome.everything)")
    }

    @Test(
        "4: inconclusive, which --allow makes a success without hiding it",
        arguments: [([], 4), (["--allow", "inconclusive"], 0)] as [([String], Int32)]
    )
    func inconclusive(arguments: [String], code: Int32) async throws {
        let rare = "{ name: rare, fault: drop, at: ack, probability: 0.02, min-fired: 100 }"
        try place.write(Shop(faults: [rare]).text, to: "shop.yaml")
        let outcome = try await Gyre.run(["run", "shop.yaml"] + arguments, in: place)
        #expect(outcome.code == code, "\(outcome.everything)")
        #expect(outcome.output.hasPrefix("INCONCLUSIVE: fault 'rare' fired less than 100 times"))
        let record = try place.record(of: try place.onlyRun())
        #expect(record["exit_code"] as? Int == 4)
    }

    @Test("5: a threshold was missed although guarantees held")
    func threshold() async throws {
        // A closed loop has no schedule that a busy machine could keep it from.
        let shop = Shop(rate: "", thresholds: ["duplicated == 0", "lost > 5"])
        let outcome = try await run(shop)
        try expect(5, "FAIL: missed: lost > 5\n", outcome)
        #expect(outcome.output.contains("MISSED"))
    }
}
