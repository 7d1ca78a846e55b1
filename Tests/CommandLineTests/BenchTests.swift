import Foundation
import Testing

@Suite("Bench")
struct BenchTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
        try place.write(Shop().text, to: "shop.yaml")
    }

    private func bench(_ arguments: String...) async throws -> Gyre.Outcome {
        try await Gyre.run(["bench", "--sample-time", "2ms"] + arguments, in: place)
    }

    private func record(_ run: String) throws -> [String: Any] {
        let data = try Data(contentsOf: place.url.appending(path: run + "/bench.json"))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("every kind in every topology keeps order and items, whatever the machine does")
    func everything() async throws {
        let outcome = try await bench("--quick", "--rounds", "1")
        #expect(outcome.code == 0, "\(outcome.everything)")
        #expect(outcome.output.hasPrefix("PASS: nothing was lost"), "\(outcome.output)")
        let run = try place.onlyRun()
        #expect(run.hasPrefix("results/bench-2"))
        #expect(try place.names(in: run) == ["bench.csv", "bench.json", "samples.csv"])
        let samples = try CSVFile(try place.read(run + "/samples.csv"))
        let subjects = Set(try samples.column("subject"))
        #expect(
            subjects == [
                "hybrid", "batch", "mpmc", "lock-free", "multicast", "appending", "ring driver",
                "null driver",
            ]
        )
        #expect(Set(try samples.column("topology")).count == 8)
        #expect(Set(try samples.column("payload_bytes")) == ["8", "64", "256", "1024"])
        #expect(try samples.column("lost").allSatisfy { $0 == "0" })
        // A driver's window may pass with nothing confirmed; a ring's trial lasts until something is.
        for (subject, events) in zip(try samples.column("subject"), try samples.column("events"))
        where !subject.hasSuffix(" driver") {
            #expect((Int(events) ?? 0) > 0, "\(subject)")
        }
    }

    @Test("threads may outnumber processors, and spin all the same")
    func crowded() async throws {
        let line =
            #"taskset -c 0 "$GYRE" bench --kinds mpmc,multicast --waits spin,adaptive "#
            + "--topologies 1p1c,3p1c,diamond --batches 1,8 --rounds 1 --sample-time 5ms"
        let outcome = try await Gyre.shell(line, in: place)
        #expect(outcome.code == 0, "\(outcome.everything)")
        let samples = try CSVFile(try place.read(try place.onlyRun() + "/samples.csv"))
        #expect(samples.rows.count == 24)
        #expect(Set(try samples.column("placement")) == ["single"])
        #expect(outcome.output.contains("Rings, placement single"))
    }

    @Test("the same figures stand in the table, the files and the record")
    func shape() async throws {
        let outcome = try await bench("--kinds", "batch,hybrid", "--rounds", "3")
        #expect(outcome.code == 0, "\(outcome.everything)")
        let run = try place.onlyRun()
        let record = try record(run)
        #expect(record["format_version"] as? Int == 1)
        #expect(record["rounds"] as? Int == 3)
        #expect(record["sample_nanoseconds"] as? Int == 2_000_000)
        let samples = try CSVFile(try place.read(run + "/samples.csv"))
        // Those whose placement changed may be measured again.
        let all = samples.rows.count
        #expect((6...12).contains(all) && (record["samples"] as? [Any])?.count == all)
        let turns = try samples.column("subject").prefix(6)
        #expect(turns == ["batch", "hybrid", "batch", "hybrid", "batch", "hybrid"])
        #expect(try samples.column("round").prefix(6) == ["1", "1", "2", "2", "3", "3"])
        let rows = try CSVFile(try place.read(run + "/bench.csv"))
        let places = try samples.column("placement")
        let mixed = places.count { $0 == "mixed" }
        let shares = try samples.column("queued_share")
        let verdicts = try samples.column("disturbance")
        for (share, verdict) in zip(shares, verdicts) where verdict != "crowded" {
            let waited = try #require(Double(share))
            #expect(verdict == (waited > 0.05 ? "disturbed" : "none"))
        }
        let disturbed = zip(places, verdicts).count { $0 != "mixed" && $1 == "disturbed" }
        let counted = try rows.column("samples").compactMap { Int($0) }.reduce(0, +)
        // Disturbed ones count where a candidate has no others.
        #expect((all - mixed - disturbed...all - mixed).contains(counted))
        for (subject, ratio) in zip(try rows.column("subject"), try rows.column("ratio")) {
            #expect(subject != "batch" || ratio == "1")
        }
        #expect(outcome.output.contains("Repeat: gyre bench --kinds batch,hybrid --rounds 3"))
    }

    @Test("json is one line with the rows")
    func json() async throws {
        let outcome = try await bench("--kinds", "mpmc", "--rounds", "1", "--format", "json")
        #expect(outcome.code == 0, "\(outcome.everything)")
        let line = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        )
        #expect(line["exit_code"] as? Int == 0)
        #expect(line["rows"] is [Any])
    }

    @Test("a scenario's workload runs on each driver, checks on")
    func scenario() async throws {
        let outcome = try await Gyre.run(
            ["bench", "shop.yaml", "--drivers", "ring,null", "--rounds", "2"],
            in: place
        )
        #expect(outcome.code == 0, "\(outcome.everything)")
        let run = try place.onlyRun()
        #expect(run.hasPrefix("results/bench-shop-2"))
        let samples = try CSVFile(try place.read(run + "/samples.csv"))
        let turns = try samples.column("subject").prefix(4)
        #expect(turns == ["ring driver", "null driver", "ring driver", "null driver"])
        let latencies = try samples.column("latency_p50_ns")
        #expect(latencies[0] + latencies[2] != "" && latencies[1] == "")
        #expect(outcome.output.contains("null driver: delivers nothing"))
    }

    @Test("a driver that loses is named, and the exit code is 1")
    func lossy() async throws {
        let outcome = try await Gyre.run(
            [
                "bench", "shop.yaml", "--drivers", "ring,subprocess", "--rounds", "1", "--set",
                "driver.command=python3 \(Self.broker) --defect lose", "--set",
                "producers.web.rate.total=500/s",
            ],
            in: place
        )
        #expect(outcome.code == 1, "\(outcome.everything)")
        #expect(outcome.output.contains("1 of 2 lost, repeated or reordered: subprocess driver"))
        #expect(outcome.output.contains("\nWrong\n  subprocess driver: "))
    }

    private static let broker = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Brokers/faulty_broker.py").path

    @Test(
        "bad usage says what was wrong, with the nearest name",
        arguments: [
            (["--kinds", "hybird"], "no kind named 'hybird'; did you mean 'hybrid'?"),
            (["--topologies", "2p1"], "no topology named '2p1'; did you mean '2p1c'?"),
            (["--waits", "spn"], "no wait named 'spn'; did you mean 'spin'?"),
            (["--drivers", "rign"], "no driver named 'rign'; did you mean 'ring'?"),
            (["--drivers", "subprocess"], "add --set driver.command="),
            (["--drivers", "ring,"], "an entry is empty"),
            (["--payloads", "8"], "--payloads 8: "),
            (["--payloads", "12B"], "use 8B, 64B, 256B or 1KiB"),
            (["--batches", "0"], "a number from 1 to 1024"),
            (["--capacities", "1000"], "a power of two"),
            (["--capacities", "x"], "--capacities x: a number"),
            (["--rounds", "0"], "--rounds 0: from 1 to 1000"),
            (["--sample-time", "60"], "--sample-time 60: a duration"),
            (["--quick", "--thorough"], "choose one"),
            (["--kinds", "hybrid", "--topologies", "2p2c"], "nothing is left to compare: hybrid"),
            (["shop.yaml", "--kinds", "mpmc"], "a scenario has no rings to choose"),
            (["missing.yaml"], "missing.yaml: error: no such file"),
            (["shop.yaml", "--set", "producers.wbe.rate=1"], "did you mean 'web'?"),
            (["--kind", "mpmc"], "'--kinds'"),
            (["--kinds", "mpmc", "--set", "x.y=1"], "--set x.y=1: rings alone have no workload"),
            (["--waits", "spin", "--seed", "7"], "--seed 7: rings alone have no workload"),
        ] as [([String], String)]
    )
    func usage(arguments: [String], message: String) async throws {
        let outcome = try await Gyre.run(["bench"] + arguments, in: place)
        #expect(outcome.code == 2, "\(outcome.everything)")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.output == "")
        #expect(try place.names() == ["shop.yaml"])
    }

    @Test("what the command refuses is followed by its own usage, as what the parser refuses")
    func ownUsage() async throws {
        for arguments in [["--kinds", "hybird"], ["--rounds", "x"]] {
            let outcome = try await Gyre.run(["bench"] + arguments, in: place)
            #expect(outcome.code == 2)
            let usage = """

                Usage: gyre bench [<options>] [<scenario>]
                  See 'gyre bench --help' for more information.

                """
            #expect(outcome.errors.hasSuffix(usage), "\(outcome.errors)")
        }
    }

    @Test("a folder that cannot be written to is found out before anything is measured")
    func unwritable() async throws {
        let outcome = try await bench("--out", "shop.yaml/x", "--rounds", "1000")
        #expect(outcome.code == 3, "\(outcome.everything)")
        #expect(outcome.errors.contains("shop.yaml"))
    }

    @Test("--quiet leaves the exit code and the results")
    func quiet() async throws {
        let outcome = try await bench("--kinds", "batch", "--rounds", "1", "--quiet")
        #expect(outcome.code == 0 && outcome.output == "" && outcome.errors == "")
        #expect(try place.names(in: place.onlyRun()).contains("bench.json"))
    }
}

