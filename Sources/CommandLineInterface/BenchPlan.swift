import ArgumentParser
import LatencyMetrics
import Messaging
import RingDriver
import RingTrials
import RunRecords
import Runs
import Scenarios
import SubprocessDriver

/// What a comparison measures, decided before anything is started.
struct BenchPlan {
    /// One candidate's work.
    enum Subject {
        case ring(RingTrial)
        case driver(ScenarioPlan)
    }

    private(set) var candidates: [BenchCandidate] = []
    private(set) var subjects: [Subject] = []
    private(set) var notes: [String] = []
    private(set) var scenario = ""
    let rounds: Int
    private(set) var sampleLength: Duration

    /// - Throws: a validation error that names the flag, or exit code 2 after complaints.
    init(_ choice: BenchChoice, scenario path: String?) throws {
        if choice.quick, choice.thorough {
            throw ValidationError("--quick and --thorough: choose one")
        }
        rounds = try choice.roundCount()
        sampleLength = try choice.sampleLength()
        let drivers = try choice.driverNames() ?? Self.usualDrivers(choice)
        if let path {
            if choice.choosesRings {
                throw ValidationError("a scenario has no rings to choose; leave their flags out")
            }
            try addScenario(path, on: drivers, choice)
            return
        }
        if choice.choosesRings {
            if choice.drivers == nil, let idle = choice.workloadFlags.first {
                throw ValidationError(
                    "\(idle): rings alone have no workload to change; add --drivers or a scenario"
                )
            }
            try add(try choice.selection(), as: "Rings")
        } else if choice.drivers == nil {
            try add(.everyTopology, as: "Rings in every topology")
            try add(.handOver(isThorough: choice.thorough), as: "Rings between two threads")
            if choice.thorough { try add(.everyWait, as: "Rings in every way to wait") }
        }
        if choice.drivers != nil || !choice.choosesRings {
            try addDrivers(drivers, choice)
        }
    }

    /// What can be used here without further ado, and what a command was given for.
    private static func usualDrivers(_ choice: BenchChoice) -> [String] {
        DriverCatalogue.names.filter { name in
            name != SubprocessDriver.name
                || choice.set.contains { $0.hasPrefix("driver.command=") }
        }
    }

    private mutating func add(_ selection: TrialSelection, as group: String) throws {
        let found = selection.trials(processors: PlacementProbe.usableProcessors())
        guard !found.trials.isEmpty else {
            throw ValidationError(
                "nothing is left to compare: " + found.leftOut.joined(separator: "; ")
            )
        }
        for trial in found.trials {
            candidates.append(trial.candidate(in: group))
            subjects.append(.ring(trial))
        }
        if !found.leftOut.isEmpty {
            let note = "left out: " + found.leftOut.joined(separator: "; ")
            if !notes.contains(note) { notes.append(note) }
        }
    }

    /// The whole path of one producer and one consumer, checks on.
    private static let pathText = """
        gyre: 1
        name: bench
        topics:
          - { name: events, partitions: 1, capacity: 1024 }
        producers:
          - { name: source, topic: events, payload: 64B }
        consumers:
          - { name: sink, topic: events }
        expect:
          broker: { delivery: at-least-once, ordering: per-producer }
        run: { warmup: 50ms, duration: 100ms, drain: 10s, seed: 1 }
        """

    private mutating func addDrivers(_ names: [String], _ choice: BenchChoice) throws {
        for name in names {
            let overrides = Overrides(
                settings: choice.settings(for: name, among: names),
                seed: choice.seed,
                driver: name
            )
            var limits = PlanLimits.ofThisMachine
            limits.drivers = DriverCatalogue.names
            let reading = ScenarioFile.read(
                text: Self.pathText,
                path: "bench",
                overrides: overrides,
                limits: limits
            )
            for diagnostic in reading.diagnostics where diagnostic.severity == .error {
                Console.complain(diagnostic.description)
            }
            guard var plan = reading.plan else { throw GyreExit.usage.code }
            plan.phases.duration = max(plan.phases.duration, sampleLength)
            var candidate = BenchCandidate(group: "The whole path", subject: name + " driver")
            candidate.topology = RingTopology.oneToOne.rawValue
            candidate.payloadBytes = plan.topics.map(\.largestPayloadBytes).max()
            candidate.capacity = plan.topics.first?.capacity
            try add(plan, as: candidate)
        }
    }

    private mutating func addScenario(
        _ path: String,
        on drivers: [String],
        _ choice: BenchChoice
    ) throws {
        var limits = PlanLimits.ofThisMachine
        limits.drivers = DriverCatalogue.names
        let length = try choice.wantedLength() ?? (choice.quick ? .seconds(1) : nil)
        for name in drivers {
            let overrides = Overrides(
                settings: choice.settings(for: name, among: drivers),
                seed: choice.seed,
                driver: name
            )
            let reading = ScenarioBatch(path, overrides, limits)
            reading.complain()
            guard reading.isUsable else { throw GyreExit.usage.code }
            guard var plan = reading.plans.first, reading.plans.count == 1 else {
                throw ValidationError("\(path): one scenario is needed, not a folder of them")
            }
            if let length {
                plan.phases.duration = length
                plan.phases.warmup = min(plan.phases.warmup, length / 2)
            }
            scenario = plan.name
            sampleLength = plan.phases.duration
            try add(plan, as: BenchCandidate(group: "Drivers", subject: name + " driver"))
        }
    }

    private mutating func add(_ plan: ScenarioPlan, as candidate: BenchCandidate) throws {
        if plan.driver.kind == SubprocessDriver.name, plan.driver.settings["command"] == nil {
            throw ValidationError(
                "--drivers subprocess: add --set driver.command=\"python3 my_broker.py\""
            )
        }
        if !DriverCatalogue.delivers(plan.driver.kind) {
            notes.append("\(candidate.subject): delivers nothing; the cost of the harness itself")
        }
        candidates.append(candidate)
        subjects.append(.driver(plan))
    }
}
