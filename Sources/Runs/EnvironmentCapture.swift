import CGyreShims
import Foundation
public import LatencyMetrics
public import RunRecords

/// Reads what there is to know of the machine; what it does not say stays empty.
public enum EnvironmentCapture {
    /// The machine, with how far apart its processors were before and after what was measured.
    public static func capture(
        _ placement: (before: PlacementReading, after: PlacementReading)
    ) -> EnvironmentRecord {
        var record = EnvironmentRecord()
        let processor = "/sys/devices/system/cpu/"
        record.processorModel = field("model name", in: "/proc/cpuinfo")
        record.processors = PlacementProbe.usableProcessors()
        #if arch(x86_64)
        record.architecture = "x86_64"
        #elseif arch(arm64)
        record.architecture = "arm64"
        #endif
        record.kernel = line("/proc/sys/kernel/osrelease")
        record.operatingSystem = ProcessInfo.processInfo.operatingSystemVersionString
        record.governor = line(processor + "cpu0/cpufreq/scaling_governor")
        record.memoryBytes = Int64(clamping: ProcessInfo.processInfo.physicalMemory)
        record.processorLimit = line("/sys/fs/cgroup/cpu.max")
        record.memoryLimit = line("/sys/fs/cgroup/memory.max")
        record.clockSource = line(
            "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        )
        record.allocator = gyre_thread_allocated_bytes() < 0 ? "system" : "jemalloc"
        record.simultaneousThreads = line(processor + "smt/control")
        record.virtualisation = line("/sys/class/dmi/id/sys_vendor")
        record.placementBefore = placement.before
        record.placementAfter = placement.after
        return record
    }

    private static func line(_ path: String) -> String {
        text(path).split(separator: "\n").first.map(String.init) ?? ""
    }

    private static func field(_ name: String, in path: String) -> String {
        let found = text(path).split(separator: "\n").first { $0.hasPrefix(name) }
        return found?.split(separator: ":").last.map {
            $0.trimmingCharacters(in: .whitespaces)
        } ?? ""
    }

    /// The file's text, or nothing where this system has no such file.
    private static func text(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { return "" }
        return String(bytes: data, encoding: .utf8) ?? ""
    }
}
