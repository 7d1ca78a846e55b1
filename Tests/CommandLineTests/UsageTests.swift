import Foundation
import Testing

@Suite("Usage")
struct UsageTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
        try place.write(Shop().text, to: "shop.yaml")
    }

    @Test(
        "bad usage says what was wrong and what is possible",
        arguments: [
            (["run"], "Missing expected argument '<scenarios> ...'"),
            (["rum"], "Unexpected argument 'rum'"),
            (["run", "shop.yaml", "--sed", "7"], "Did you mean '--seed'?"),
            (["run", "shop.yaml", "--set"], "Missing value for '--set <path=value>'"),
            (["run", "shop.yaml", "--format", "xml"], "'table' and 'json'"),
            (["run", "shop.yaml", "--history", "all"], "'full', 'anomalies' or 'none'"),
            (["run", "shop.yaml", "--allow", "violated"], "'inconclusive'"),
            (["run", "shop.yaml", "--max-time", "9"], "--max-time 9: a duration such as 30s"),
            (["run", "shop.yaml", "--max-time", "50ms"], "warm-up alone takes 100 ms"),
            (["run", "shop.yaml", "--max-memory", "2GB"], "--max-memory 2GB: a size such as"),
            (["run", "shop.yaml", "--time-scale", "nan"], "--time-scale nan: it must be above 0"),
            (["run", "shop.yaml", "--max-topics", "0"], "--max-topics 0: at least one"),
            (
                ["run", "shop.yaml", "--driver", "rin"],
                "no driver named 'rin'; did you mean 'ring'?"
            ),
            (["run", "shop.yaml", "--seed", "abc"], "--seed abc: error: 'abc' is no seed; "),
            (["run", "missing.yaml"], "missing.yaml: error: no such file or folder"),
            (["run", ""], "error: "),
            (["check", "x.jsonl", "--lease", "soon"], "--lease soon: a duration such as 200ms"),
            (["check", "x.jsonl", "--model", "tree"], "The value 'tree' is invalid"),
            (["check"], "Missing expected argument '<histories> ...'"),
        ]
    )
    func bad(arguments: [String], message: String) async throws {
        let outcome = try await Gyre.run(arguments, in: place)
        #expect(outcome.code == 2, "\(outcome.everything)")
        #expect(outcome.output == "")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(try place.names() == ["shop.yaml"])
    }

    @Test(
        "--set that leads nowhere is refused by what was typed, with the nearest name",
        arguments: [
            ("nonsense", "--set nonsense: error: write --set path.to.key=value"),
            ("=1", "--set =1: error: write --set path.to.key=value"),
            ("run..seed=1", "--set run..seed=1: error: the path has an empty step or too many"),
            ("producers.wbe.rate=1", "no item named 'wbe'; did you mean 'web'?"),
            ("topics.9.partitions=1", "no item named '9'; use orders"),
            ("run.duratoin=1s", "unknown key 'duratoin' in 'run'; did you mean 'duration'?"),
            ("nosuch.thing=1", "--set nosuch.thing=1: error: unknown key 'nosuch'"),
            ("run.duration.x=1s", "'x' leads nowhere: there is the value '300ms'"),
            ("run.seed={a: [", "--set run.seed={a: [: error: "),
            ("run.seed=&a 1", "--set run.seed=&a 1: error: anchors (&) and aliases (*)"),
            ("producers.web.rate.total=NaN", "'NaN' is not a rate"),
            ("producers.web.rate.total=-5/s", "'-5/s' is negative"),
            ("producers.web.payload=99999TiB", "99999TiB"),
            ("run.duration=0s", "'0s' is no time at all"),
            ("run.duration=9999999h", "9999999h"),
            ("run.warmup=1:30", "'1:30' is a time of day, not a duration"),
        ]
    )
    func set(text: String, message: String) async throws {
        let outcome = try await Gyre.run(["run", "shop.yaml", "--set", text], in: place)
        #expect(outcome.code == 2, "\(outcome.everything)")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.errors.contains("--set \(text): error: "), "\(outcome.errors)")
    }

    @Test("help and version are data, not errors", arguments: [["--help"], ["--version"], []])
    func help(arguments: [String]) async throws {
        let outcome = try await Gyre.run(arguments, in: place)
        #expect(outcome.code == 0 && outcome.errors == "", "\(outcome.everything)")
        #expect(!outcome.output.isEmpty)
    }

    @Test(
        "what is not known to explain gets the nearest name",
        arguments: [
            ("dupliacted", "'duplicated'"), ("A44", "'A4'"), ("doubel-apply", "'double-apply'"),
            ("exit-coeds", "'exit-codes'"), ("throughptu", "'throughput'"), ("qqqqqq", nil),
            ("", nil), ("\u{1B}[31m", nil), ("99", "'p99'"),
        ] as [(String, String?)]
    )
    func unknown(name: String, near: String?) async throws {
        let outcome = try await Gyre.run(["explain", name], in: place)
        #expect(outcome.code == 2, "\(outcome.everything)")
        #expect(outcome.output == "" && !outcome.errors.contains("\u{1B}"))
        let hint = near.map { "; did you mean \($0)?\n" } ?? "\n"
        #expect(
            outcome.errors.hasPrefix("error: nothing is called \(name.debugDescription)\(hint)")
        )
        #expect(outcome.errors.contains("`gyre explain` lists everything"))
    }

    @Test(
        "every exit code can be explained",
        arguments: ["0", "1", "2", "3", "4", "5", "70", "130", "exit-codes", "exit-code"]
    )
    func exitCodes(name: String) async throws {
        let outcome = try await Gyre.run(["explain", name], in: place)
        #expect(outcome.code == 0, "\(outcome.everything)")
        #expect(outcome.output.contains("4    inconclusive"))
    }

    @Test("everything that explain lists, and every threshold of the format, can be explained")
    func listed() async throws {
        let index = try await Gyre.run(["explain"], in: place)
        #expect(index.code == 0, "\(index.everything)")
        let listed = index.output.split(separator: "\n").filter { $0.hasPrefix("  ") }
            .flatMap { $0.split { " ,".contains($0) } }.map(String.init)
        #expect(listed.count > 100)
        let thresholds = [
            "p99(apply.response)", "max(publish.service)", "mean(e2e.slip)", "p99.9(e2e.response)",
            "recovery(late)", "deliveries-per-event", "bytes-per-event", "lag",
            "delivery-throughput", "dead-lettered", "unresolved", "p99(apply.response{group=x})",
        ]
        try await explain(listed + thresholds)
    }

    @Test("every name that a summary and its tables print can be explained")
    func printed() async throws {
        let shop = Shop(faults: [Shop.lostAnswers], inbox: "", thresholds: ["lost == 0"])
        try place.write(shop.text, to: "shop.yaml")
        let run = try await Gyre.run(["run", "shop.yaml"], in: place)
        #expect(run.code == 1, "\(run.everything)")
        let folder = try place.onlyRun()
        var names: Set<String> = ["FAIL", "BROKEN", "held", "not required"]
        for (file, columns) in [
            ("summary", ["metric"]), ("latency", ["metric", "kind", "phase"]),
            ("anomalies", ["id", "name", "side", "blame"]),
        ] {
            let table = try CSVFile(try place.read("\(folder)/\(file).csv"))
            for column in columns { names.formUnion(try table.column(column)) }
        }
        names.formUnion(["armed", "eligible", "fired", "effective", "masked"])
        names.formUnion(["backlog", "lag", "in_flight", "active_faults"])
        let record = try place.record(of: folder)
        let checks = try #require(record["checks"] as? [[String: Any]])
        names.formUnion(checks.compactMap { $0["id"] as? String })
        let events = try #require(
            run.output.firstMatch(of: /\nEvents\n(.*?)\n\n/.dotMatchesNewlines())
        )
        names.formUnion(
            events.1.replacing("\n", with: " ").split(separator: ",").compactMap { part in
                let words = part.split(separator: " ").filter {
                    Int($0.replacing(",", with: "")) == nil
                }
                return words.isEmpty ? nil : words.joined(separator: " ")
            }
        )
        #expect(names.count > 50)
        try await explain(names.sorted())
    }

    /// Explains all of `names` in one child of the shell; one process a name would take a minute.
    private func explain(_ names: [String]) async throws {
        try place.write(names.joined(separator: "\n") + "\n", to: "names")
        let outcome = try await Gyre.shell(
            #"while IFS= read -r name; do "$GYRE" explain "$name" >/dev/null || echo "$name"; done <names"#,
            in: place
        )
        #expect(outcome.output == "", "not explained: \(outcome.everything)")
    }
}
