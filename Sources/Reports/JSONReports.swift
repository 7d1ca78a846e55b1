import Foundation
public import RunRecords

/// A run as JSON lines.
public enum JSONReports {
    /// `anomalies.jsonl`: one object an anomaly, its witness included.
    public static func anomalies(_ record: RunRecord) -> String {
        record.anomalies.map { line(value($0)) + "\n" }.joined()
    }

    /// The verdict as one line, with the keys that `check` uses and those of a run.
    ///
    /// `folder` is where the results are.
    public static func verdict(_ record: RunRecord, folder: String) -> String {
        let required = record.checks.filter(\.isRequired)
        var named: [String: JSONValue] = [:]
        for anomaly in record.anomalies {
            guard case .array(let others) = named[anomaly.name] ?? .array([]) else { continue }
            named[anomaly.name] = .array(others + [value(anomaly)])
        }
        let unknown = required.filter { $0.verdict == .unknown }
        let valid: JSONValue =
            required.contains { $0.verdict == .violated } || record.exitCode == 1
            ? false
            : !unknown.isEmpty || record.exitCode == 4 ? "unknown" : true
        return line([
            "file": .string(folder),
            "scenario": .string(record.scenario),
            "seed": .string(String(record.seed)),
            "valid": valid,
            "anomalies": .object(named),
            "unknown": .array(unknown.map { .string("\($0.id) \($0.name): \($0.reason)") }),
            "thresholds": .array(record.thresholds.map(value)),
            "throughput": .number(record.throughput.confirmedPerSecond),
            "exit_code": .integer(Int64(record.exitCode)),
            "reason": .string(record.exitReason),
        ]) + "\n"
    }

    private static func value(_ anomaly: AnomalyRecord) -> JSONValue {
        [
            "id": .string(anomaly.id),
            "name": .string(anomaly.name),
            "side": .string(anomaly.side.rawValue),
            "blame": .string(anomaly.blame.rawValue),
            "topic": .string(anomaly.topic),
            "partition": anomaly.partition.map { .integer(Int64($0)) } ?? .null,
            "key": anomaly.key.map { .string($0) } ?? .null,
            "count": .integer(anomaly.count),
            "witness": .array(anomaly.witness),
        ]
    }

    private static func value(_ threshold: ThresholdRecord) -> JSONValue {
        [
            "threshold": .string(threshold.text),
            "measured": threshold.measured.map { .number($0) } ?? .null,
            "unit": .string(threshold.unit),
            "outcome": .string(threshold.outcome.rawValue),
            "reason": .string(threshold.reason),
        ]
    }

    static func line(_ value: JSONValue) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            preconditionFailure("JSON values can always be written: \(error)")
        }
    }
}
