import Clients
import Faults
import HistoryChecks
import Messaging
import Workloads

/// Checks a plan against itself.
///
/// What cannot pass, whatever the broker does, is an error with its arithmetic; what will be flaky
/// is a warning. A scenario that breaks a guarantee on purpose is one that somebody wants to see
/// fail: a warning too.
struct PlanCheck {
    let plan: ScenarioPlan
    let tree: ScenarioNode
    let limits: PlanLimits
    let findings: Findings
    let estimates: PlanEstimates

    init(plan: ScenarioPlan, tree: ScenarioNode, limits: PlanLimits, findings: Findings) {
        self.plan = plan
        self.tree = tree
        self.limits = limits
        self.findings = findings
        estimates = PlanEstimates(plan)
    }

    func run() {
        checkMemory()
        checkDriverKeys()
        checkOrderings()
        checkIdleParts()
        checkStages()
        checkDrain()
        checkFaultOrder()
        checkFaultCounts()
        checkGuarantees()
        checkThresholds()
    }

    func error(_ message: String, at path: String...) {
        findings.error(message, at: tree.position(of: path))
    }

    func warning(_ message: String, at path: String...) {
        findings.warning(message, at: tree.position(of: path))
    }

    func note(_ message: String, at path: String...) {
        findings.note(message, at: tree.position(of: path))
    }

    func topic(of group: Int) -> TopicPlan { plan.topics[plan.groups[group].topic] }

    /// Whether some armed rule satisfies `condition`.
    func rules(where condition: (FaultRule) -> Bool) -> [FaultRule] {
        plan.faults.filter(condition)
    }

    func names(_ rules: [FaultRule]) -> String {
        let listed = rules.map { quoted($0.name) }
        return listed.count == 1 ? listed[0] : listed.joined(separator: ", ")
    }
}

// MARK: - Room

extension PlanCheck {
    private func checkMemory() {
        guard plan.driver.kind == DriverChoice.standard else { return }
        let needed = estimates.bytes
        guard needed > limits.memoryBytes else { return }
        let largest = plan.topics.indices.max {
            estimates.topics[$0].bytes < estimates.topics[$1].bytes
        }
        guard let largest else { return }
        let topic = plan.topics[largest]
        let size = needed == .max ? "more than a machine has" : Figures.bytes(needed)
        error(
            "the rings need \(size), \(Figures.bytes(limits.memoryBytes)) are allowed: "
                + "\(quoted(topic.name)) alone is \(Figures.count(topic.partitions)) partitions x "
                + "\(Figures.count(topic.capacity)) events x "
                + "\(Figures.count(estimates.topics[largest].slotBytes)) B; lower 'capacity' or "
                + "raise --max-memory",
            at: "topics",
            topic.name,
            "capacity"
        )
    }

    /// Ring capacity means nothing to a broker outside.
    private func checkDriverKeys() {
        guard plan.driver.kind != DriverChoice.standard else { return }
        for item in tree["topics"]?.items ?? [] {
            for key in ["capacity", "overflow"] where item[key] != nil {
                findings.note(
                    "\(quoted(key)) has no effect on the driver \(quoted(plan.driver.kind))",
                    at: item.position(of: [key])
                )
            }
        }
    }
}

// MARK: - Order

extension PlanCheck {
    private func checkOrderings() {
        let expected = plan.expectations
        let topics = Set(plan.producers.map { Int($0.topic) }).sorted()
        let wide = topics.first { plan.topics[$0].partitions > 1 }
        if let wide, expected.ordering == .total || expected.ordering == .perProducer {
            let topic = plan.topics[wide]
            let word = expected.ordering?.rawValue ?? ""
            error(
                "ordering: \(word) across \(Figures.count(topic.partitions)) partitions of "
                    + "\(quoted(topic.name)): partitions have no common order; use 1 partition or "
                    + "ordering: per-key",
                at: "expect",
                "broker",
                "ordering"
            )
        }
        let isKeyed = plan.producers.contains { $0.keys.keyCount > 0 }
        if !isKeyed, !plan.producers.isEmpty {
            if expected.ordering == .perKey {
                warning(
                    "no producer has keys: the order per key has no case to judge",
                    at: "expect",
                    "broker",
                    "ordering"
                )
            }
            if expected.effectOrder == .perKey {
                warning(
                    "no producer has keys: the order per key has no case to judge",
                    at: "expect",
                    "application",
                    "order"
                )
            }
        }
        let keys = plan.producers.map(\.keys.keyCount).max() ?? 0
        if keys > 1_000_000, expected.ordering == .perKey || expected.effectOrder == .perKey {
            warning(
                "\(Figures.count(keys)) keys: order is followed for 1,000,000 of them, then the "
                    + "verdict is unknown",
                at: "expect"
            )
        }
    }

