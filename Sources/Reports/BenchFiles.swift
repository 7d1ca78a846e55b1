import Foundation
import LatencyMetrics
public import RunRecords

/// The files that stand beside every `bench.json`.
public enum BenchFiles {
    /// All of them, with their contents.
    public static func all(for record: BenchRecord) -> [RunFolder.File] {
        [("bench.csv", rows(record)), ("samples.csv", samples(record))]
            .map { RunFolder.File(name: $0.0, contents: Data($0.1.utf8)) }
    }

    private static let featureHeader = [
        "group", "subject", "topology", "payload_bytes", "batch", "capacity", "wait", "placement",
    ]
    private static let faultHeader = [
        "order_violations", "lost", "duplicated", "damaged", "stuck", "violated",
    ]

    /// `bench.csv`: one row a candidate and placement; latencies are medians over its samples.
    public static func rows(_ record: BenchRecord) -> String {
        var table = CSVTable(
            header: featureHeader + [
                "samples", "rate_median_per_s", "rate_min_per_s", "rate_max_per_s", "ratio",
                "ratio_to", "latency_p50_ns", "latency_p99_ns", "cpu_seconds",
                "bytes_allocated_per_event",
            ] + faultHeader
        )
        for row in record.rows {
            let rate = row.eventsPerSecond
            table.append(
                features(record.candidates[row.candidate], row.placement) + [
                    String(rate.count), text(rate.median), text(rate.minimum),
                    text(rate.maximum), text(row.ratio, places: 6),
                    record.candidates[row.baseline].name,
                    whole(row.latencyP50Nanoseconds?.median),
                    whole(row.latencyP99Nanoseconds?.median),
                    text(row.processorSeconds.median, places: 9),
                    text(row.bytesAllocatedPerEvent?.median, places: 6),
                ] + faults(row.faults)
            )
        }
        return table.text
    }

    /// `samples.csv`: one row a measurement, those that do not count included.
    public static func samples(_ record: BenchRecord) -> String {
        var table = CSVTable(
            header: ["round"] + featureHeader + [
                "probe_before_ns", "probe_after_ns", "events", "duration_ns", "rate_per_s",
                "latency_p50_ns", "latency_p99_ns", "cpu_seconds", "queued_share",
                "disturbance", "bytes_allocated_per_event",
            ] + faultHeader
        )
        for sample in record.samples {
            let candidate = record.candidates[sample.candidate]
            table.append(
                [String(sample.round)] + features(candidate, sample.placement) + [
                    text(sample.placementBefore.roundTrip?.median),
                    text(sample.placementAfter.roundTrip?.median), String(sample.events),
                    String(sample.nanoseconds), text(sample.eventsPerSecond),
                    whole(sample.latencyP50Nanoseconds), whole(sample.latencyP99Nanoseconds),
                    text(sample.processorSeconds, places: 9),
                    text(sample.queuedShare, places: 4), sample.disturbance.rawValue,
                    text(sample.bytesAllocatedPerEvent, places: 6),
                ] + faults(sample.faults)
            )
        }
        return table.text
    }

    private static func features(
        _ candidate: BenchCandidate,
        _ placement: PlacementLabel
    ) -> [String] {
        func text(_ value: Int?) -> String { value.map { String($0) } ?? "" }
        return [
            candidate.group, candidate.subject, candidate.topology, text(candidate.payloadBytes),
            text(candidate.batch), text(candidate.capacity), candidate.wait, placement.rawValue,
        ]
    }

    private static func faults(_ faults: BenchFaults) -> [String] {
        [faults.orderViolations, faults.lost, faults.duplicated, faults.damaged].map { String($0) }
            + [faults.isStuck ? "1" : "0", faults.violated]
    }

    private static func text(_ value: Double?, places: Int = 3) -> String {
        value.map { NumberText.decimal($0, places: places) } ?? ""
    }

    private static func whole(_ value: Double?) -> String {
        text(value?.rounded(), places: 0)
    }
}
