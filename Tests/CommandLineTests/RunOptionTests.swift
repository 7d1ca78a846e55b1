import Foundation
import Testing

@Suite("Options of run")
struct RunOptionTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
        try place.write(Shop(faults: [Shop.lostAnswers]).text, to: "shop.yaml")
    }

    private func run(_ arguments: String...) async throws -> Gyre.Outcome {
        try await Gyre.run(["run"] + arguments, in: place)
    }

    private func plan(_ arguments: String...) async throws -> [String: Any] {
        let base = ["run", "shop.yaml", "--plan", "--format", "json"]
        let outcome = try await Gyre.run(base + arguments, in: place)
        #expect(outcome.code == 0, "\(outcome.everything)")
        #expect(try place.names() == ["shop.yaml"], "--plan writes nothing")
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(object as? [String: Any])
    }

    @Test("--plan says what would run, with sizes and estimates, and runs nothing")
    func planText() async throws {
        let outcome = try await run("shop.yaml", "--plan")
        #expect(outcome.code == 0, "\(outcome.everything)")
        #expect(outcome.output.hasPrefix("shop\n"))
        for part in [
            "orders", "billing", "lost-acks", "2,000/s", "at-least-once", "1 MiB of rings",
        ] {
            #expect(outcome.output.contains(part), "\(part) in \(outcome.output)")
        }
        #expect(try place.names() == ["shop.yaml"])
    }

    @Test("--set reaches list items by name and the driver's details")
    func set() async throws {
        let plan = try await plan(
            "--set",
            "producers.web.rate.total=500/s",
            "--set",
            "run.duration=2s",
            "--driver",
            "subprocess",
            "--set",
            "driver.command=[\"a b\", c]"
        )
        #expect(plan["expectedEvents"] as? Int == 1050)
        #expect(plan["driver"] as? String == "subprocess")
        let producer = try #require((plan["producers"] as? [[String: Any]])?.first)
        #expect(producer["totalPerSecond"] as? Int == 500)
    }

    @Test(
        "--seed takes a number or a commit, the same one for the same commit",
        arguments: [
            ("0", "0"), ("18446744073709551615", "18446744073709551615"),
            ("0123456789abcdef0123456789abcdef01234567", nil),
        ] as [(String, String?)]
    )
    func seed(text: String, expected: String?) async throws {
        let first = try await plan("--seed", text)
        let second = try await plan("--seed", text)
        let seed = try #require((first["run"] as? [String: Any])?["seed"] as? NSNumber)
        #expect((second["run"] as? [String: Any])?["seed"] as? NSNumber == seed)
        if let expected { #expect(seed.stringValue == expected) }
        #expect(seed != 7)
    }

    @Test("--max-time takes from the measured time and says so")
    func maxTime() async throws {
        let outcome = try await run("shop.yaml", "--max-time", "200ms")
        #expect(outcome.code == 0, "\(outcome.everything)")
        #expect(outcome.output.contains("measured for 100 ms only, because of --max-time"))
        #expect(outcome.output.contains(" --max-time 200ms --seed 7\n"), "Repeat is complete")
        let record = try place.record(of: try place.onlyRun())
        let phases = try #require(record["phases"] as? [[String: Any]])
        #expect(phases[1]["end_nanoseconds"] as? Int == 200_000_000)
    }

    @Test("--out and --history go into the command that repeats a run, which does repeat it")
    func repeating() async throws {
        let first = try await run("shop.yaml", "--out", "here/below/", "--history", "none")
        #expect(first.code == 0, "\(first.everything)")
        let line = String(try #require(first.output.split(separator: "\n").last))
        #expect(
            line == "Repeat: gyre run shop.yaml --seed 7 --history none --out here/below/"
        )
        let command = line.replacing("Repeat: gyre", with: #""$GYRE""#)
        let second = try await Gyre.shell(command, in: place)
        #expect(second.code == 0, "\(second.everything)")
        let runs = try place.names(in: "here/below")
        #expect(runs.count == 2)
        let records = try runs.map { try place.record(of: "here/below/" + $0) }
        #expect(records[0]["command"] as? [String] == records[1]["command"] as? [String])
    }

    @Test("--format json prints one line with the verdict; --quiet prints nothing")
    func formats() async throws {
        let json = try await run("shop.yaml", "--format", "json")
        #expect(json.code == 0, "\(json.everything)")
        let lines = json.output.split(separator: "\n")
        #expect(lines.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        let verdict = try #require(object as? [String: Any])
        #expect(verdict["valid"] as? Bool == true && verdict["exit_code"] as? Int == 0)
        #expect(verdict["file"] as? String == (try place.onlyRun()))
        #expect(verdict["anomalies"] as? [String: [String]] == [:])
        let quiet = try await run("shop.yaml", "--quiet")
        #expect(quiet.code == 0 && quiet.output == "" && quiet.errors == "", "\(quiet.everything)")
        #expect(try place.names(in: "results").count == 2)
    }

    @Test("--max-memory refuses a plan that needs 40 GB, with the arithmetic")
    func tooLarge() async throws {
        let outcome = try await run(
            "shop.yaml",
            "--max-memory",
            "2GiB",
            "--set",
            "topics.orders.capacity=67108864",
            "--set",
            "producers.web.payload=256B"
        )
        #expect(outcome.code == 2, "\(outcome.everything)")
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("the rings need 40 GiB, 2 GiB are allowed"))
        #expect(outcome.errors.contains("lower 'capacity' or raise --max-memory"))
    }

    @Test("a folder runs all its scenarios; the worst decides, whatever the order")
    func folder() async throws {
        let folder = place.url.appending(path: "all")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let broken = Shop(faults: [Shop.lostAnswers], inbox: "")
        try place.write(broken.text.replacing("name: shop", with: "name: first"), to: "all/a.yaml")
        try place.write(Shop().text.replacing("name: shop", with: "name: second"), to: "all/b.yml")
        try place.write("no scenario", to: "all/notes.txt")
        let outcome = try await run("all", "--format", "json")
        #expect(outcome.code == 1, "\(outcome.everything)")
        #expect(outcome.output.split(separator: "\n").count == 2)
        let runs = try place.names(in: "results").map { $0.prefix(6) }
        #expect(runs == ["first-", "second"])
        try place.write("gyre: 2", to: "all/c.yaml")
        let none = try await run("all", "--out", "other")
        #expect(none.code == 2, "\(none.everything)")
        #expect(try place.names(in: "other") == [], "nothing runs while one file is bad")
    }

    @Test("an OMB workload is recognised, scaled and run")
    func workload() async throws {
        let workload = """
            name: 1-topic-1-partition-100b
            topics: 1
            partitionsPerTopic: 1
            messageSize: 100
            useRandomizedPayloads: true
            randomBytesRatio: 0.5
            randomizedPayloadPoolSize: 100
            subscriptionsPerTopic: 1
            consumerPerSubscription: 1
            producersPerTopic: 1
            producerRate: 1000
            consumerBacklogSizeGB: 0
            testDurationMinutes: 5
            """
        try place.write(workload, to: "omb.yaml")
        let outcome = try await run("omb.yaml", "--time-scale", "0.001", "--quiet")
        #expect([0, 4].contains(outcome.code), "\(outcome.everything)")
        #expect(outcome.errors.contains("omb.yaml"), "it says what it scales")
        let record = try place.record(of: try place.onlyRun())
        let totals = try #require(record["totals"] as? [String: Any])
        #expect(try #require(totals["confirmed"] as? Int) > 0)
    }

    @Test("drivers lists what can be used here and what each promises")
    func drivers() async throws {
        let outcome = try await Gyre.run(["drivers"], in: place)
        #expect(outcome.code == 0 && outcome.errors == "")
        for name in ["ring", "null", "subprocess"] {
            #expect(outcome.output.contains("\n\(name): ") || outcome.output.hasPrefix("\(name): "))
        }
        #expect(outcome.output.split(separator: "\n").count == 9, "\(outcome.output)")
    }
}
