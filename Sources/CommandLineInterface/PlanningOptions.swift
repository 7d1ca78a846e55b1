import ArgumentParser
import Scenarios

/// The flags that change a plan.
struct PlanningOptions: ParsableArguments {
    @Option(help: "Seed of every random decision: a number or a git hash.")
    var seed: String?

    @Option(
        help: ArgumentHelp(
            "Changes one value: path.to.key=value, list items by name. Repeatable.",
            valueName: "path=value"
        )
    )
    var set: [String] = []

    @Option(help: ArgumentHelp("Runs on this driver.", valueName: "name"))
    var driver: String?

    @Option(help: ArgumentHelp("Shortens load so that a run takes at most this.", valueName: "10s"))
    var maxTime: String?

    @Option(help: ArgumentHelp("What a plan may need, such as 2GiB.", valueName: "size"))
    var maxMemory: String?

    @Option(help: ArgumentHelp("OMB files: factor on their durations.", valueName: "factor"))
    var timeScale: Double?

    @Option(help: ArgumentHelp("OMB files: the most topics.", valueName: "count"))
    var maxTopics: Int?

    @Option(help: ArgumentHelp("OMB files: the largest backlog.", valueName: "size"))
    var maxBacklog: String?

    var overrides: Overrides {
        Overrides(settings: set, seed: seed, driver: driver)
    }

    /// The words of a command line that say the same, but for the seed.
    var repeated: [String] {
        var words = set.flatMap { ["--set", $0] }
        if let driver { words += ["--driver", driver] }
        if let maxTime { words += ["--max-time", maxTime] }
        if let maxMemory { words += ["--max-memory", maxMemory] }
        if let timeScale { words += ["--time-scale", String(timeScale)] }
        if let maxTopics { words += ["--max-topics", String(maxTopics)] }
        if let maxBacklog { words += ["--max-backlog", maxBacklog] }
        return words
    }

    /// - Throws: a validation error, which names the flag.
    func limits() throws -> PlanLimits {
        var limits = PlanLimits.ofThisMachine
        limits.drivers = DriverCatalogue.names
        if let maxMemory {
            limits.memoryBytes = try bytes(maxMemory, flag: "--max-memory")
        }
        if let maxBacklog {
            limits.backlogBytes = try bytes(maxBacklog, flag: "--max-backlog")
        }
        if let timeScale {
            guard timeScale > 0, timeScale.isFinite else {
                throw ValidationError("--time-scale \(timeScale): it must be above 0")
            }
            limits.timeScale = timeScale
        }
        if let maxTopics {
            guard maxTopics > 0 else {
                throw ValidationError("--max-topics \(maxTopics): at least one topic is needed")
            }
            limits.topics = maxTopics
        }
        return limits
    }

    /// The longest a run may take; `nil` for as long as its plan says.
    func maxDuration() throws -> Duration? {
        guard let maxTime else { return nil }
        guard let duration = Self.duration(maxTime) else {
            throw ValidationError("--max-time \(maxTime): a duration such as 30s or 5m is needed")
        }
        return duration
    }

    /// The duration that `text` spells, if it does.
    static func duration(_ text: String) -> Duration? {
        do throws(QuantityProblem) {
            return try Quantity.duration(text)
        } catch {
            return nil
        }
    }

    private func bytes(_ text: String, flag: String) throws -> Int {
        do throws(QuantityProblem) {
            return try Quantity.size(text)
        } catch {
            throw ValidationError("\(flag) \(text): a size such as 512MiB or 2GiB is needed")
        }
    }
}
