import Foundation
import Testing

@Suite("Result files")
struct ResultFileTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
    }

    private func run(_ shop: Shop, _ arguments: String...) async throws -> String {
        try place.write(shop.text, to: "shop.yaml")
        let outcome = try await Gyre.run(["run", "shop.yaml"] + arguments, in: place)
        #expect([0, 1].contains(outcome.code), "\(outcome.everything)")
        let folder = try place.onlyRun()
        #expect(outcome.output.contains("\nResults: \(folder)\n"))
        return folder
    }

    private func table(_ folder: String, _ name: String) throws -> CSVFile {
        try CSVFile(try place.read("\(folder)/\(name).csv"))
    }

    @Test("a run leaves the files that are promised, under a name that says which run it was")
    func files() async throws {
        let folder = try await run(Shop())
        #expect(
            try place.names(in: folder) == [
                "anomalies.csv", "anomalies.jsonl", "faults.csv", "latency.csv", "run.json",
                "summary.csv", "timeline.csv",
            ]
        )
        #expect(folder.wholeMatch(of: /results\/shop-\d{8}T\d{6}\.\d{3}Z-7/) != nil, "\(folder)")
        let record = try place.record(of: folder)
        #expect(record["format_version"] as? Int == 1)
        #expect(record["scenario"] as? String == "shop")
        #expect(record["seed"] as? Int == 7)
        #expect((record["plan"] as? [String: Any])?["expectedEvents"] as? Int == 800)
    }

    @Test("summary.csv has units, and its whole-run totals have the last four fields empty")
    func summary() async throws {
        let folder = try await run(Shop(faults: [Shop.lostAnswers]))
        let summary = try table(folder, "summary")
        #expect(
            summary.header == [
                "metric", "value", "unit", "topic", "group", "producer", "phase",
            ]
        )
        let total = try summary.row("metric", "published")
        #expect(total["unit"] == "events")
        for field in ["topic", "group", "producer", "phase"] { #expect(total[field] == "") }
        for metric in ["confirmed", "applied"] {
            #expect(try summary.row("metric", metric)["value"] == total["value"])
        }
        #expect(try summary.row("metric", "throughput")["unit"] == "events/s")
        let names = try summary.column("metric")
        for name in [
            "delivered", "acknowledged", "dead_lettered", "lost", "duplicated", "reordered",
            "bytes_allocated_per_event", "cpu_seconds",
        ] {
            #expect(names.contains(name), "\(name)")
        }
        let ofGroup = try summary.row("group", "billing")
        #expect(ofGroup["topic"] == "orders")
        for value in try summary.column("value") { #expect(Double(value) != nil, "\(value)") }
    }

    @Test("latency.csv has whole nanoseconds that grow with the percentile")
    func latency() async throws {
        let latency = try table(try await run(Shop()), "latency")
        #expect(
            latency.header == [
                "metric", "kind", "group", "phase", "percentile", "value_ns", "count",
            ]
        )
        #expect(Set(try latency.column("metric")) == ["publish", "e2e", "apply"])
        #expect(Set(try latency.column("kind")) == ["response", "service", "slip"])
        var last: (lane: ArraySlice<String>, percentile: Double, value: Int)?
        for row in latency.rows {
            let percentile = try #require(Double(row[4]))
            let value = try #require(Int(row[5]))
            #expect(try #require(Int(row[6])) > 0)
            #expect((row[2] == "billing") == (row[0] != "publish"))
            if let before = last, before.lane == row[..<4] {
                #expect(percentile > before.percentile && value >= before.value, "\(row)")
            }
            last = (row[..<4], percentile, value)
        }
    }

    @Test("timeline.csv covers the run without a gap and ends with it")
    func timeline() async throws {
        let folder = try await run(Shop(faults: [Shop.lostAnswers]))
        let timeline = try table(folder, "timeline")
        let promised = [
            "start_ns", "length_ns", "published", "confirmed", "refused", "delivered",
            "acknowledged", "applied", "backlog", "lag", "in_flight", "active_faults",
        ]
        for name in promised { #expect(timeline.header.contains(name), "\(name)") }
        let starts = try timeline.column("start_ns").compactMap(Int.init)
        let lengths = try timeline.column("length_ns").compactMap(Int.init)
        var end = 0
        for (start, length) in zip(starts, lengths) {
            #expect(start == end)
            end = start + length
        }
        let phases = try #require(try place.record(of: folder)["phases"] as? [[String: Any]])
        #expect(end == phases.last?["end_nanoseconds"] as? Int)
        let published = try timeline.column("published").compactMap(Int.init).reduce(0, +)
        let total = try table(folder, "summary").row("metric", "published")["value"]
        #expect("\(published)" == total)
        #expect(try timeline.column("active_faults").contains("lost-acks"))
        let last = try #require(timeline.rows.last)
        let ending = Dictionary(uniqueKeysWithValues: zip(timeline.header, last))
        #expect(ending["backlog"] == "0" && ending["lag"] == "0", "\(ending)")
        let publish = Int(try timeline.column("publish_max_ns")[0])
        let apply = Int(try timeline.column("apply_max_ns")[0])
        // What lost its answer is applied again, but that is recognised: each is applied once.
        #expect(try #require(apply) > (try #require(publish)), "\(timeline.rows)")
    }

    @Test("faults.csv says how far each rule got; what never fired has no times")
    func faults() async throws {
        let never =
            "{ name: never, fault: drop, at: ack, nth: 1000000, min-fired: 0 }"
        let folder = try await run(Shop(faults: [Shop.lostAnswers, never]))
        let faults = try table(folder, "faults")
        #expect(
            faults.header == [
                "name", "fault", "site", "armed", "eligible", "fired", "effective", "masked",
                "first_ns", "last_ns",
            ]
        )
        let lost = try faults.row("name", "lost-acks")
        #expect(lost["fault"] == "drop" && lost["site"] == "ack")
        #expect(Int(lost["fired"] ?? "") ?? 0 > 0)
        #expect(Int(lost["first_ns"] ?? "") ?? 0 >= 100_000_000)
        let idle = try faults.row("name", "never")
        #expect(idle["fired"] == "0" && idle["first_ns"] == "" && idle["last_ns"] == "")
    }

    @Test("without anomalies and faults the tables have their header alone")
    func emptyTables() async throws {
        let folder = try await run(Shop())
        #expect(
            try place.read("\(folder)/anomalies.csv")
                == "id,name,side,blame,topic,partition,key,count\r\n"
        )
        #expect(try place.read("\(folder)/anomalies.jsonl") == "")
        #expect(try table(folder, "faults").rows == [])
    }

    @Test("keys that look like CSV, JSON and terminal commands come through whole")
    func hostileKeys() async throws {
        var shop = Shop(
            faults: [
                "{ name: late, fault: { delay: { fixed: 5ms } }, at: deliver, order: overtake, "
                    + "probability: 0.1 }"
            ],
            effect: "exactly-once, order: per-key"
        )
        let key = "a,\"b\"\r\n\u{1B}[31m\u{9}é-0"
        shop.keys = #"{ uniform: { count: 1, name: "a,\"b\"\r\n\e[31m\té-%d" } }"#
        try place.write(shop.text, to: "shop.yaml")
        let outcome = try await Gyre.run(["run", "shop.yaml"], in: place)
        #expect(outcome.code == 1, "\(outcome.everything)")
        #expect(!outcome.output.contains("\u{1B}"))
        let folder = try place.onlyRun()
        let anomaly = try table(folder, "anomalies").row("name", "effect-reorder")
        #expect(anomaly["key"] == key)
        #expect(anomaly["id"] == "A34" && anomaly["side"] == "application")
        let line = try #require(
            try place.read("\(folder)/anomalies.jsonl").split(separator: "\n").first
        )
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["key"] as? String == key)
        #expect((object?["witness"] as? [Any])?.isEmpty == false)
    }

    @Test("two runs at once in one folder keep out of each other's way")
    func twoAtOnce() async throws {
        try place.write(Shop().text, to: "shop.yaml")
        let outcome = try await Gyre.shell(
            """
            "$GYRE" run shop.yaml --quiet & first=$!
            "$GYRE" run shop.yaml --quiet & second=$!
            wait $first && wait $second
            """,
            in: place
        )
        #expect(outcome.code == 0, "\(outcome.everything)")
        let runs = try place.names(in: "results")
        #expect(runs.count == 2)
        for run in runs {
            #expect(try place.names(in: "results/\(run)").count == 7)
            #expect(try place.record(of: "results/\(run)")["exit_code"] as? Int == 0)
        }
    }

    @Test(
        "an output folder that cannot be is found out before the run",
        arguments: ["shop.yaml", "shop.yaml/below", "/proc/none"]
    )
    func badFolder(out: String) async throws {
        try place.write(Shop().text, to: "shop.yaml")
        let outcome = try await Gyre.run(["run", "shop.yaml", "--out", out], in: place)
        #expect(outcome.code == 3, "\(outcome.everything)")
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("error: shop: cannot "), "\(outcome.errors)")
        #expect(outcome.errors.contains(out))
        #expect(!outcome.errors.contains("Domain"))
    }

    @Test("a disk that fills up during the run loses no measurement")
    func fullDisk() async throws {
        try place.write(Shop().text, to: "shop.yaml")
        // The limit is on the size of each file: the probe before the run passes, run.json does
        // not. Units of 512 bytes.
        let outcome = try await Gyre.shell(
            #"ulimit -f 16; exec "$GYRE" run shop.yaml"#,
            in: place
        )
        #expect(outcome.code == 3, "\(outcome.everything)")
        #expect(outcome.output.hasPrefix("PASS: "))
        #expect(outcome.errors.contains("error: shop: cannot write "))
        #expect(outcome.errors.contains("error: shop: nothing is stored; run.json follows\n"))
        let line = try #require(outcome.errors.split(separator: "\n").first { $0.hasPrefix("{") })
        let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(record?["scenario"] as? String == "shop")
        let run = try place.onlyRun()
        #expect(try !place.names(in: run).contains { $0.hasPrefix("run.json") })
    }
}
