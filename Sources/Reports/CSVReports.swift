import LatencyMetrics
public import RunRecords

/// A run as comma-separated values.
///
/// Times are whole nanoseconds; empty means *there is none*.
public enum CSVReports {
    /// The percentiles of `latency.csv`; 0 is the least value, 100 the greatest.
    static let percentiles: [Double] = [0, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100]

    /// `summary.csv`: totals and rates, then what belongs to one topic, group, producer or phase.
    public static func summary(_ record: RunRecord) -> String {
        var table = CSVTable(
            header: ["metric", "value", "unit", "topic", "group", "producer", "phase"]
        )
        for metric in RunMetrics.all(of: record) + record.metrics {
            table.append([
                metric.metric, NumberText.decimal(metric.value), metric.unit, metric.topic,
                metric.group, metric.producer, metric.phase,
            ])
        }
        return table.text
    }

    /// `latency.csv`: the percentiles of every distribution that has values.
    public static func latency(_ record: RunRecord) -> String {
        var table = CSVTable(
            header: ["metric", "kind", "group", "phase", "percentile", "value_ns", "count"]
        )
        for one in record.latencies {
            for percentile in percentiles {
                let histogram = one.histogram
                let value =
                    percentile == 0
                    ? histogram.lowest
                    : percentile == 100
                        ? histogram.highest
                        : histogram.value(atPercentile: percentile)
                guard let value else { continue }
                table.append([
                    one.stage.rawValue, one.kind.rawValue, one.group, one.phase,
                    NumberText.decimal(percentile), String(value), String(histogram.total),
                ])
            }
        }
        return table.text
    }

    /// `timeline.csv`: one row an interval.
    public static func timeline(_ record: RunRecord) -> String {
        var table = CSVTable(header: [
            "start_ns", "length_ns", "published", "confirmed", "refused", "delivered",
            "acknowledged", "applied", "publish_p50_ns", "publish_p99_ns", "publish_max_ns",
            "apply_p50_ns", "apply_p99_ns", "apply_max_ns", "backlog", "lag", "held", "in_flight",
            "active_faults",
        ])
        for row in record.timeline {
            let counts = [
                row.startNanoseconds, row.lengthNanoseconds, row.published, row.confirmed,
                row.refused, row.delivered, row.acknowledged, row.applied,
            ]
            table.append(
                counts.map { String($0) } + latency(row.publishLatency) + latency(row.applyLatency)
                    + [row.backlog, row.lag, row.held, row.inFlight].map { String($0) }
                    + [row.activeFaults.joined(separator: ";")]
            )
        }
        return table.text
    }

    /// `faults.csv`: one row a declared fault.
    public static func faults(_ record: RunRecord) -> String {
        var table = CSVTable(header: [
            "name", "fault", "site", "armed", "eligible", "fired", "effective", "masked",
            "first_ns", "last_ns",
        ])
        for fault in record.faults {
            let counts = [
                fault.armed, fault.eligible, fault.fired, fault.effective, fault.masked,
            ]
            table.append(
                [fault.name, fault.fault, fault.site] + counts.map { String($0) }
                    + [text(fault.firstNanoseconds), text(fault.lastNanoseconds)]
            )
        }
        return table.text
    }

    /// `anomalies.csv`: one row an anomaly, without its witness.
    public static func anomalies(_ record: RunRecord) -> String {
        var table = CSVTable(header: [
            "id", "name", "side", "blame", "topic", "partition", "key", "count",
        ])
        for anomaly in record.anomalies {
            table.append([
                anomaly.id, anomaly.name, anomaly.side.rawValue, anomaly.blame.rawValue,
                anomaly.topic, text(anomaly.partition.map { Int64($0) }), anomaly.key ?? "",
                String(anomaly.count),
            ])
        }
        return table.text
    }

    private static func latency(_ latency: IntervalLatency?) -> [String] {
        [
            text(latency?.p50Nanoseconds), text(latency?.p99Nanoseconds),
            text(latency?.maxNanoseconds),
        ]
    }

    private static func text(_ value: Int64?) -> String {
        value.map { String($0) } ?? ""
    }
}
