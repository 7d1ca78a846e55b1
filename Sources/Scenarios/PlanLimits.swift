import Foundation

/// What a plan must fit into, and how files made for larger machines are cut down.
public struct PlanLimits: Hashable, Sendable {
    /// What the broker's rings may take together.
    public var memoryBytes: Int
    /// Factor on the durations of an OMB workload; `nil` chooses about 10 s of measurement.
    public var timeScale: Double?
    /// The most topics of an OMB workload; `nil` for as many as fit.
    public var topics: Int?
    /// The largest backlog of an OMB workload in bytes; `nil` for what fits.
    public var backlogBytes: Int?
    /// A scenario file that is longer is refused unread.
    public var fileBytes: Int
    /// The drivers that a scenario may name; empty if any name will do.
    public var drivers: [String]

    /// Limits with `memoryBytes` for rings.
    public init(memoryBytes: Int) {
        self.memoryBytes = memoryBytes
        timeScale = nil
        topics = nil
        backlogBytes = nil
        fileBytes = 1 << 20
        drivers = []
    }

    /// Half of the memory that this machine, or the control group that we run in, has.
    public static var ofThisMachine: PlanLimits {
        var bytes = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        let groups = [
            "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        ]
        for path in groups {
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            let text = String(decoding: data, as: UTF8.self)
            let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
            if let limit, limit > 0 { bytes = min(bytes, limit) }
        }
        return PlanLimits(memoryBytes: bytes / 2)
    }
}
