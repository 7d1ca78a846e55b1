import ArgumentParser
import Clients
import Scenarios
import Workloads

/// The plans of everything that a command line names, and what there is to say about them.
struct ScenarioBatch {
    private(set) var plans: [ScenarioPlan] = []
    /// Where each plan is from.
    private(set) var files: [String] = []
    private var errors: [String] = []
    private var remarks: [String] = []

    init(_ paths: [String], _ options: PlanningOptions) {
        do {
            let limits = try options.limits()
            let longest = try options.maxDuration()
            for path in paths { add(path, options.overrides, limits, longest) }
        } catch let error as ValidationError {
            errors.append("error: \(error.message)")
        } catch {
            errors.append("error: \(error)")
        }
    }

    /// The plans of one path with other overrides, within the limits of this machine.
    init(_ path: String, _ overrides: Overrides, _ limits: PlanLimits) {
        add(path, overrides, limits, nil)
    }

    /// Whether every file gave a plan.
    var isUsable: Bool { errors.isEmpty && !plans.isEmpty }

    /// Says what is wrong, and what should not be overlooked, on standard error.
    func complain() {
        for line in remarks + errors { Console.complain(line) }
    }

    private mutating func add(
        _ path: String,
        _ overrides: Overrides,
        _ limits: PlanLimits,
        _ longest: Duration?
    ) {
        let files: [String]
        do {
            files = try ScenarioFile.find(in: path)
        } catch {
            errors.append(error.description)
            return
        }
        for file in files {
            let reading = ScenarioFile.read(path: file, overrides: overrides, limits: limits)
            for diagnostic in reading.diagnostics {
                if diagnostic.severity == .error {
                    errors.append(diagnostic.description)
                } else {
                    remarks.append(diagnostic.description)
                }
            }
            guard var plan = reading.plan else { continue }
            if plan.searchesRate { searchPlainly(&plan) }
            if let longest { shorten(&plan, to: longest, path: file) }
            plans.append(plan)
            self.files.append(file)
        }
    }

    /// The plain form of a search: what the broker takes from producers that never wait.
    private func searchPlainly(_ plan: inout ScenarioPlan) {
        for index in plan.producers.indices { plan.producers[index].arrivals = .closedLoop }
        plan.notes.append(
            "search: this version sends as fast as the broker takes it, without a latency bound; "
                + "throughput is the highest rate found"
        )
    }

    /// Takes from the measured time what is too much.
    private mutating func shorten(_ plan: inout ScenarioPlan, to longest: Duration, path: String) {
        let room = longest - plan.phases.warmup
        guard room > .zero else {
            let warmup = Quantity.text(plan.phases.warmup)
            errors.append(
                "\(path): error: warm-up alone takes \(warmup), longer than --max-time "
                    + "\(Quantity.text(longest)); lower run.warmup or raise --max-time"
            )
            return
        }
        guard plan.phases.duration > room else { return }
        plan.phases.duration = room
        plan.notes.append("measured for \(Quantity.text(room)) only, because of --max-time")
    }
}
