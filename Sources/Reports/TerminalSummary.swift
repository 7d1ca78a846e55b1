import LatencyMetrics
public import RunRecords

/// What `run` prints at the end: verdict first, then what it rests on.
///
/// As wide as the terminal but at most 100 columns, except for what is there to be copied.
public struct TerminalSummary {
    let record: RunRecord
    let width: Int
    private let inColor: Bool

    /// The report of `record`; `folder` is where the results are, `nil` if nothing was stored.
    ///
    /// `columns` is the terminal's width; `nil` if there is no terminal.
    public static func text(
        _ record: RunRecord,
        folder: String?,
        inColor: Bool,
        columns: Int?
    ) -> String {
        let width = columns.map { max(TerminalText.widthMin, $0) } ?? TerminalText.widthMax
        let summary = TerminalSummary(
            record: record,
            width: min(width, TerminalText.widthMax),
            inColor: inColor
        )
        return summary.text(folder: folder)
    }

    private func text(folder: String?) -> String {
        var lines = verdict
        let sections: [(String, [String])] = [
            ("Guarantees", guarantees),
            ("Anomalies", anomalies),
            ("Thresholds", thresholds),
            ("Faults", faults),
            ("Events", events),
            ("Throughput", throughput),
            ("Latency", latency),
            ("Machine", machine),
            ("Warnings", record.warnings.flatMap { wrapped($0) }),
            ("Notes", record.notes.flatMap { wrapped($0) }),
        ]
        for (title, body) in sections where !body.isEmpty {
            lines += ["", inColor ? "\u{1B}[1m\(title)\u{1B}[0m" : title] + body
        }
        lines.append("")
        // Never wrapped nor cut: these are there to be copied.
        if let folder { lines.append("Results: " + TerminalText.printable(folder, limit: .max)) }
        if !record.command.isEmpty {
            lines.append("Repeat: " + TerminalText.shellCommand(record.command))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The word that an exit code stands for.
    static func verdictWord(exitCode: Int) -> String {
        switch exitCode {
        case 0: "PASS"
        case 1, 5: "FAIL"
        case 4: "INCONCLUSIVE"
        case 130: "INTERRUPTED"
        default: "ERROR"
        }
    }

    /// `text` in the body of a section.
    func wrapped(_ text: String) -> [String] {
        TerminalText.wrapped(text, indent: 2, width: width)
    }

    private var verdict: [String] {
        let word = Self.verdictWord(exitCode: record.exitCode)
        let reason = record.exitReason.isEmpty ? "no reason was recorded" : record.exitReason
        var lines = TerminalText.wrapped("\(word): \(reason)", indent: 0, width: width)
        if inColor, let first = lines.first {
            let color = ["PASS": "32", "INCONCLUSIVE": "33", "INTERRUPTED": "33"][word] ?? "31"
            lines[0] = "\u{1B}[1;\(color)m\(word)\u{1B}[0m" + first.dropFirst(word.count)
        }
        lines += TerminalText.wrapped(
            "\(record.scenario), driver \(record.driver), seed \(record.seed)",
            indent: 0,
            width: width
        )
        lines += TerminalText.wrapped(record.summary, indent: 0, width: width)
        return lines + hint
    }

    /// Where to read about the guarantee that decided.
    private var hint: [String] {
        let decisive: CheckOutcome? = [1: .violated, 4: .unknown][record.exitCode]
        let check = record.checks.first { $0.isRequired && $0.verdict == decisive }
        guard let check else { return [] }
        let text = "Explained by: gyre explain \(check.id)"
        return TerminalText.wrapped(text, indent: 0, width: width)
    }

    private var guarantees: [String] {
        guard !record.checks.isEmpty else { return [] }
        var table = TerminalTable([.left, .left, .left, .left, .right, .left])
        table.append(["", "", "guarantee", "side", "cases", ""])
        let order: [CheckOutcome] = [.violated, .unknown, .valid]
        for outcome in order {
            for check in record.checks where check.verdict == outcome {
                let word =
                    switch outcome {
                    case .violated: check.isRequired ? "BROKEN" : "broken"
                    case .unknown: "unknown"
                    case .valid: "held"
                    }
                let blame =
                    outcome == .violated
                    ? Set(record.anomalies.filter { $0.id == check.id }.map(\.blame.rawValue)) : []
                let remark = [
                    check.isRequired ? "" : "not required",
                    blame.isEmpty ? "" : "blame: " + blame.sorted().joined(separator: ", "),
                    check.reason,
                ]
                table.append([
                    word, check.id, check.name, check.side.rawValue,
                    NumberText.grouped(check.cases),
                    remark.filter { !$0.isEmpty }.joined(separator: "; "),
                ])
            }
        }
        return table.lines(width: width)
    }

    private var anomalies: [String] {
        guard !record.anomalies.isEmpty else { return [] }
        var table = TerminalTable([.left, .left, .left, .left, .right, .left])
        table.append(["", "anomaly", "side", "blame", "times", "where"])
        let places = anomaliesByPlace
        let shown = 20
        for (cells, count) in places.prefix(shown) {
            table.append(cells[..<4] + [NumberText.grouped(count), cells[4]])
        }
        let more = places.count - shown
        return table.lines(width: width)
            + (more > 0 ? wrapped("and \(more) more in anomalies.csv") : [])
    }

    /// What the table says of each kind of anomaly at each place, and how often it was seen there.
    private var anomaliesByPlace: [(cells: [String], count: Int64)] {
        var places: [(cells: [String], count: Int64)] = []
        var known: [[String]: Int] = [:]
        for anomaly in record.anomalies {
            var place = anomaly.topic
            if let partition = anomaly.partition { place += "/\(partition)" }
            if let key = anomaly.key { place += " key \(key)" }
            let cells = [
                anomaly.id, anomaly.name, anomaly.side.rawValue, anomaly.blame.rawValue, place,
            ]
            if let seen = known[cells] {
                places[seen].count += anomaly.count
            } else {
                known[cells] = places.count
                places.append((cells, anomaly.count))
            }
        }
        return places
    }

    private var thresholds: [String] {
        guard !record.thresholds.isEmpty else { return [] }
        var table = TerminalTable([.left, .left, .right, .left])
        table.append(["", "threshold", "measured", ""])
        for threshold in record.thresholds {
            table.append([
                threshold.outcome == .missed ? "MISSED" : threshold.outcome.rawValue,
                threshold.text,
                threshold.measured.map { Self.measured($0, unit: threshold.unit) } ?? "-",
                threshold.reason,
            ])
        }
        return table.lines(width: width)
    }

    private var faults: [String] {
        guard !record.faults.isEmpty else { return [] }
        var table = TerminalTable([
            .left, .left, .left, .right, .right, .right, .right, .left,
        ])
        table.append(["fault", "kind", "at", "eligible", "fired", "effective", "masked", ""])
        for fault in record.faults {
            let counts = [fault.eligible, fault.fired, fault.effective, fault.masked]
            var remarks: [String] = []
            if fault.fired < fault.minFired { remarks.append("fired less than \(fault.minFired)") }
            if fault.heldOverflow > 0 {
                remarks.append("\(NumberText.grouped(fault.heldOverflow)) not held back")
            }
            if let recovery = fault.recoveryNanoseconds {
                remarks.append("recovered in \(NumberText.duration(recovery))")
            }
            table.append(
                [fault.name, fault.fault, fault.site] + counts.map(NumberText.grouped)
                    + [remarks.joined(separator: ", ")]
            )
        }
        return table.lines(width: width)
    }

    private static func measured(_ value: Double, unit: String) -> String {
        unit == "ns" && value.magnitude < 9e18
            ? NumberText.duration(Int64(value))
            : number(value) + " \(unit)"
    }

    static func number(_ value: Double) -> String {
        value.magnitude < 100 ? NumberText.decimal(value) : NumberText.rate(value)
    }
}
