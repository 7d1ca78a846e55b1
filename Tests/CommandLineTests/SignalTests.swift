import Foundation
import Testing

@Suite("Signals", .enabled(if: PseudoTerminal.arePossible, "needs /dev/ptmx"))
struct SignalTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
    }

    /// Runs `shop` on a terminal and calls `body` once that shows `phase`; ends with everything
    /// shown.
    private func run(
        _ shop: Shop,
        until phase: String,
        _ body: @Sendable (Child, PseudoTerminal) async throws -> Void
    ) async throws -> (code: Int32?, signal: Int32, text: String) {
        try place.write(shop.text, to: "shop.yaml")
        let terminal = try #require(PseudoTerminal(columns: 100), "no pseudo terminals here")
        return try await Turns.shared.taking {
            let child = Child(
                Gyre.executable,
                ["run", "shop.yaml"],
                in: place,
                environment: ["TERM": "xterm"]
            )
            let output = try FileHandle(forWritingTo: URL(filePath: "/dev/null"))
            try child.start(output: output, errors: terminal.end)
            terminal.watch()
            #expect(await terminal.shows(phase), "\(terminal.text)")
            try await body(child, terminal)
            let ended = await child.end(within: Gyre.patience)
            return (ended.code, ended.signal, terminal.text)
        }
    }

    /// Long enough for every phase to be met.
    private static let slow = Shop(
        run: "{ warmup: 30s, duration: 30s, drain: 30s, seed: 7 }"
    )
    private static let measuring = Shop(
        run: "{ warmup: 0s, duration: 60s, drain: 30s, seed: 7 }"
    )
    /// The last answers are lost, so draining takes as long as a lease.
    private static let draining = Shop(
        faults: ["{ name: lost, fault: drop, at: ack, probability: 0.9 }"],
        lease: "3s",
        run: "{ warmup: 10ms, duration: 300ms, drain: 20s, seed: 7 }"
    )

    @Test(
        "the first signal ends the load, drains, records and judges",
        arguments: [
            (SIGINT, "warm-up"), (SIGTERM, "warm-up"), (SIGHUP, "measuring"),
            (SIGINT, "measuring"), (SIGTERM, "measuring"),
        ]
    )
    func once(signal: Int32, phase: String) async throws {
        let shop = phase == "warm-up" ? Self.slow : Self.measuring
        let ended = try await run(shop, until: "shop: \(phase) 0 of ") { child, _ in
            child.send(signal)
        }
        #expect(ended.code == 130, "\(ended)")
        #expect(ended.text.contains("interrupted: draining and recording; again to stop at once"))
        let folder = try place.onlyRun()
        let record = try place.record(of: folder)
        #expect(record["exit_code"] as? Int == 130)
        let totals = try #require(record["totals"] as? [String: Any])
        #expect(totals["lost"] as? Int == 0)
        #expect(totals["confirmed"] as? Int == totals["applied"] as? Int)
        #expect(try place.names(in: folder).count == 7)
    }

    @Test("a signal while draining lets it come to its end")
    func whileDraining() async throws {
        let ended = try await run(Self.draining, until: "shop: draining") { child, _ in
            child.send(SIGINT)
        }
        #expect(ended.code == 130, "\(ended)")
        let record = try place.record(of: try place.onlyRun())
        let totals = try #require(record["totals"] as? [String: Any])
        #expect(totals["lost"] as? Int == 0)
        #expect(try #require(totals["redelivered"] as? Int) > 0, "it has waited for the leases")
    }

    @Test("a second signal stops at once; no half record is left")
    func twice() async throws {
        let ended = try await run(Self.draining, until: "shop: draining") { child, terminal in
            child.send(SIGINT)
            #expect(await terminal.shows("again to stop at once"))
            child.send(SIGINT)
        }
        #expect(ended.code == 130, "\(ended)")
        #expect(try place.names(in: "results") == [])
    }

    @Test("an interrupted run misses no threshold: what was measured is too little")
    func thresholds() async throws {
        var shop = Self.slow
        shop.thresholds = ["throughput > 1k/s"]
        let ended = try await run(shop, until: "shop: warm-up 0 of ") { child, _ in
            child.send(SIGINT)
        }
        #expect(ended.code == 130, "\(ended)")
        let record = try place.record(of: try place.onlyRun())
        let threshold = (record["thresholds"] as? [[String: Any]])?.first
        #expect(threshold?["outcome"] as? String == "void")
    }

    @Test("a violation seen before the signal counts more than the signal")
    func violated() async throws {
        var shop = Self.measuring
        shop.faults = [Shop.lostAnswers]
        shop.inbox = ""
        let ended = try await run(shop, until: "shop: measuring 1 of ") { child, _ in
            child.send(SIGINT)
        }
        #expect(ended.code == 1, "\(ended)")
    }

    @Test(
        "70: a crash says that it is a fault of Gyre itself",
        arguments: [SIGILL, SIGSEGV, SIGABRT]
    )
    func crash(signal: Int32) async throws {
        let ended = try await run(Self.slow, until: "shop: warm-up") { child, _ in
            child.send(signal)
        }
        #expect(ended.code == 70, "\(ended)")
        #expect(ended.text.contains("error: a fault of Gyre itself; please report it"))
        #expect(try place.names(in: "results") == [])
    }

    @Test("nohup is respected")
    func nohup() async throws {
        try place.write(Shop().text, to: "shop.yaml")
        let outcome = try await Gyre.shell(
            """
            trap '' HUP
            "$GYRE" run shop.yaml --format json & pid=$!
            trap - HUP
            while ! grep -q '^SigCgt:.*4...$' /proc/$pid/status 2>/dev/null; do
                kill -0 $pid || exit 9
            done
            kill -HUP $pid
            wait $pid
            """,
            in: place
        )
        #expect(outcome.code == 0, "\(outcome.everything)")
    }

    @Test("a reader that has seen enough costs no run")
    func closedPipe() async throws {
        for name in ["first", "second"] {
            let text = Shop().text.replacing("name: shop", with: "name: \(name)")
            try place.write(text, to: name + ".yaml")
        }
        let outcome = try await Gyre.shell(
            #"{ "$GYRE" run first.yaml second.yaml; echo "code $?" >&2; } | head -1"#,
            in: place
        )
        #expect(outcome.output == "PASS: every required guarantee held\n", "\(outcome.everything)")
        #expect(outcome.errors == "code 0\n", "\(outcome.errors)")
        #expect(try place.names(in: "results").count == 2)
    }

    @Test(
        "closed or full standard streams cost no run",
        arguments: [">&- 2>&-", ">/dev/full", "<&-"]
    )
    func streams(redirection: String) async throws {
        try place.write(Shop().text, to: "shop.yaml")
        let outcome = try await Gyre.shell(#""$GYRE" run shop.yaml "# + redirection, in: place)
        #expect(outcome.code == 0, "\(outcome.everything)")
        let folder = try place.onlyRun()
        #expect(try place.record(of: folder)["exit_code"] as? Int == 0)
        let isFull = redirection == ">/dev/full"
        let complaint = "error: cannot write to standard output: No space left on device\n"
        #expect(outcome.errors == (isFull ? complaint : ""))
    }
}
