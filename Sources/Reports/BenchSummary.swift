import LatencyMetrics
public import RunRecords

/// What `bench` prints at the end: verdict, one table for each group and placement, remarks.
public struct BenchSummary {
    private let record: BenchRecord
    private let width: Int
    private let inColor: Bool

    /// The report of `record`; `folder` is where the results are, `nil` if nothing was stored.
    ///
    /// `columns` is the terminal's width; `nil` if there is no terminal.
    public static func text(
        _ record: BenchRecord,
        folder: String?,
        inColor: Bool,
        columns: Int?
    ) -> String {
        let width = columns.map { max(TerminalText.widthMin, $0) } ?? TerminalText.widthMax
        let summary = BenchSummary(
            record: record,
            width: min(width, TerminalText.widthMax),
            inColor: inColor
        )
        return summary.text(folder: folder)
    }

    /// The outcome as one line of JSON; `folder` is where the results are.
    public static func line(_ record: BenchRecord, folder: String) -> String {
        let rows = record.rows.map { row in
            let candidate = record.candidates[row.candidate]
            return JSONValue.object([
                "candidate": .string(candidate.name),
                "group": .string(candidate.group),
                "ratio_to": .string(record.candidates[row.baseline].name),
                "placement": .string(row.placement.rawValue),
                "rate": .number(row.eventsPerSecond.median),
                "ratio": row.ratio.map { .number($0) } ?? .null,
                "samples": .integer(Int64(row.eventsPerSecond.count)),
                "valid": .bool(row.faults.isNone),
            ])
        }
        return JSONReports.line([
            "file": .string(folder),
            "exit_code": .integer(Int64(record.exitCode)),
            "reason": .string(record.exitReason),
            "rows": .array(rows),
        ])
    }

    private func text(folder: String?) -> String {
        var lines = verdict
        for part in parts { lines += [""] + table(of: part) }
        let machine = MachineText.text(record.environment, record.versions)
        let sections = [
            ("Wrong", wrong),
            ("Notes", (record.notes + remarks).flatMap { wrapped($0) }),
            ("Machine", wrapped(machine)),
        ]
        for (title, body) in sections where !body.isEmpty { lines += ["", bold(title)] + body }
        lines.append("")
        if let folder { lines.append("Results: " + TerminalText.printable(folder, limit: .max)) }
        if !record.command.isEmpty {
            lines.append("Repeat: " + TerminalText.shellCommand(record.command))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func bold(_ text: String) -> String { inColor ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    private func wrapped(_ text: String) -> [String] {
        TerminalText.wrapped(text, indent: 2, width: width)
    }

    private var verdict: [String] {
        let word = TerminalSummary.verdictWord(exitCode: record.exitCode)
        var lines = TerminalText.wrapped(
            "\(word): \(record.exitReason)",
            indent: 0,
            width: width
        )
        if inColor, let first = lines.first {
            let color = ["PASS": "32", "INTERRUPTED": "33"][word] ?? "31"
            lines[0] = "\u{1B}[1;\(color)m\(word)\u{1B}[0m" + first.dropFirst(word.count)
        }
        let what = record.scenario.isEmpty ? "" : "\(record.scenario): "
        let sample = NumberText.duration(record.sampleNanoseconds)
        let rounds = record.rounds == 1 ? "1 round" : "\(record.rounds) rounds"
        return lines
            + TerminalText.wrapped(
                "\(what)\(record.candidates.count) candidates, "
                    + "\(rounds) interleaved, \(sample) a sample",
                indent: 0,
                width: width
            )
    }

    /// Rows of one group at one placement.
    private struct Part {
        var group: String
        var placement: PlacementLabel
        var rows: [BenchRow]
    }

    private var parts: [Part] {
        var parts: [Part] = []
        let groups = record.candidates.map(\.group).reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        for group in groups {
            for placement in PlacementLabel.allCases {
                let rows = record.rows.filter {
                    $0.placement == placement && record.candidates[$0.candidate].group == group
                }
                guard !rows.isEmpty else { continue }
                parts.append(Part(group: group, placement: placement, rows: rows))
            }
        }
        return parts
    }

    /// What all rows share is said once, the rest has columns.
    private func table(of part: Part) -> [String] {
        let columns = BenchColumn.all(of: part.rows, record.candidates)
        let shared = columns.compactMap(\.shared)
        let shown = columns.filter { $0.shared == nil }
        var table = TerminalTable(shown.map(\.alignment))
        table.append(shown.map(\.title))
        for place in part.rows.indices {
            // What is compared stands together.
            if place > 0, part.rows[place].baseline != part.rows[place - 1].baseline {
                table.appendGap()
            }
            table.append(shown.map { $0.cells[place] })
        }
        let heading = "\(part.group), placement \(part.placement.rawValue)"
        return [bold(TerminalText.printable(heading, limit: width))]
            + wrapped(shared.joined(separator: ", ")) + table.lines(width: width)
    }

    /// What was wrong, a line a candidate.
    private var wrong: [String] {
        var faults: [Int: BenchFaults] = [:]
        for sample in record.samples where !sample.faults.isNone {
            faults[sample.candidate, default: BenchFaults()].add(sample.faults)
        }
        return faults.sorted { $0.key < $1.key }.flatMap { candidate, faults in
            wrapped("\(record.candidates[candidate].name): \(BenchColumn.words(for: faults))")
        }
    }

    private var remarks: [String] {
        guard !record.rows.isEmpty else { return ["nothing was measured that counts"] }
        var remarks = [
            "M/s: million events a second, median and range; ratio: to the first row "
                + "of its block; p50, p99: "
                + (record.scenario.isEmpty
                    ? "round trip over two rings (1p1c), or a driver's from send to delivery"
                    : "latency from send to first delivery")
                + "; CPU: seconds a sample"
        ]
        if record.rounds < Self.roundsMin {
            remarks.append(
                "\(record.rounds) rounds say little: \(Self.roundsMin) or more tell a difference "
                    + "from the machine's mood"
            )
        }
        return remarks
    }

    /// Fewer do not show the two speeds that some queues have.
    private static let roundsMin = 7
}
