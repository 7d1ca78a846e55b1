import Clients
import Faults
import Foundation
import Messaging
import Workloads

extension PlanCheck {
    func checkThresholds() {
        let lines = tree["expect"]?["thresholds"]?.items ?? []
        for threshold in plan.thresholds {
            let line = lines.first { $0.text == threshold.text }
            let position = line?.position ?? tree.position(of: ["expect", "thresholds"])
            switch threshold.metric {
            case .latency(let what, let kind, let percentile, let group):
                checkClosedLoop(kind, position)
                let bound = LatencyBound(plan: plan, estimates: estimates, what: what, group: group)
                checkLatency(threshold, bound, percentile, kind, position)
            case .named("throughput"):
                checkRate(threshold, estimates.offeredPerSecond, readers: false, position)
            case .named("delivery-throughput"):
                checkRate(threshold, deliveredPerSecond, readers: true, position)
            case .named, .recovery: break
            }
        }
        checkBlockedProducers()
    }

    private var deliveredPerSecond: Double? {
        plan.groups.reduce(0.0) { sum, group in
            guard let sum, let rate = estimates.topics[group.topic].perSecond else { return nil }
            return sum + rate
        }
    }

    private func checkClosedLoop(_ kind: String, _ position: Position) {
        guard kind != "service", !plan.producers.isEmpty,
            plan.producers.allSatisfy({ !$0.arrivals.isOpenLoop })
        else { return }
        findings.error(
            "a closed loop has no \(kind) time, only service time: give the producers a 'rate'",
            at: position
        )
    }

    private func checkRate(
        _ threshold: Threshold,
        _ offered: Double?,
        readers: Bool,
        _ position: Position
    ) {
        guard let offered, threshold.comparison == .above || threshold.comparison == .atLeast
        else { return }
        // Poisson arrivals and the window's edges may bring a little more than the mean.
        guard threshold.value > offered * 1.05 else { return }
        let what = readers ? "the groups are offered" : "the producers offer"
        findings.error(
            "\(quoted(threshold.text)) cannot be met: \(what) \(Figures.rate(offered))",
            at: position
        )
    }

    private func checkLatency(
        _ threshold: Threshold,
        _ bound: LatencyBound,
        _ percentile: Double?,
        _ kind: String,
        _ position: Position
    ) {
        guard kind != "slip", threshold.during == nil,
            threshold.comparison == .below || threshold.comparison == .atMost,
            let least = bound.least(percentile: percentile), least.nanoseconds > threshold.value
        else { return }
        findings.error(
            "\(quoted(threshold.text)) cannot be met: \(quoted(least.rule)) alone causes at least "
                + "\(Figures.duration(nanoseconds: least.nanoseconds)) (\(least.arithmetic))",
            at: position
        )
    }

    /// A group that falls behind fills its topic; then producers wait and miss their schedule,
    /// which voids every threshold.
    private func checkBlockedProducers() {
        guard !plan.thresholds.isEmpty else { return }
        for (index, group) in estimates.groups.enumerated() {
            let topic = topic(of: index)
            guard topic.overflow == .block, let most = group.most,
                let offered = estimates.topics[plan.groups[index].topic].perSecond,
                plan.producers.allSatisfy({
                    if case .stages = $0.arrivals { false } else { true }
                })
            else { continue }
            let room = Double(topic.capacity) * Double(topic.partitions)
            let seconds = (plan.phases.warmup + plan.phases.duration).inSeconds
            let surplus = (offered - most) * seconds
            guard surplus > room else { continue }
            error(
                "thresholds cannot be judged: \(quoted(plan.groups[index].name)) takes "
                    + "\(Figures.rate(most)) of \(Figures.rate(offered)); the surplus of "
                    + "\(Figures.decimal(surplus)) events in \(Figures.decimal(seconds)) s fills "
                    + "\(quoted(topic.name)) (\(Figures.decimal(room)) events), producers block "
                    + "and miss their schedule",
                at: "consumers",
                plan.consumers[index].name,
                "processing"
            )
        }
    }
}

/// The latency that faults alone cause, whatever the broker does.
struct LatencyBound {
    struct Least {
        var nanoseconds: Double
        var rule: String
        var arithmetic: String
    }

    let plan: ScenarioPlan
    let estimates: PlanEstimates
    /// `publish`, `e2e` or `apply`.
    let what: String
    let group: String?

    /// The highest of the bounds that single rules set; `nil` for the mean as `percentile`.
    func least(percentile: Double?) -> Least? {
        var least: Least?
        for (rule, estimate) in zip(plan.faults, estimates.rules) {
            guard let share = estimate.share, share > 0, concerns(rule),
                let wait = wait(of: rule)
            else { continue }
            let bound = bound(wait, share: share, percentile: percentile)
            guard bound > (least?.nanoseconds ?? 0) else { continue }
            let hits = "it hits \(Figures.percent(share)) of the events"
            let mean = Figures.duration(nanoseconds: wait.meanNanoseconds)
            least = Least(
                nanoseconds: bound,
                rule: rule.name,
                arithmetic: "\(hits) with \(mean) on average"
            )
        }
        return least
    }

    private func concerns(_ rule: FaultRule) -> Bool {
        // Averages over groups that a rule does not touch would say too much.
        guard let group = rule.selector.group.map({ plan.groups[Int($0)].name }) else {
            return true
        }
        return plan.groups.count == 1 || self.group == group
    }

    /// How long the rule makes one event wait at least; `nil` if this latency does not see it.
    private func wait(of rule: FaultRule) -> DurationDistribution? {
        switch (rule.kind, rule.site) {
        case (.delay(let length, _), .publish): return length
        case (.delay(let length, _), .confirm): return what == "publish" ? length : nil
        case (.delay(let length, _), .deliver): return what == "apply" ? length : nil
        case (.drop, .publish):
            let waits = plan.producers.filter { $0.confirm == .each && $0.retry.attempts > 1 }
                .map(\.confirmTimeoutNanoseconds)
            guard let shortest = waits.min(), waits.count == plan.producers.count else {
                return nil
            }
            return .fixed(.nanoseconds(shortest))
        case (.drop, .deliver):
            guard what == "apply", plan.consumers.allSatisfy({ $0.ack == .afterProcessing }),
                let shortest = plan.groups.map(\.leaseNanoseconds).min()
            else { return nil }
            return .fixed(.nanoseconds(shortest))
        default: return nil
        }
    }

    private func bound(
        _ wait: DurationDistribution,
        share: Double,
        percentile: Double?
    ) -> Double {
        guard let percentile else { return share * wait.meanNanoseconds }
        let beyond = 1 - percentile / 100
        // Half as many again, so that chance alone does not refuse a scenario.
        guard share > beyond * 1.5, percentile < 100 else { return 0 }
        switch wait {
        case .none: return 0
        case .fixed(let length): return Double(length.wholeNanoseconds)
        case .uniform(let low, let high):
            let part = 1 - beyond * 1.5 / share
            let span = Double((high - low).wholeNanoseconds)
            return Double(low.wholeNanoseconds) + span * part
        case .exponential:
            return wait.meanNanoseconds * log(share / (beyond * 1.5))
        }
    }
}
