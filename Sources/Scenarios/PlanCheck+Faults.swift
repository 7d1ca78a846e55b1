import Clients
import Faults
import HistoryChecks
import Messaging
import Workloads

extension PlanCheck {
    /// A delay that does not say whether later items pass it, where their order matters.
    func checkFaultOrder() {
        let isOrdered =
            (plan.expectations.ordering ?? .none) != .none
            || (plan.expectations.effectOrder ?? .none) != .none
        for rule in plan.faults {
            guard case .delay = rule.kind else { continue }
            let item = tree["faults"]?.items?.first { $0["name"]?.text == rule.name }
            guard item?["order"] == nil else { continue }
            if isOrdered {
                error(
                    "'expect' demands an order, so the delay \(quoted(rule.name)) has to say what "
                        + "happens to later events: order: hold (they wait) or order: overtake",
                    at: "faults",
                    rule.name
                )
            } else {
                note(
                    "the delay \(quoted(rule.name)) lets later events overtake; write order: hold "
                        + "to keep them waiting",
                    at: "faults",
                    rule.name
                )
            }
        }
    }

    func checkFaultCounts() {
        for (rule, estimate) in zip(plan.faults, estimates.rules) {
            checkWindow(rule)
            guard let fires = estimate.fires else { continue }
            let isVacuous = fires == 0
            if isVacuous {
                sayNeverFires(rule)
            } else if let eligible = estimate.eligible,
                Double(rule.minFired) > eligible.rounded(.up)
            {
                error(
                    "min-fired \(Figures.count(Int(rule.minFired))) cannot be reached: about "
                        + "\(Figures.decimal(eligible)) events pass "
                        + "\(rule.site?.rawValue ?? "it") while the fault is armed",
                    at: "faults",
                    rule.name,
                    "min-fired"
                )
            } else if rule.minFired > 0, isRare(rule, fires) {
                warning(
                    "\(quoted(rule.name)) is expected to fire \(Figures.decimal(fires)) times"
                        + "\(arithmetic(of: rule, estimate)); a run in which it fires less than "
                        + "\(rule.minFired) times is inconclusive",
                    at: "faults",
                    rule.name
                )
            }
        }
    }

    private func isRare(_ rule: FaultRule, _ fires: Double) -> Bool {
        switch rule.kind {
        case .crash, .pause: return false
        case .drop, .delay, .duplicate, .fail, .hang, .slow: break
        }
        // An arrival count fires as often as there are lanes, not by chance.
        if rule.selector.nth != nil { return false }
        return fires < max(5, Double(rule.minFired))
    }

    private func arithmetic(of rule: FaultRule, _ estimate: PlanEstimates.Rule) -> String {
        guard let eligible = estimate.eligible else { return "" }
        let events = "\(Figures.decimal(eligible)) eligible events"
        if let every = rule.selector.every {
            return " (\(events) / every \(Figures.count(Int(every))))"
        }
        return " (\(events) x probability \(Figures.decimal(rule.selector.probability)))"
    }

    private func sayNeverFires(_ rule: FaultRule) {
        let why = reasonForNever(rule)
        if rule.minFired > 0 {
            error(
                "\(quoted(rule.name)) can never fire: \(why); with min-fired "
                    + "\(rule.minFired) every run would be inconclusive",
                at: "faults",
                rule.name
            )
        } else {
            warning("\(quoted(rule.name)) can never fire: \(why)", at: "faults", rule.name)
        }
    }

    private func reasonForNever(_ rule: FaultRule) -> String {
        if rule.selector.from >= plan.phases.duration {
            return "it is armed from \(Figures.duration(rule.selector.from)), the measured part "
                + "lasts \(Figures.duration(plan.phases.duration))"
        }
        let arithmetic = FaultArithmetic(plan: plan, rule: rule)
        guard !arithmetic.producers.isEmpty else { return "no producer sends what it selects" }
        if let every = rule.selector.every {
            let most =
                arithmetic.producers.compactMap {
                    $0.arrivals.events(from: .zero, to: plan.phases.warmup + plan.phases.duration)
                }.max() ?? 0
            if most < Double(every) {
                return "every \(Figures.count(Int(every))) counts within one producer and "
                    + "partition, which gets at most \(Figures.decimal(most)) events"
            }
        }
        return "no event is both selected and consumed"
    }

    private func checkWindow(_ rule: FaultRule) {
        let length: Duration
        let verbs: (stops: String, resumes: String)
        switch rule.kind {
        case .crash(_, let pause): (length, verbs) = (pause, ("crashes", "restarts"))
        case .pause(let pause): (length, verbs) = (pause, ("pauses", "goes on"))
        case .drop, .delay, .duplicate, .fail, .hang, .slow: return
        }
        let end = plan.phases.duration + plan.phases.drain
        guard rule.selector.from + length > end else { return }
        warning(
            "\(quoted(rule.name)) \(verbs.stops) at \(Figures.duration(rule.selector.from)) and "
                + "\(verbs.resumes) \(Figures.duration(length)) later, after the run",
            at: "faults",
            rule.name
        )
    }
}
