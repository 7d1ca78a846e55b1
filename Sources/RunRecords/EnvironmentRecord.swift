public import LatencyMetrics

/// The machine that a run took place on.
///
/// Empty where the system does not say.
public struct EnvironmentRecord: Codable, Hashable, Sendable {
    /// The processor's name.
    public var processorModel = ""
    /// Processors that the process may use.
    public var processors = 0
    /// `x86_64` or `arm64`.
    public var architecture = ""
    /// The kernel's name and release.
    public var kernel = ""
    /// The operating system's name and version.
    public var operatingSystem = ""
    /// How the processor's frequency is chosen.
    public var governor = ""
    /// Memory of the machine.
    public var memoryBytes: Int64 = 0
    /// Processor limit of the control group.
    public var processorLimit = ""
    /// Memory limit of the control group.
    public var memoryLimit = ""
    /// What the monotonic clock is made of.
    public var clockSource = ""
    /// Which allocator is active.
    public var allocator = ""
    /// Whether hyperthreads are on.
    public var simultaneousThreads = ""
    /// The virtual machine monitor.
    public var virtualisation = ""
    /// How far apart the processors were before the measured window.
    public var placementBefore: PlacementReading?
    /// And after it.
    public var placementAfter: PlacementReading?

    /// An unknown machine.
    public init() {}

    /// The placement that holds for the whole run; `nil` if it was not probed.
    public var placement: PlacementLabel? {
        guard let placementBefore, let placementAfter else { return nil }
        return PlacementReading.label(before: placementBefore, after: placementAfter)
    }
}
