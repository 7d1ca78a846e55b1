import ArgumentParser
import Clients
import Foundation
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

    private static let usualBase = "results"

    @Argument(help: "Scenario or OMB workload files, or folders of them.")
    var scenarios: [String]

    @Flag(help: "Validate and print the resolved plan with its sizes; run nothing.")
    var plan = false

    @OptionGroup var planning: PlanningOptions

    @Option(help: ArgumentHelp("Where results go.", valueName: "dir"))
    var out = Self.usualBase

    @Option(help: "What is printed: table or json.")
    var format = OutputFormat.table

    @Option(help: "How much history is kept: full (slower), anomalies or none.")
    var history = HistoryMode.anomalies

    @Option(help: "An outcome that counts as success as well: inconclusive.")
    var allow: AllowedOutcome?

    @Flag(help: "No progress and nothing on standard output; exit code and results remain.")
    var quiet = false

    @Flag(help: "No colour.")
    var noColor = false

    func run() throws {
        let reading = ScenarioBatch(scenarios, planning)
        reading.complain()
        guard reading.isUsable else { throw GyreExit.usage.code }
        if plan {
            for plan in reading.plans { try show(PlanDescription(plan)) }
            return
        }
        InterruptWatch.begin()
        var exits: [GyreExit] = []
        for (place, plan) in reading.plans.enumerated() {
            guard !InterruptWatch.isInterrupted else {
                let left = reading.plans.count - place
                Console.complain("interrupted: \(left) of \(reading.plans.count) not run")
                exits.append(.interrupted)
                break
            }
            exits.append(try runOne(plan, reading.files[place]))
        }
        let worst = GyreExit.worst(exits)
        guard worst == .held else { throw worst.code }
    }

    private func runOne(_ plan: ScenarioPlan, _ file: String) throws -> GyreExit {
        let session = RunSession(
            plan: plan,
            history: history.mode,
            base: out,
            command: repeating(plan, file),
            showsProgress: !quiet && Terminal.error.isCapable
        )
        do {
            let (record, folder) = try session.run()
            if !quiet { show(record, folder) }
            let exit = GyreExit(rawValue: Int32(record.exitCode)) ?? .ownFault
            // What is not stored has not succeeded.
            if folder == nil { return GyreExit.worst([exit, .brokerGone]) }
            if exit == .inconclusive, allow == .inconclusive { return .held }
            return exit
        } catch let failure as SessionFailure {
            Console.complain("error: \(plan.name): \(failure)")
            return failure.exit
        }
    }

    private func show(_ description: PlanDescription) throws {
        switch format {
        case .table: Console.print(description.description)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            Console.print(String(decoding: try encoder.encode(description), as: UTF8.self))
        }
    }

    private func show(_ record: RunRecord, _ folder: String?) {
        switch format {
        case .table:
            let terminal = Terminal.output
            let text = TerminalSummary.text(
                record,
                folder: folder,
                inColor: terminal.isCapable && terminal.wantsColor && !noColor,
                columns: terminal.columns
            )
            Console.print(text)
        case .json:
            Console.print(JSONReports.verdict(record, folder: folder ?? ""))
        }
    }

    /// The command line that repeats this run.
    private func repeating(_ plan: ScenarioPlan, _ file: String) -> [String] {
        var words = ["gyre", "run", file] + planning.repeated
        words += ["--seed", String(plan.phases.seed)]
        if history != .anomalies { words += ["--history", history.rawValue] }
        if out != Self.usualBase { words += ["--out", out] }
        return words
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
