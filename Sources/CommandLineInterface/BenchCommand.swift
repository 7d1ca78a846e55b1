import ArgumentParser
import Messaging
import Reports
import RingTrials
import RunRecords
import Scenarios

/// Compares rings, topologies and drivers.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Compares rings, topologies and drivers on this machine, interleaved.",
        discussion: """
            Without a scenario: rings between threads, and the whole path through each driver. \
            With one: its workload on each of --drivers, checks on. Rates are compared only where \
            the processors were equally far apart. The kind named appending is the multicast ring \
            with lock-free producers. Exit 1: a candidate lost or reordered items.
            """
    )

    private static let usualBase = "results"

    @Argument(help: "A scenario whose workload is run on each driver.")
    var scenario: String?

    @OptionGroup var choice: BenchChoice

    @Option(help: ArgumentHelp("Where results go.", valueName: "dir"))
    var out = Self.usualBase

    @Option(help: "What is printed: table or json.")
    var format = OutputFormat.table

    @Flag(help: "No progress and nothing on standard output; exit code and results remain.")
    var quiet = false

    @Flag(help: "No colour.")
    var noColor = false

    func run() throws {
        let plan = try BenchPlan(choice, scenario: scenario)
        InterruptWatch.begin()
        let session = BenchSession(
            plan: plan,
            base: out,
            command: repeating,
            showsProgress: !quiet && Terminal.error.isCapable
        )
        do {
            let (record, folder) = try session.run()
            if !quiet { show(record, folder) }
            let exit = GyreExit(rawValue: Int32(record.exitCode)) ?? .ownFault
            // What is not stored has not succeeded.
            let worst = GyreExit.worst(folder == nil ? [exit, .brokerGone] : [exit])
            guard worst == .held else { throw worst.code }
        } catch let failure as SessionFailure {
            Console.complain("error: bench: \(failure)")
            throw failure.exit.code
        }
    }

    private func show(_ record: BenchRecord, _ folder: String?) {
        switch format {
        case .table:
            let terminal = Terminal.output
            Console.print(
                BenchSummary.text(
                    record,
                    folder: folder,
                    inColor: terminal.isCapable && terminal.wantsColor && !noColor,
                    columns: terminal.columns
                )
            )
        case .json:
            Console.print(BenchSummary.line(record, folder: folder ?? ""))
        }
    }

    /// The command line that repeats this comparison.
    private var repeating: [String] {
        var words = ["gyre", "bench"] + (scenario.map { [$0] } ?? []) + choice.repeated
        if out != Self.usualBase { words += ["--out", out] }
        return words
    }
}
