import RunRecords

/// The numbers of a run that have a name of their own.
enum RunMetrics {
    static func all(of record: RunRecord) -> [MetricRecord] {
        totals(record.totals) + rates(record.throughput) + resources(record)
    }

    private static func totals(_ totals: RunTotals) -> [MetricRecord] {
        let events: [(String, Int64)] = [
            ("published", totals.published), ("confirmed", totals.confirmed),
            ("refused", totals.refused), ("unknown", totals.unknown), ("resent", totals.resent),
            ("delivered", totals.delivered), ("redelivered", totals.redelivered),
            ("acknowledged", totals.acknowledged), ("applied", totals.applied),
            ("recognised", totals.recognised), ("dead_lettered", totals.deadLettered),
            ("given_up", totals.givenUp), ("lost", totals.lost),
            ("duplicated", totals.duplicated), ("reordered", totals.reordered),
            ("unresolved", totals.unresolved), ("foreign", totals.foreign),
            ("corrupted", totals.corrupted), ("stale_receipts", totals.staleReceipts),
            ("spurious_confirms", totals.spuriousConfirms),
            ("declared_drops", totals.declaredDrops),
        ]
        let bytes = MetricRecord("published_bytes", Double(totals.publishedBytes), unit: "bytes")
        return events.map { MetricRecord($0.0, Double($0.1), unit: "events") } + [bytes]
    }

    private static func rates(_ rates: ThroughputRecord) -> [MetricRecord] {
        var metrics = [
            MetricRecord("throughput", rates.confirmedPerSecond, unit: "events/s"),
            MetricRecord("delivery_throughput", rates.handledPerSecond, unit: "events/s"),
            MetricRecord("byte_throughput", rates.bytesPerSecond, unit: "bytes/s"),
        ]
        if let target = rates.targetPerSecond {
            metrics.append(MetricRecord("target_throughput", target, unit: "events/s"))
        }
        return metrics
    }

    private static func resources(_ record: RunRecord) -> [MetricRecord] {
        let used = record.resources
        var metrics = [
            MetricRecord("cpu_seconds", used.processorSeconds, unit: "s"),
            MetricRecord("worker_cpu_seconds", used.workerProcessorSeconds, unit: "s"),
            MetricRecord("resident_bytes_max", Double(used.residentBytesMax), unit: "bytes"),
            MetricRecord("late_events", Double(record.generator.lateEvents), unit: "events"),
            MetricRecord(
                "clock_anomalies",
                Double(record.generator.clockAnomalies),
                unit: "samples"
            ),
        ]
        if let bytes = used.bytesAllocatedPerEvent {
            metrics.append(MetricRecord("bytes_allocated_per_event", bytes, unit: "bytes"))
        }
        return metrics
    }
}
