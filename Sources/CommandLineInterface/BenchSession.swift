import Clients
import Foundation
import LatencyMetrics
import Messaging
import Reports
import RingTrials
import RunRecords
import Runs
import Scenarios

/// One comparison: measures in turn, sums up, stores.
struct BenchSession {
    let plan: BenchPlan
    let base: String
    let command: [String]
    let showsProgress: Bool

    /// Measures and stores what was measured, however it ended.
    ///
    /// - Returns: the record, and the folder it was stored in unless that failed.
    /// - Throws: `SessionFailure` when nothing could be measured at all.
    func run() throws -> (BenchRecord, folder: String?) {
        let place = ResultsPlace(base: base)
        try place.requireWritable()
        let started = Int64(Date().timeIntervalSince1970 * 1000)
        var comparison = Comparison(candidates: plan.candidates)
        var failure: SessionFailure?
        do {
            try measure(&comparison)
        } catch let error as SessionFailure {
            failure = error
        } catch let error as TrialError {
            failure = SessionFailure(exit: .brokerGone, description: error.description)
        }
        if let failure, comparison.samples.isEmpty { throw failure }
        let record = record(comparison, startedAt: started, failure)
        let folder = place.store("bench") { base throws(RunFolderError) in
            try RunFolder.write(record, files: BenchFiles.all(for: record), into: base)
        } orElse: { () throws(RunFolderError) in
            ("bench.json", try record.encoded())
        }
        return (record, folder)
    }

    private func measure(_ comparison: inout Comparison) throws {
        let progress = BenchProgress(plan)
        defer { if showsProgress { ProgressLine.clear() } }
        try comparison.interleave(
            rounds: plan.rounds,
            isInterrupted: { InterruptWatch.isInterrupted },
            measure: { round, candidate in
                if showsProgress { progress.show(round: round, candidate: candidate) }
                return try sample(round, candidate)
            }
        )
    }

    private func sample(_ round: Int, _ candidate: Int) throws -> BenchSample {
        switch plan.subjects[candidate] {
        case .ring(let trial):
            return try trial.measured(
                as: candidate,
                round: round,
                for: plan.sampleLength,
                isInterrupted: { InterruptWatch.isInterrupted }
            )
        case .driver(let scenario):
            let session = RunSession(
                plan: scenario,
                history: .anomalies,
                base: base,
                command: command,
                showsProgress: false
            )
            let record = try session.measure().0
            if record.exitCode == RunOutcome.brokerGone.rawValue {
                throw SessionFailure(exit: .brokerGone, description: record.exitReason)
            }
            return BenchSample(
                candidate: candidate,
                round: round,
                of: record,
                owesDelivery: DriverCatalogue.delivers(scenario.driver.kind),
                brokerProcesses: DriverCatalogue.brokerProcesses(scenario.driver.kind)
            )
        }
    }

    private func record(
        _ comparison: Comparison,
        startedAt: Int64,
        _ failure: SessionFailure?
    ) -> BenchRecord {
        var record = BenchRecord(
            startedAtMilliseconds: startedAt,
            rounds: plan.rounds,
            sampleNanoseconds: plan.sampleLength.wholeNanoseconds,
            candidates: plan.candidates
        )
        record.scenario = plan.scenario
        record.command = command
        record.versions = GyreVersion.record
        let unknown = PlacementReading(label: .mixed, roundTrip: nil)
        record.environment = EnvironmentCapture.capture(
            (
                comparison.samples.first?.placementBefore ?? unknown,
                comparison.samples.last?.placementAfter ?? unknown
            )
        )
        record.samples = comparison.samples
        record.rows = comparison.rows
        record.notes = comparison.notes + plan.notes
        let (exit, reason) = outcome(comparison, failure)
        record.exitCode = Int(exit.rawValue)
        record.exitReason = reason
        return record
    }

    private func outcome(
        _ comparison: Comparison,
        _ failure: SessionFailure?
    ) -> (GyreExit, String) {
        let (all, faulty) = (plan.candidates.count, comparison.faulty)
        if !faulty.isEmpty {
            let names = faulty.map { plan.candidates[$0].name }.joined(separator: ", ")
            return (.violated, "\(faulty.count) of \(all) lost, repeated or reordered: \(names)")
        }
        if let failure { return (.brokerGone, failure.description) }
        if InterruptWatch.isInterrupted {
            return (
                .interrupted,
                "ended by a signal after \(comparison.samples.count) of \(all * plan.rounds) "
                    + "samples; nothing was lost or reordered until then"
            )
        }
        return (.held, "nothing was lost, repeated or reordered")
    }
}

/// How far a comparison is, on the terminal.
private final class BenchProgress {
    private let plan: BenchPlan
    private let began = ContinuousClock.now

    init(_ plan: BenchPlan) { self.plan = plan }

    func show(round: Int, candidate: Int) {
        let all = plan.candidates.count * plan.rounds
        let done = (round - 1) * plan.candidates.count + candidate
        var text = "round \(round) of \(plan.rounds)"
        if done >= all {
            text = "round \(round) of at most \(2 * plan.rounds), for an undisturbed sample"
        } else if done > 0 {
            let left = (ContinuousClock.now - began) / done * (all - done)
            text += ", \(left.components.seconds + 1) s left"
        }
        ProgressLine.show(text + ": " + plan.candidates[candidate].name)
    }
}
