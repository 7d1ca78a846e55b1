import LatencyMetrics
import RunRecords

/// One column of a comparison's table.
struct BenchColumn {
    var title: String
    var alignment: TerminalTable.Alignment
    var cells: [String]
    /// What to say once instead, where all cells are the same; `nil` if the column must be shown.
    var shared: String?

    private init(
        _ title: String,
        _ alignment: TerminalTable.Alignment = .right,
        cells: [String],
        sharedAs text: ((String) -> String)? = nil
    ) {
        self.title = title
        self.alignment = alignment
        self.cells = cells
        if let text, let first = cells.first, cells.allSatisfy({ $0 == first }) {
            shared = first.isEmpty ? "" : text(first)
        }
    }

    /// All columns for `rows`, but for those that say nothing at all.
    static func all(of rows: [BenchRow], _ candidates: [BenchCandidate]) -> [BenchColumn] {
        let columns = features(rows.map { candidates[$0.candidate] }) + measures(rows)
        return columns.filter { $0.shared != "" }
    }

    private static func features(_ candidates: [BenchCandidate]) -> [BenchColumn] {
        func text(_ value: Int?) -> String { value.map { String($0) } ?? "" }
        return [
            BenchColumn("", .left, cells: candidates.map(\.subject)),
            BenchColumn("topology", .left, cells: candidates.map(\.topology)) { $0 },
            BenchColumn("bytes", cells: candidates.map { text($0.payloadBytes) }) { "\($0) B" },
            BenchColumn("batch", cells: candidates.map { text($0.batch) }) { "batch \($0)" },
            BenchColumn("slots", cells: candidates.map { text($0.capacity) }) {
                "capacity \($0)"
            },
            BenchColumn("wait", .left, cells: candidates.map(\.wait)) { "wait \($0)" },
        ]
    }

    private static func measures(_ rows: [BenchRow]) -> [BenchColumn] {
        let latencies = rows.map { ($0.latencyP50Nanoseconds, $0.latencyP99Nanoseconds) }
        return [
            BenchColumn("M/s", cells: rows.map { millions($0.eventsPerSecond.median) }),
            BenchColumn(
                "range",
                cells: rows.map {
                    millions($0.eventsPerSecond.minimum) + "-"
                        + millions($0.eventsPerSecond.maximum)
                }
            ),
            BenchColumn(
                "ratio",
                cells: rows.map { $0.ratio.map { NumberText.fixed($0, places: 2) } ?? "-" }
            ),
            BenchColumn("p50", cells: latencies.map { latency($0.0) }) {
                $0 == "-" ? "" : "p50 \($0)"
            },
            BenchColumn("p99", cells: latencies.map { latency($0.1) }) {
                $0 == "-" ? "" : "p99 \($0)"
            },
            BenchColumn("CPU", cells: rows.map { significant($0.processorSeconds.median) }),
            BenchColumn(
                "B/event",
                cells: rows.map { row in
                    row.bytesAllocatedPerEvent.map { NumberText.decimal($0.median, places: 2) }
                        ?? "-"
                }
            ) { $0 == "-" ? "allocations not counted" : "\($0) bytes allocated per event" },
            BenchColumn("wrong", .left, cells: rows.map { mark($0.faults) }) { _ in
                "nothing lost or out of order"
            },
            BenchColumn("n", cells: rows.map { "\($0.eventsPerSecond.count)" }) {
                $0 == "1" ? "1 sample each" : "\($0) samples each"
            },
        ]
    }

    /// Millions with two or three significant digits.
    static func millions(_ value: Double) -> String { significant(value / 1e6) }

    private static func significant(_ value: Double) -> String {
        let places =
            switch value.magnitude {
            case 99.95...: 0
            case 9.995...: 1
            case 0.0995...: 2
            case 0.00995...: 3
            default: 4
            }
        return NumberText.fixed(value, places: places)
    }

    private static func latency(_ spread: SampleSpread?) -> String {
        spread.map { NumberText.duration(Int64($0.median.rounded())) } ?? "-"
    }

    /// The worst that was wrong, in one word.
    private static func mark(_ faults: BenchFaults) -> String {
        if faults.isNone { return "none" }
        if faults.isStuck { return "STUCK" }
        if faults.lost > 0 { return "LOST" }
        if faults.orderViolations > 0 { return "DISORDER" }
        return "BROKEN"
    }

    /// Everything that was wrong, in words.
    static func words(for faults: BenchFaults) -> String {
        var words: [String] = []
        let counts = [
            (faults.orderViolations, "out of order"), (faults.lost, "lost"),
            (faults.duplicated, "too many"), (faults.damaged, "damaged"),
        ]
        for (count, what) in counts where count > 0 {
            words.append("\(NumberText.grouped(count)) \(what)")
        }
        if faults.isStuck { words.append("stood still until given up") }
        if !faults.violated.isEmpty { words.append(faults.violated) }
        return words.isEmpty ? "nothing" : words.joined(separator: ", ")
    }
}
