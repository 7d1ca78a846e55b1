import Foundation
public import RunRecords

/// The files that stand beside every `run.json`.
public enum ReportFiles {
    /// All of them, with their contents.
    public static func all(for record: RunRecord) -> [RunFolder.File] {
        [
            ("summary.csv", CSVReports.summary(record)),
            ("latency.csv", CSVReports.latency(record)),
            ("timeline.csv", CSVReports.timeline(record)),
            ("faults.csv", CSVReports.faults(record)),
            ("anomalies.csv", CSVReports.anomalies(record)),
            ("anomalies.jsonl", JSONReports.anomalies(record)),
        ].map { RunFolder.File(name: $0.0, contents: Data($0.1.utf8)) }
    }
}
