import LatencyMetrics
import Reports
import RunRecords
import Testing

@Suite("Reports of comparisons")
struct BenchReportTests {
    private static func spread(_ values: Double...) throws -> SampleSpread {
        try #require(SampleSpread(of: values))
    }

    /// Two rings and a driver whose name is hostile; the second ring has lost something.
    private static func record(lost: Int64 = 0) throws -> BenchRecord {
        var candidates = ["hybrid", "batch"].map { BenchCandidate(group: "Rings", subject: $0) }
        for index in candidates.indices {
            candidates[index].topology = "1p1c"
            candidates[index].payloadBytes = 64
            candidates[index].batch = [1, 32][index]
            candidates[index].capacity = 1024
            candidates[index].wait = "spin"
        }
        candidates.append(BenchCandidate(group: "Drivers", subject: hostileName))
        var record = BenchRecord(
            startedAtMilliseconds: 1_738_367_999_042,
            rounds: 3,
            sampleNanoseconds: 60_000_000,
            candidates: candidates
        )
        record.exitReason = "nothing was lost"
        record.command = ["gyre", "bench", "--out", "it's here"]
        for (index, rates) in [(10e6, 12e6), (123.4e6, 150e6), (5e3, 5e3)].enumerated() {
            var row = BenchRow(
                candidate: index,
                baseline: index == 1 ? 0 : index,
                placement: .near,
                eventsPerSecond: try spread(rates.0, rates.0, rates.1),
                processorSeconds: try spread(0.12),
                faults: BenchFaults()
            )
            if index == 1 { row.faults.lost = lost }
            row.ratio = index == 1 && lost == 0 ? 12.34 : index == 1 ? nil : 1
            row.bytesAllocatedPerEvent = try spread(0)
            if index == 0 {
                row.latencyP50Nanoseconds = try spread(181.4)
                row.latencyP99Nanoseconds = try spread(1_240)
            }
            record.rows.append(row)
        }
        let reading = PlacementReading(label: .near, roundTrip: try spread(110))
        var sample = BenchSample(candidate: 1, round: 1, placement: (reading, reading))
        sample.events = 1000
        sample.queuedShare = 0.25
        sample.faults.lost = lost
        record.samples = [sample]
        return record
    }

    private func text(_ record: BenchRecord, columns: Int? = nil) -> String {
        BenchSummary.text(record, folder: "results/bench-x", inColor: false, columns: columns)
    }

    @Test("what all rows share is said once, the rest has columns")
    func table() throws {
        let lines = text(try Self.record()).split(separator: "\n").map(String.init)
        #expect(lines[0] == "PASS: nothing was lost")
        #expect(lines[1] == "3 candidates, 3 rounds interleaved, 60.0 ms a sample")
        let start = try #require(lines.firstIndex(of: "Rings, placement near"))
        let expected = [
            "  1p1c, 64 B, capacity 1024, wait spin, 0 bytes allocated per event, nothing lost or out of "
                + "order, 3",
            "  samples each",
            "          batch   M/s      range  ratio     p50      p99   CPU",
            "  hybrid      1  10.0  10.0-12.0   1.00  181 ns  1.24 us  0.12",
            "  batch      32   123    123-150  12.34       -        -  0.12",
        ]
        #expect(Array(lines[(start + 1)...(start + 5)]) == expected)
        #expect(lines.last == #"Repeat: gyre bench --out 'it'\''s here'"#)
    }

    @Test("latencies that all rows share are said once, not left out")
    func sharedLatency() throws {
        var record = try Self.record()
        record.rows = [record.rows[0]]
        let report = text(record)
        #expect(report.contains(", p50 181 ns, p99 1.24 us, "), "\(report)")
        record.rows = [try Self.record().rows[1]]
        let without = text(record).split(separator: "Notes")[0]
        #expect(!without.contains("p50") && !without.contains(", ,"))
    }

    @Test("names stay whole on 80 columns")
    func names() throws {
        var record = try Self.record()
        record.candidates[1].subject = "multicast"
        record.candidates[1].topology = "multicast"
        record.candidates[1].wait = "adaptive"
        let report = text(record, columns: 80)
        #expect(report.contains("\n  multicast multicast    32 adaptive  123 "), "\(report)")
    }

