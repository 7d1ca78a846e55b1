import Clients
import Foundation
import Histories
import Messaging
import Reports
import RunRecords
import Runs
import Scenarios

/// Why a run has no result, in the terms of exit codes.
struct SessionFailure: Error, CustomStringConvertible {
    var exit: GyreExit
    var description: String
}

/// One run of one plan: prepares the output, conducts, judges, stores.
struct RunSession {
    let plan: ScenarioPlan
    let history: HistoryTap.Mode
    let base: String
    let command: [String]
    let showsProgress: Bool

    private var place: ResultsPlace { ResultsPlace(base: base) }

    /// Runs the plan and stores its results.
    ///
    /// - Returns: the record, and the folder it was stored in unless that failed.
    /// - Throws: `SessionFailure` when the run could not begin.
    func run() throws -> (RunRecord, folder: String?) {
        try place.requireWritable()
        let (record, files) = try measure()
        let folder = place.store(plan.name) { base throws(RunFolderError) in
            try RunFolder.write(record, files: files, into: base)
        } orElse: { () throws(RunFolderError) in
            ("run.json", try record.encoded())
        }
        return (record, folder)
    }

    /// Runs the plan and judges it, without storing anything.
    ///
    /// - Returns: the record, and the files that belong beside it.
    /// - Throws: `SessionFailure` when the run could not begin.
    func measure() throws -> (RunRecord, files: [RunFolder.File]) {
        let started = Int64(Date().timeIntervalSince1970 * 1000)
        let spool = HistorySpool(isOn: history == .full)
        let line = ProgressLine(name: plan.name)
        var options = RunOptions(loadFile: { path in
            try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        })
        options.history = history
        options.historySink = spool.sink
        if showsProgress { options.progress = { line.show($0) } }
        let signals = RunSignals(isInterrupted: { InterruptWatch.isInterrupted })
        let result = try conduct(options, signals)
        if showsProgress { ProgressLine.clear() }
        var record = RecordBuilder(result, RunFindings(result)).record(
            startedAtMilliseconds: started,
            command: command,
            versions: GyreVersion.record
        )
        record.plan = try resolvedPlan()
        if let warning = spool.warning { record.warnings.append(warning) }
        var files = ReportFiles.all(for: record)
        if history == .full { files.append(spool.file(for: result)) }
        return (record, files)
    }

    /// The plan as `--plan` shows it, in the words of the record.
    private func resolvedPlan() throws -> JSONValue {
        let encoded = try JSONEncoder().encode(PlanDescription(plan))
        return try JSONDecoder().decode(JSONValue.self, from: encoded)
    }

    private func conduct(_ options: RunOptions, _ signals: RunSignals) throws -> RunResult {
        do {
            return try DriverCatalogue.run(plan, options, signals)
        } catch let error as RunError {
            if case .payload = error {
                throw SessionFailure(exit: .usage, description: error.description)
            }
            throw SessionFailure(exit: .brokerGone, description: error.description)
        } catch let error as DriverFailure {
            throw SessionFailure(exit: .brokerGone, description: error.description)
        }
    }
}