@Suite("Bench on a terminal", .enabled(if: PseudoTerminal.arePossible, "needs /dev/ptmx"))
struct BenchTerminalTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
    }

    /// Runs `bench` on a terminal; `body` is called once that shows `part`.
    private func bench(
        _ arguments: [String],
        columns: UInt16,
        until part: String,
        _ body: @Sendable (Child) -> Void = { _ in }
    ) async throws -> (code: Int32?, text: String) {
        let terminal = try #require(PseudoTerminal(columns: columns), "no pseudo terminals here")
        return try await Turns.shared.taking {
            let child = Child(
                Gyre.executable,
                ["bench"] + arguments,
                in: place,
                environment: ["TERM": "xterm"]
            )
            let output = FileHandle(fileDescriptor: dup(terminal.end.fileDescriptor))
            try child.start(output: output, errors: terminal.end)
            terminal.watch()
            #expect(await terminal.shows(part), "\(terminal.text)")
            body(child)
            let ended = await child.end(within: Gyre.patience)
            _ = await terminal.shows("\nRepeat: ")
            return (ended.code, terminal.text.replacing("\r\n", with: "\n"))
        }
    }

    @Test("a signal ends it with what was measured so far", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) async throws {
        let (code, text) = try await bench(
            ["--kinds", "hybrid,batch", "--rounds", "1000", "--sample-time", "20ms"],
            columns: 100,
            until: "round 2 of 1000"
        ) { $0.send(signal) }
        #expect(code == 130, "\(text)")
        #expect(text.contains("INTERRUPTED"), "\(text)")
        #expect(text.contains(" of 2000 samples; nothing was lost"), "\(text)")
        let run = try place.onlyRun()
        #expect(try place.names(in: run) == ["bench.csv", "bench.json", "samples.csv"])
        let samples = try CSVFile(try place.read(run + "/samples.csv"))
        #expect((2..<2000).contains(samples.rows.count))
    }

    @Test("--thorough has every kind, topology, size, batch, capacity and way to wait")
    func thorough() async throws {
        let (code, text) = try await bench(
            ["--thorough", "--sample-time", "1ms"],
            columns: 100,
            until: "round 1 of 15, "
        ) { $0.send(SIGINT) }
        #expect(code == 130, "\(text)")
        let file = place.url.appending(path: try place.onlyRun() + "/bench.json")
        let record = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        let candidates = try #require(
            (record as? [String: Any])?["candidates"] as? [[String: Any]]
        )
        func values(_ key: String) -> Set<String> {
            Set(candidates.compactMap { $0[key] }.map { "\($0)" })
        }
        #expect(values("topology").isSuperset(of: ["1p1c", "2p1c", "1p2c", "2p2c", "3p1c"]))
        #expect(values("topology").isSuperset(of: ["pipeline", "multicast", "diamond"]))
        #expect(values("subject").isSuperset(of: ["mpmc", "lock-free", "ring driver"]))
        #expect(values("payload_bytes") == ["8", "64", "256", "1024"])
        #expect(values("batch") == ["1", "8", "32"])
        #expect(values("capacity") == ["1024", "65536"])
        #expect(values("wait").isSuperset(of: ["spin", "pause", "yield", "adaptive"]))
    }

    @Test("two signals end it at once")
    func twice() async throws {
        let (code, _) = try await bench(
            ["--kinds", "hybrid", "--rounds", "2", "--sample-time", "1h"],
            columns: 100,
            until: "round 1 of 2"
        ) { child in
            for signal in [SIGINT, SIGTERM] { child.send(signal) }
        }
        #expect(code == 130)
        #expect(try place.names(in: "results") == [])
    }

    @Test("progress and report fit the terminal", arguments: [40, 80, 120])
    func width(columns: UInt16) async throws {
        let (code, text) = try await bench(
            ["--topologies", "1p1c,2p2c", "--rounds", "2", "--sample-time", "2ms", "--no-color"],
            columns: columns,
            until: "round 2 of 2"
        )
        #expect(code == 0, "\(text)")
        let erase = "\r\u{1B}[2K"
        let shown = text.components(separatedBy: erase)
        #expect(shown.count > 8)
        for line in shown.dropFirst().dropLast() { #expect(line.count < Int(columns), "\(line)") }
        for line in try #require(shown.last).split(separator: "\n") {
            if line.hasPrefix("Results: ") { break }
            #expect(line.count <= min(100, Int(columns)), "\(line)")
        }
    }
}