    @Test("a blank line parts what is not compared", arguments: [60, 20])
    func blocks(columns: Int) throws {
        var record = try Self.record()
        func table() throws -> [Substring] {
            let lines = text(record, columns: columns)
                .split(separator: "\n", omittingEmptySubsequences: false)
            let first = try #require(lines.firstIndex { $0.hasPrefix("  hybrid") })
            let second = try #require(lines.firstIndex { $0.hasPrefix("  batch") })
            return Array(lines[first..<second])
        }
        #expect(try !table().contains(""))
        record.rows[1].baseline = 1
        #expect(try table().count { $0 == "" } == 1)
    }

    @Test("who lost something is marked, not ranked, and named below")
    func faulty() throws {
        let report = text(try Self.record(lost: 12_345))
        #expect(report.contains("  batch      32   123    123-150      -"))
        #expect(report.contains("  LOST\n"))
        #expect(report.contains("\nWrong\n  batch 1p1c 64 B x 32 in 1024 spin: 12,345 lost\n"))
    }

    @Test("few rounds are said to be few", arguments: [(3, true), (7, false)])
    func rounds(count: Int, isFew: Bool) throws {
        var record = try Self.record()
        record.rounds = count
        #expect(text(record).contains("rounds say little") == isFew)
    }

    @Test("a comparison without a sample that counts says so")
    func empty() throws {
        var record = try Self.record()
        record.rows = []
        #expect(text(record).contains("nothing was measured that counts"))
    }

    @Test(
        "no line is wider than the terminal, and no name can hijack it",
        arguments: [20, 40, 80, 120]
    )
    func width(columns: Int) throws {
        let report = text(try Self.record(lost: 1), columns: columns)
        #expect(!report.contains("\u{1B}") && !report.contains("\u{202E}"))
        for line in report.split(separator: "\n") {
            if line.hasPrefix("Results: ") { break }
            #expect(line.count <= min(100, columns), "\(line)")
        }
        #expect(report.contains("12.34") || report.contains("123-150"))
    }

    @Test("the CSV files have a row a row and a row a sample")
    func csv() throws {
        let record = try Self.record(lost: 5)
        let files = BenchFiles.all(for: record)
        #expect(files.map(\.name) == ["bench.csv", "samples.csv"])
        let expected = [
            """
            group,subject,topology,payload_bytes,batch,capacity,wait,placement,samples,\
            rate_median_per_s,rate_min_per_s,rate_max_per_s,ratio,ratio_to,\
            latency_p50_ns,latency_p99_ns,cpu_seconds,bytes_allocated_per_event,order_violations,lost,\
            duplicated,damaged,stuck,violated
            """,
            """
            Rings,hybrid,1p1c,64,1,1024,spin,near,3,10000000,10000000,12000000,1,\
            hybrid 1p1c 64 B x 1 in 1024 spin,181,1240,0.12,0,0,0,0,0,0,
            """,
            """
            Rings,batch,1p1c,64,32,1024,spin,near,3,123400000,123400000,150000000,,\
            hybrid 1p1c 64 B x 1 in 1024 spin,,,0.12,0,0,5,0,0,0,
            """,
            "Drivers,\"a,\"\"b\"\"",
        ]
        let rows = BenchFiles.rows(record)
        #expect(rows.hasPrefix(expected.joined(separator: "\r\n")), "\(rows)")
        let samples = BenchFiles.samples(record)
        let last =
            "1,Rings,batch,1p1c,64,32,1024,spin,near,110,110,1000,0,0,,,0,0.25,disturbed,,0,5,0,"
            + "0,0,\r\n"
        #expect(samples.hasSuffix(last), "\(samples)")
    }

    @Test("the stored form is JSON in snake case, the same bytes for the same record")
    func json() throws {
        let record = try Self.record()
        let bytes = try record.encoded()
        #expect(bytes == (try record.encoded()))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("\"events_per_second\":{"))
        #expect(text.contains("\"format_version\":1"))
    }
}
