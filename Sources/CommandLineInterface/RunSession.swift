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

    /// Runs the plan and stores its results.
    ///
    /// - Returns: the record, and the folder it was stored in unless that failed.
    /// - Throws: `SessionFailure` when the run could not begin.
    func run() throws -> (RunRecord, folder: String?) {
        let started = Int64(Date().timeIntervalSince1970 * 1000)
        try requireWritableBase()
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
        if showsProgress { line.clear() }
        var record = RecordBuilder(result, RunFindings(result)).record(
            startedAtMilliseconds: started,
            command: command,
            versions: Self.versions
        )
        record.plan = try resolvedPlan()
        if let warning = spool.warning { record.warnings.append(warning) }
        var files = ReportFiles.all(for: record)
        if history == .full { files.append(spool.file(for: result)) }
        return (record, store(record, files))
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

    /// A folder that cannot be written to is found out before the run, not after it.
    private func requireWritableBase() throws {
        do throws(RunFolderError) {
            try RunFolder.requireWritable(base, probe: ".gyre-" + UUID().uuidString)
        } catch {
            throw SessionFailure(exit: .brokerGone, description: error.description)
        }
    }

    /// Stores the run; if the disk does not take it, a temporary folder may.
    private func store(_ record: RunRecord, _ files: [RunFolder.File]) -> String? {
        for place in [base, NSTemporaryDirectory() + "gyre-results"] {
            do throws(RunFolderError) {
                let path = try RunFolder.write(record, files: files, into: place).path
                if place != base { Console.complain("the results are in \(path) instead") }
                return path
            } catch {
                Console.complain("error: \(plan.name): \(error)")
            }
        }
        sayEverything(record)
        return nil
    }

    /// The last way to keep a record that no disk takes.
    private func sayEverything(_ record: RunRecord) {
        do throws(RunFolderError) {
            let text = String(decoding: try record.encoded(), as: UTF8.self)
            Console.complain("error: \(plan.name): nothing is stored; run.json follows")
            Console.complain(text)
        } catch {
            Console.complain("error: \(plan.name): \(error)")
        }
    }

    private static var versions: VersionRecord {
        var versions = VersionRecord()
        versions.gyre = GyreVersion.text
        #if swift(>=6.3)
        versions.swift = "6.3 or later"
        #else
        versions.swift = "6.2"
        #endif
        #if DEBUG
        versions.build = "debug"
        #else
        versions.build = "release"
        #endif
        return versions
    }
}
