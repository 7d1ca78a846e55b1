import LatencyMetrics
import RunRecords

extension TerminalSummary {
    var events: [String] {
        let totals = record.totals
        let main = [
            ("published", totals.published), ("confirmed", totals.confirmed),
            ("delivered", totals.delivered), ("applied", totals.applied),
        ]
        let exceptional = [
            ("lost", totals.lost), ("duplicated", totals.duplicated),
            ("reordered", totals.reordered), ("refused", totals.refused),
            ("unresolved", totals.unresolved), ("dead-lettered", totals.deadLettered),
            ("given up", totals.givenUp), ("redelivered", totals.redelivered),
            ("recognised", totals.recognised), ("corrupted", totals.corrupted),
            ("foreign", totals.foreign), ("stale answers", totals.staleReceipts),
            ("dropped by overflow", totals.declaredDrops),
        ]
        let alwaysShown: Set<String> = ["lost", "duplicated", "reordered"]
        let shown = main + exceptional.filter { $0.1 != 0 || alwaysShown.contains($0.0) }
        let text = shown.map { "\($0.0) \(NumberText.grouped($0.1))" }.joined(separator: ", ")
        return wrapped(text)
    }

    var throughput: [String] {
        let rates = record.throughput
        var text = "\(NumberText.rate(rates.confirmedPerSecond)) events/s confirmed"
        if let target = rates.targetPerSecond {
            text += " (target \(NumberText.rate(target)))"
        }
        text += ", \(NumberText.rate(rates.handledPerSecond)) handled/s"
        text += ", \(NumberText.bytes(rates.bytesPerSecond))/s"
        if let conditions = rates.conditions { text += "; \(conditions)" }
        var lines = wrapped(text)
        let perSecond = record.timeline.map { row in
            Double(row.confirmed) / max(1e-9, Double(row.lengthNanoseconds) / 1e9)
        }
        let spark = TerminalText.sparkline(perSecond, width: min(60, width - 2))
        if let highest = perSecond.max(), perSecond.count > 1, !spark.isEmpty {
            let scale = "0 to \(NumberText.rate(highest)) events/s over the run"
            let fits = spark.count + scale.count + 4 <= width
            lines += fits ? ["  \(spark)  \(scale)"] : ["  \(spark)"] + wrapped(scale)
        }
        if let bytes = record.resources.bytesAllocatedPerEvent {
            let method = record.resources.allocationMethod
            let how = method.isEmpty ? "" : " (\(method))"
            lines += wrapped("\(Self.number(bytes)) bytes allocated per event\(how)")
        }
        return lines
    }

    var latency: [String] {
        let shown = record.latencies.filter { $0.kind != .slip && $0.histogram.total > 0 }
        guard !shown.isEmpty else { return [] }
        var table = TerminalTable(
            [.left, .left, .left] + Array(repeating: TerminalTable.Alignment.right, count: 6)
        )
        table.append(["", "", "phase", "p50", "p90", "p99", "p99.9", "max", "events"])
        for one in shown {
            if one.kind == .service, !record.isOpenLoop {
                table.append(
                    [Self.name(one), "response", one.phase] + Array(repeating: "n/a", count: 5) + [
                        "-"
                    ]
                )
            }
            let values = [50, 90, 99, 99.9].map { one.histogram.value(atPercentile: $0) }
            table.append(
                [Self.name(one), one.kind.rawValue, one.phase]
                    + (values + [one.histogram.highest]).map { value in
                        value.map(NumberText.duration) ?? "-"
                    } + [NumberText.grouped(one.histogram.total)]
            )
        }
        return table.lines(width: width) + remarks
    }

    private var remarks: [String] {
        var texts: [String] = []
        texts.append(
            record.isOpenLoop
                ? "response: from the intended time (safe against coordinated omission); "
                    + "service: from the actual send"
                : "closed loop: no schedule, so no response times; service: from the actual send"
        )
        if let slip = record.generator.slipP99Nanoseconds {
            texts.append("99 % of sends were at most \(NumberText.duration(slip)) late")
        }
        let overflows = record.latencies.map(\.histogram.overflows).reduce(0, +)
        if overflows > 0 {
            texts.append("\(NumberText.grouped(overflows)) samples lie beyond the histograms")
        }
        return texts.flatMap { wrapped($0) }
    }

    var machine: [String] {
        wrapped(MachineText.text(record.environment, record.versions))
    }

    private static func name(_ one: LabelledHistogram) -> String {
        one.group.isEmpty ? one.stage.rawValue : "\(one.stage.rawValue) \(one.group)"
    }
}
