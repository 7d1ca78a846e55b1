import Foundation
import Messaging
import NullDriver
import RingDriver
import Runs
import Scenarios
import SubprocessDriver

/// The drivers of this build: the only place that knows them all.
enum DriverCatalogue {
    /// One driver, for people.
    struct Entry {
        var name: String
        var what: String
        var profile: PromiseProfile?
        /// `nil` if it can be used here, else what is missing and how to get it.
        var missing: String?
    }

    static var names: [String] { entries.map(\.name) }

    /// Whether a driver ever delivers what it was given.
    static func delivers(_ name: String) -> Bool { name != NullDriver.name }

    /// How many processes a driver's broker has on this machine besides Gyre's.
    static func brokerProcesses(_ name: String) -> Int { name == SubprocessDriver.name ? 1 : 0 }

    static var entries: [Entry] {
        [
            Entry(
                name: RingDriver.name,
                what: "the embedded broker, in this process; the default; "
                    + "{ kind: ring, intake: lock-free } lets no stopped producer hold up others",
                profile: RingDriver.profile
            ),
            Entry(
                name: NullDriver.name,
                what: "confirms and forgets: the cost of the harness itself",
                profile: PromiseProfile(capabilities: [.confirm])
            ),
            Entry(
                name: SubprocessDriver.name,
                what: "any program that speaks JSON lines: { kind: subprocess, command: [...] }",
                profile: nil
            ),
        ]
    }

    /// The settings below `driver` that a driver has.
    static func settings(of name: String) -> Set<String> {
        switch name {
        case RingDriver.name: ["intake"]
        case SubprocessDriver.name: ["command"]
        default: []
        }
    }

    /// Runs `plan` on the driver that it names.
    static func run(
        _ plan: ScenarioPlan,
        _ options: RunOptions,
        _ signals: RunSignals
    ) throws -> RunResult {
        switch plan.driver.kind {
        case RingDriver.name:
            let driver = RingDriver(intake: try intake(plan))
            return try LiveRun(plan, on: driver, options: options).conduct(signals)
        case NullDriver.name:
            return try LiveRun(plan, on: NullDriver(), options: options).conduct(signals)
        case SubprocessDriver.name:
            let driver = try subprocess(plan)
            return try LiveRun(plan, on: driver, options: options).conduct(signals)
        default:
            throw DriverFailure.unavailable(
                what: "driver '\(plan.driver.kind)'",
                remedy: "use one of \(names.joined(separator: ", "))"
            )
        }
    }

    private static func intake(_ plan: ScenarioPlan) throws -> RingDriver.Intake {
        let setting = plan.driver.settings["intake"]
        let known = settings(of: RingDriver.name)
        if let unknown = plan.driver.settings.keys.filter({ !known.contains($0) }).min() {
            throw DriverFailure.unavailable(
                what: "the setting 'driver.\(unknown)'",
                remedy: "the driver \(RingDriver.name) has 'intake' alone"
            )
        }
        guard let setting else { return .claims }
        guard case .text(let name) = setting, let intake = RingDriver.Intake(rawValue: name) else {
            let names = RingDriver.Intake.allCases.map(\.rawValue).joined(separator: " or ")
            throw DriverFailure.unavailable(
                what: "this driver.intake",
                remedy: "set it to \(names)"
            )
        }
        return intake
    }

    private static func subprocess(_ plan: ScenarioPlan) throws -> SubprocessDriver {
        var settings = plan.driver.settings
        var command: [String] = []
        switch settings.removeValue(forKey: "command") {
        case .list(let words): command = words
        case .text(let word): command = word.split(separator: " ").map(String.init)
        case nil: break
        }
        guard !command.isEmpty else {
            throw DriverFailure.unavailable(
                what: "the broker program",
                remedy: "set driver.command, for example [\"python3\", \"my_broker.py\"]"
            )
        }
        return SubprocessDriver(command: command)
    }
}
