import LatencyMetrics
public import RunRecords

/// What `run` prints at the end: verdict first, then what it rests on.
///
/// At most 100 columns, but for the command to copy.
public enum TerminalSummary {
    /// The report of `record`; `folder` is where the results are, `nil` if nothing was stored.
    public static func text(_ record: RunRecord, folder: String?, inColor: Bool) -> String {
        var lines = verdict(record, inColor: inColor)
        let sections: [(String, [String])] = [
            ("Guarantees", guarantees(record)),
            ("Anomalies", anomalies(record)),
            ("Thresholds", thresholds(record)),
            ("Faults", faults(record)),
            ("Events", events(record)),
            ("Throughput", throughput(record)),
            ("Latency", latency(record)),
            ("Machine", machine(record)),
            ("Warnings", record.warnings.flatMap { TerminalText.wrapped($0, indent: 2) }),
            ("Notes", record.notes.flatMap { TerminalText.wrapped($0, indent: 2) }),
        ]
        for (title, body) in sections where !body.isEmpty {
            lines += ["", inColor ? "\u{1B}[1m\(title)\u{1B}[0m" : title] + body
        }
        lines.append("")
        if let folder { lines.append("Results: " + TerminalText.printable(folder, limit: 90)) }
        if !record.command.isEmpty {
            let command = record.command.map(quoted).joined(separator: " ")
            // Never wrapped: it is there to be copied.
            lines.append("Repeat: " + TerminalText.printable(command, limit: .max))
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

    private static func verdict(_ record: RunRecord, inColor: Bool) -> [String] {
        let word = verdictWord(exitCode: record.exitCode)
        let reason = record.exitReason.isEmpty ? "no reason was recorded" : record.exitReason
        var lines = TerminalText.wrapped("\(word): \(reason)", indent: 0)
        if inColor, let first = lines.first {
            let color = ["PASS": "32", "INCONCLUSIVE": "33", "INTERRUPTED": "33"][word] ?? "31"
            lines[0] = "\u{1B}[1;\(color)m\(word)\u{1B}[0m" + first.dropFirst(word.count)
        }
        lines += TerminalText.wrapped(
            "\(record.scenario), driver \(record.driver), seed \(record.seed)",
            indent: 0
        )
        return lines + TerminalText.wrapped(record.summary, indent: 0)
    }

    private static func guarantees(_ record: RunRecord) -> [String] {
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
        return table.lines
    }

    private static func anomalies(_ record: RunRecord) -> [String] {
        guard !record.anomalies.isEmpty else { return [] }
        var table = TerminalTable([.left, .left, .left, .left, .right, .left])
        table.append(["", "anomaly", "side", "blame", "times", "where"])
        let shown = 20
        for anomaly in record.anomalies.prefix(shown) {
            var place = anomaly.topic
            if let partition = anomaly.partition { place += "/\(partition)" }
            if let key = anomaly.key { place += " key \(key)" }
            table.append([
                anomaly.id, anomaly.name, anomaly.side.rawValue, anomaly.blame.rawValue,
                NumberText.grouped(anomaly.count), place,
            ])
        }
        let more = record.anomalies.count - shown
        return table.lines + (more > 0 ? ["  and \(more) more in anomalies.csv"] : [])
    }

    private static func thresholds(_ record: RunRecord) -> [String] {
        var table = TerminalTable([.left, .left, .right, .left])
        for threshold in record.thresholds {
            table.append([
                threshold.outcome == .missed ? "MISSED" : threshold.outcome.rawValue,
                threshold.text,
                threshold.measured.map { measured($0, unit: threshold.unit) } ?? "-",
                threshold.reason,
            ])
        }
        return table.lines
    }

    private static func faults(_ record: RunRecord) -> [String] {
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
        return table.lines
    }

    private static func measured(_ value: Double, unit: String) -> String {
        unit == "ns" && value.magnitude < 9e18
            ? NumberText.duration(Int64(value))
            : number(value) + " \(unit)"
    }

    private static func number(_ value: Double) -> String {
        value.magnitude < 100 ? NumberText.decimal(value) : NumberText.rate(value)
    }

    /// One word of a shell command, quoted if it has to be.
    private static func quoted(_ word: String) -> String {
        let plain = word.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || "0"..."9" ~= scalar
                    || "-_./=:,@%+".unicodeScalars.contains(scalar))
        }
        guard !plain || word.isEmpty else { return word }
        return "'"
            + word.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
