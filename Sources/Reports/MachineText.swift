import LatencyMetrics
import RunRecords

/// The machine and the build in one line, for the reader of a report.
enum MachineText {
    static func text(_ machine: EnvironmentRecord, _ versions: VersionRecord) -> String {
        var parts: [String] = []
        if !machine.processorModel.isEmpty { parts.append(machine.processorModel) }
        if machine.processors > 0 { parts.append("\(machine.processors) processors") }
        if let before = machine.placementBefore, let after = machine.placementAfter {
            let label = PlacementReading.label(before: before, after: after).rawValue
            let changed = before.label == after.label ? "" : " (\(before.label), \(after.label))"
            parts.append("placement \(label)\(changed)")
        }
        if !machine.kernel.isEmpty { parts.append(machine.kernel) }
        if !versions.swift.isEmpty { parts.append("Swift \(versions.swift)") }
        if versions.build == "debug" { parts.append("DEBUG BUILD: numbers mean little") }
        return parts.joined(separator: ", ")
    }
}
