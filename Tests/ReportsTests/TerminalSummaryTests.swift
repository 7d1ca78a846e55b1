import LatencyMetrics
import RunRecords
import Testing

@testable import Reports

@Suite struct TerminalSummaryTests {
    @Test("the whole report")
    func golden() {
        let text = TerminalSummary.text(
            sampleRecord(),
            folder: "results/x",
            inColor: false,
            columns: nil
        )
        #expect(text == goldenSummary)
    }

    @Test(
        "the verdict comes first and says what the exit code means",
        arguments: [
            (0, "PASS: "), (1, "FAIL: "), (3, "ERROR: "), (4, "INCONCLUSIVE: "), (5, "FAIL: "),
            (70, "ERROR: "), (130, "INTERRUPTED: "),
        ]
    )
    func verdictFirst(code: Int, start: String) {
        var record = sampleRecord()
        record.exitCode = code
        let text = TerminalSummary.text(record, folder: nil, inColor: false, columns: nil)
        #expect(text.hasPrefix(start))
        let colored = TerminalSummary.text(record, folder: nil, inColor: true, columns: nil)
        #expect(colored.hasPrefix("\u{1B}[1;"))
    }

    @Test("no line is wider than 100 columns and no name smuggles controls in")
    func widthAndControls() {
        var record = sampleRecord()
        let long = String(repeating: "very long name ", count: 30) + hostileName
        record.scenario = long
        record.summary = long
        record.driver = long
        record.exitReason = long
        record.notes = [long, String(repeating: "x", count: 300)]
        record.faults[0].name = long
        record.checks[0].name = long
        record.checks[0].reason = long
        record.anomalies[0].key = long
        record.thresholds[0].text = long
        record.latencies[0].group = long
        for columns in [nil, 20, 40, 99, 1000] {
            let text = TerminalSummary.text(
                record,
                folder: long,
                inColor: false,
                columns: columns
            )
            for line in text.split(separator: "\n") {
                // These are there to be copied.
                if line.hasPrefix("Results:") || line.hasPrefix("Repeat:") { continue }
                #expect(line.count <= min(100, columns ?? 100), "\(line)")
            }
            checkControls(text)
        }
    }

    @Test("a table that does not fit becomes paragraphs, and no number is cut")
    func paragraphs() {
        var table = TerminalTable([.left, .right, .left])
        table.append(["metric", "p99", ""])
        table.append(["apply of a long name", "1,234,567 us", "late"])
        #expect(
            table.lines(width: 40) == [
                "  metric                        p99", "  apply of a long name 1,234,567 us late",
            ]
        )
        #expect(
            table.lines(width: 39) == [
                "  metric                      p99", "  apply of a long …  1,234,567 us  late",
            ]
        )
        #expect(
            table.lines(width: 24) == [
                "  apply of a long", "      name late, p99", "      1,234,567 us",
            ]
        )
    }

    private func checkControls(_ text: String) {
        let controls = text.unicodeScalars.filter {
            $0 != "\n" && ($0.properties.generalCategory == .control || $0 == "\u{202E}")
        }
        #expect(controls.isEmpty)
    }

    @Test("a closed loop has no response times")
    func closedLoop() {
        var record = sampleRecord()
        record.isOpenLoop = false
        record.latencies = record.latencies.filter { $0.kind == .service }
        let text = TerminalSummary.text(record, folder: nil, inColor: false, columns: nil)
        #expect(text.contains("n/a"))
        #expect(text.contains("closed loop"))
    }

    @Test("an empty record is reported all the same")
    func empty() {
        let record = RunRecord(scenario: "", seed: 1, startedAtMilliseconds: 0)
        let text = TerminalSummary.text(record, folder: nil, inColor: false, columns: nil)
        #expect(text.hasPrefix("PASS: no reason was recorded\n"))
    }

    @Test("the sparkline shows heights and gaps")
    func sparkline() {
        #expect(TerminalText.sparkline([0, 1, 4, 8], width: 10) == " ▁▄█")
        #expect(TerminalText.sparkline([0, 0], width: 10) == "")
        #expect(TerminalText.sparkline([], width: 10) == "")
        #expect(TerminalText.sparkline([2, 2, 4, 4], width: 2) == "▄█")
    }

    @Test("the verdict in JSON is one line with the published names")
    func json() {
        let line = JSONReports.verdict(sampleRecord(), folder: "results/x")
        #expect(line.hasSuffix("\n") && line.dropLast().contains("\n") == false)
        #expect(line.contains("\"valid\":false"))
        #expect(line.contains("\"exit_code\":1"))
        #expect(line.contains("\"duplicate-effect\":[{"))
        #expect(line.contains("\"seed\":\"18446744073709551615\""))
        var unknown = sampleRecord()
        unknown.exitCode = 4
        unknown.checks[1].verdict = .unknown
        let second = JSONReports.verdict(unknown, folder: "x")
        #expect(second.contains("\"valid\":\"unknown\""))
        #expect(second.contains("\"unknown\":[\"A8 exactly-once effect: 12 events twice\"]"))
        unknown.checks = []
        #expect(JSONReports.verdict(unknown, folder: "x").contains("\"valid\":\"unknown\""))
        var valid = sampleRecord()
        valid.exitCode = 5
        valid.checks = []
        #expect(JSONReports.verdict(valid, folder: "x").contains("\"valid\":true"))
    }

    @Test("anomalies as lines keep their witnesses")
    func jsonLines() {
        let lines = JSONReports.anomalies(sampleRecord()).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].contains("\"witness\":[{\"attempt\":2,\"event\":\"web:1\"}]"))
        #expect(lines[1].contains("\"partition\":null"))
        #expect(lines[0].contains("\\u001b") || lines[0].contains("\\u001B"))
    }
}
