import ArgumentParser
import Clients
import Messaging
import Reports
import RunRecords
import Runs
import Scenarios

/// Runs scenarios.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs scenarios: files or folders; OMB workload files are recognised as such."
    )

    @Argument(help: "Scenario or OMB workload files, or folders of them.")
    var scenarios: [String]

    @Flag(help: "Validate and print the resolved plan with its sizes; run nothing.")
    var plan = false

    @OptionGroup var planning: PlanningOptions

    @Option(help: ArgumentHelp("Where results go.", valueName: "dir"))
    var out = "results"

    @Option(help: "What is printed: table or json.")
    var format = OutputFormat.table

    @Option(help: "How much history is kept: full (slower), anomalies or none.")
    var history = HistoryMode.anomalies

    @Option(help: "An outcome that counts as success as well: inconclusive.")
    var allow: AllowedOutcome?

    @Flag(help: "No progress and no table; the exit code and the results folder remain.")
    var quiet = false

    @Flag(help: "No colour.")
    var noColor = false

    func run() throws {
        let reading = ScenarioBatch(scenarios, planning)
        reading.complain()
        guard reading.isUsable else { throw GyreExit.usage.code }
        if plan {
            for plan in reading.plans { Console.print(PlanDescription(plan).description) }
            return
        }
        InterruptWatch.begin()
        var exits: [GyreExit] = []
        for plan in reading.plans where !InterruptWatch.isInterrupted {
            exits.append(try runOne(plan))
        }
        let worst = GyreExit.worst(exits)
        guard worst == .held else { throw worst.code }
    }

    private func runOne(_ plan: ScenarioPlan) throws -> GyreExit {
        let session = RunSession(
            plan: plan,
            history: history.mode,
            base: out,
            command: repeating(plan),
            showsProgress: !quiet && Console.errorIsTerminal
        )
        do {
            let (record, folder) = try session.run()
            if !quiet { show(record, folder) }
            let exit = GyreExit(rawValue: Int32(record.exitCode)) ?? .ownFault
            if exit == .inconclusive, allow == .inconclusive { return .held }
            return exit
        } catch let failure as SessionFailure {
            Console.complain("error: \(plan.name): \(failure)")
            return failure.exit
        }
    }

    private func show(_ record: RunRecord, _ folder: String?) {
        switch format {
        case .table:
            let inColor = !noColor && Console.outputIsTerminal
            Console.print(TerminalSummary.text(record, folder: folder, inColor: inColor))
        case .json:
            Console.print(JSONReports.verdict(record, folder: folder ?? ""))
        }
    }

    /// The command line that repeats this run.
    private func repeating(_ plan: ScenarioPlan) -> [String] {
        var words = ["gyre", "run"] + scenarios
        for setting in planning.set { words += ["--set", setting] }
        if let driver = planning.driver { words += ["--driver", driver] }
        return words + ["--seed", String(plan.phases.seed)]
    }
}

/// What `--format` can be.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

/// What `--history` can be.
enum HistoryMode: String, ExpressibleByArgument, CaseIterable {
    case full
    case anomalies
    case none

    var mode: HistoryTap.Mode {
        switch self {
        case .full: .full
        case .anomalies: .anomalies
        case .none: .none
        }
    }
}

/// What `--allow` can be.
enum AllowedOutcome: String, ExpressibleByArgument, CaseIterable {
    case inconclusive
}
