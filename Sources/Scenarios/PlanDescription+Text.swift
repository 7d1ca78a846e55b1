extension PlanDescription: CustomStringConvertible {
    /// A plan of thousands of topics is shown by its first ones.
    private static let mostRows = 12

    /// The plan as aligned text of several sections.
    public var description: String {
        var lines = [name]
        if !summary.isEmpty { lines.append("  " + summary) }
        lines += ["", "driver: " + driver]
        for key in settings.keys.sorted() { lines.append("  \(key): \(settings[key] ?? "")") }
        lines.append(runLine)
        if run.searchesRate { lines.append("search: the highest rate that the broker sustains") }
        if run.backlogBytes > 0 {
            let size = Figures.bytes(Int(run.backlogBytes))
            lines.append("backlog: consumers wait until \(size) have piled up")
        }
        let events = expectedEvents.map { "about \(Figures.decimal($0)) events, " } ?? ""
        lines.append("size: \(events)\(Figures.bytes(memoryBytes)) of rings")
        lines += section(
            "topics",
            ["partitions", "capacity", "overflow", "slot", "memory", "offered"],
            topics.map { topic in
                [
                    topic.name, Figures.count(topic.partitions),
                    Figures.count(topic.capacityEvents), topic.overflow,
                    Figures.bytes(topic.slotBytes), Figures.bytes(topic.memoryBytes),
                    topic.offeredPerSecond.map { $0 > 0 ? Figures.rate($0) : "-" } ?? "unbounded",
                ]
            }
        )
        lines += section(
            "producers",
            ["topic", "count", "rate", "payload", "keys", "confirm", "attempts", "idempotent"],
            producers.map {
                [
                    $0.name, $0.topic, Figures.count($0.count), $0.arrivals, $0.payload, $0.keys,
                    $0.confirm, "\($0.attempts)", $0.idempotent ? "yes" : "no",
                ]
            }
        )
        lines += groupLines + faultLines
        lines += ["", "expected"] + (expectations + thresholds).map { "  " + $0 }
        if !notes.isEmpty { lines += ["", "remarks"] + notes.map { "  " + $0 } }
        return lines.joined(separator: "\n") + "\n"
    }

    private var runLine: String {
        let warmup = Figures.duration(nanoseconds: Double(run.warmupNanoseconds))
        let duration = Figures.duration(nanoseconds: Double(run.durationNanoseconds))
        let drain = Figures.duration(nanoseconds: Double(run.drainNanoseconds))
        return "run: \(warmup) warm-up, \(duration) measured, then at most \(drain) to drain; "
            + "seed \(run.seed)"
    }

    private var groupLines: [String] {
        section(
            "consumers",
            [
                "topic", "members", "ack", "lease", "prefetch", "order", "inbox", "attempts",
                "dead letters", "busy",
            ],
            groups.map {
                [
                    $0.name, $0.topic, Figures.count($0.members), $0.ack,
                    Figures.duration(nanoseconds: Double($0.leaseNanoseconds)),
                    Figures.count($0.prefetch), $0.order, $0.inbox, "\($0.attempts)",
                    $0.deadLetters ?? "none", $0.utilisation.map(Figures.percent) ?? "unknown",
                ]
            }
        )
    }

    private var faultLines: [String] {
        section(
            "faults",
            ["kind", "at", "hits", "expected", "at least"],
            faults.map {
                [
                    $0.name, $0.kind, $0.site, $0.selection,
                    $0.expectedFires.map { "about " + Figures.decimal($0.rounded()) } ?? "unknown",
                    "\($0.minFired)",
                ]
            }
        )
    }

    /// A heading with its columns, and a row for each thing.
    private func section(_ title: String, _ columns: [String], _ rows: [[String]]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let shown = rows.prefix(Self.mostRows).map { [" " + " " + $0[0]] + $0.dropFirst() }
        let table = [[title] + columns] + shown
        let widths = (0...columns.count).map { column in
            table.map { $0[column].unicodeScalars.count }.max() ?? 0
        }
        var lines = table.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                let gap = width - cell.unicodeScalars.count + 2
                line += cell + String(repeating: " ", count: gap)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
        if rows.count > shown.count {
            lines.append("  and \(Figures.count(rows.count - shown.count)) more")
        }
        return [""] + lines
    }
}