    private func checkIdleParts() {
        for (index, group) in plan.groups.enumerated() {
            let partitions = topic(of: index).partitions
            if group.members > partitions {
                note(
                    "\(Figures.count(group.members)) members share \(Figures.count(partitions)) "
                        + "partitions: \(Figures.count(group.members - partitions)) idle",
                    at: "consumers",
                    plan.consumers[index].name,
                    "count"
                )
            }
        }
        if plan.groups.isEmpty {
            warning(
                "no consumers: nothing will be delivered, nothing can be judged",
                at: "consumers"
            )
        }
        for producer in plan.producers where producer.confirm == .none {
            if producer.retry.attempts > 1 {
                note(
                    "'retry' has no effect with confirm: none: no failure is ever seen",
                    at: "producers",
                    producer.name,
                    "retry"
                )
            }
        }
    }
}

// MARK: - Rates

extension PlanCheck {
    private func checkStages() {
        for (index, group) in estimates.groups.enumerated() {
            guard let used = group.utilisation, let most = group.most, used >= 0.9,
                let offered = estimates.topics[plan.groups[index].topic].perSecond
            else { continue }
            let mean = Figures.duration(
                nanoseconds: plan.consumers[index].processing.meanNanoseconds
            )
            let sum =
                "\(Figures.rate(offered)) x \(mean) / \(group.activeMembers) active members "
                + "= \(Figures.percent(used)) busy"
            let advice =
                used > 1
                ? "it falls behind by \(Figures.rate(offered - most))"
                : "waiting times grow steeply above 90 %"
            warning(
                "\(quoted(plan.groups[index].name)): \(sum); \(advice)",
                at: "consumers",
                plan.consumers[index].name,
                "processing"
            )
        }
        checkPrefetch()
    }

    /// An event waits behind those prefetched before it, while its lease runs.
    private func checkPrefetch() {
        for (index, group) in plan.groups.enumerated() {
            let mean = plan.consumers[index].processing.meanNanoseconds
            let wait = mean * Double(group.prefetch)
            guard wait > Double(group.leaseNanoseconds) else { continue }
            warning(
                "\(Figures.count(group.prefetch)) prefetched events x "
                    + "\(Figures.duration(nanoseconds: mean)) = "
                    + "\(Figures.duration(nanoseconds: wait)), longer than the lease of "
                    + "\(Figures.duration(nanoseconds: Double(group.leaseNanoseconds))): leases "
                    + "run out and events come again; lower 'prefetch'",
                at: "consumers",
                plan.consumers[index].name,
                "prefetch"
            )
        }
    }

    /// What is dropped or lost shortly before the end must still come back.
    private func checkDrain() {
        for (index, consumer) in plan.consumers.enumerated() {
            let lost = rules { rule in
                guard (rule.selector.group.map { Int($0) == index } ?? true) else { return false }
                switch (rule.kind, rule.site) {
                case (.drop, .deliver), (.drop, .ack), (.delay, .ack), (.crash, _): return true
                default: return false
                }
            }
            let refused = rules { rule in
                guard (rule.selector.group.map { Int($0) == index } ?? true) else { return false }
                if case .fail = rule.kind { return consumer.retry.attempts > 1 }
                return false
            }
            guard !(lost + refused).isEmpty, consumer.ack != .never else { continue }
            let lease = lost.isEmpty ? 0 : plan.groups[index].leaseNanoseconds
            let backoff = consumer.retry.backoff.longestNanoseconds
            let needed = Double(lease) + Double(backoff)
            let drain = Double(plan.phases.drain.wholeNanoseconds)
            guard drain < needed else { continue }
            warning(
                "drain \(Figures.duration(nanoseconds: drain)) is shorter than lease "
                    + "\(Figures.duration(nanoseconds: Double(lease))) + longest backoff "
                    + "\(Figures.duration(nanoseconds: Double(backoff))) of "
                    + "\(quoted(consumer.name)): what \(names(lost + refused)) hit last will still "
                    + "be owed and the verdict unknown",
                at: "run",
                "drain"
            )
        }
    }
}
