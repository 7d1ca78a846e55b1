import Clients
import Faults
import Foundation
import Messaging
import Workloads

/// How often one rule can fire in one plan.
struct FaultArithmetic {
    let plan: ScenarioPlan
    let rule: FaultRule

    /// Whether the rule strikes between a broker and its consumers.
    private var isInbound: Bool {
        switch rule.site {
        case .deliver, .ack, .process: true
        case .publish, .confirm, nil: false
        }
    }

    /// The groups whose deliveries it may pick.
    private var groups: [GroupPlan] {
        plan.groups.enumerated()
            .filter { index, group in
                (rule.selector.group.map { Int($0) == index } ?? true)
                    && (rule.selector.topic.map { Int($0) == group.topic } ?? true)
            }
            .map(\.element)
    }

    /// The producers whose events it may pick.
    var producers: [ProducerSettings] {
        plan.producers.filter {
            (rule.selector.producers?.contains($0.number) ?? true)
                && (rule.selector.topic ?? $0.topic) == $0.topic
        }
    }

    /// The armed window, from the beginning of the run.
    var window: (start: Duration, end: Duration) {
        let end = plan.phases.warmup + plan.phases.duration
        let start = min(end, plan.phases.warmup + rule.selector.from)
        let stop = rule.selector.length.map { min(end, start + $0) } ?? end
        return (start, stop)
    }

    var estimate: PlanEstimates.Rule {
        let isInside = rule.selector.from < plan.phases.duration
        switch rule.kind {
        case .crash, .pause: break
        // How many events one member gets, nobody knows beforehand.
        case .slow: return isInside ? PlanEstimates.Rule() : PlanEstimates.Rule(fires: 0)
        case .drop, .delay, .duplicate, .fail, .hang: return eventEstimate
        }
        return PlanEstimates.Rule(eligible: nil, fires: isInside ? 1 : 0, share: nil)
    }

    private var eventEstimate: PlanEstimates.Rule {
        var all = 0.0
        var eligible = 0.0
        var fires = 0.0
        let (start, stop) = window
        for producer in producers {
            let readers =
                isInbound
                ? Double(groups.count { $0.topic == Int(producer.topic) }) : 1
            guard readers > 0 else { continue }
            guard let events = producer.arrivals.events(from: start, to: stop),
                let measured = producer.arrivals.events(
                    from: plan.phases.warmup,
                    to: plan.phases.warmup + plan.phases.duration
                )
            else { return PlanEstimates.Rule() }
            let picked = events * share(of: producer) * readers
            all += measured * readers
            eligible += picked
            fires += self.fires(among: picked, of: producer, readers: readers)
        }
        // Later attempts exist only after failures, which other rules decide.
        if let attempt = rule.selector.attempt, attempt > 1 { return PlanEstimates.Rule() }
        return PlanEstimates.Rule(
            eligible: eligible,
            fires: fires,
            share: all > 0 ? fires / all : 0
        )
    }

    private func fires(
        among picked: Double,
        of producer: ProducerSettings,
        readers: Double
    ) -> Double {
        if let every = rule.selector.every {
            // `every` counts in each partition: a lane that stays shorter never gets there.
            return longestLane(of: producer) < Double(every) ? 0 : picked / Double(every)
        }
        if rule.selector.nth != nil {
            let partitions = plan.topics[Int(producer.topic)].partitions
            return picked > 0 ? Double(partitions) * readers : 0
        }
        return picked * rule.selector.probability
    }

    /// The most events that one partition can get from `producer` in the whole run.
    private func longestLane(of producer: ProducerSettings) -> Double {
        let end = plan.phases.warmup + plan.phases.duration
        return producer.arrivals.events(from: .zero, to: end) ?? .infinity
    }

    /// The share of the producer's events that topic, partition and key let through.
    private func share(of producer: ProducerSettings) -> Double {
        if let key = rule.selector.key {
            guard UInt64(producer.keys.pattern) + 1 == key.rawValue >> 40 else { return 0 }
            return producer.keys.shape.share(ofIndex: key.index)
        }
        let partitions = plan.topics[Int(producer.topic)].partitions
        guard let partition = rule.selector.partition else { return 1 }
        return Int(partition) < partitions ? 1 / Double(partitions) : 0
    }
}

extension KeyDistribution.Shape {
    /// The probability of one index.
    func share(ofIndex index: UInt64) -> Double {
        switch self {
        case .none: return 0
        case .roundRobin(let count), .uniform(let count):
            return index < UInt64(count) ? 1 / Double(count) : 0
        case .zipf(let count, let exponent):
            guard index < UInt64(count) else { return 0 }
            return pow(Double(index + 1), -exponent)
                / Self.harmonic(count, exponent: exponent)
        case .hotSet(let count, let hot, let share):
            guard index < UInt64(count) else { return 0 }
            return index < UInt64(hot) ? share / Double(hot) : (1 - share) / Double(count - hot)
        }
    }

    /// Σ 1 / i^exponent: exact for the first terms, an integral for the rest (error below 10^-4).
    private static func harmonic(_ count: Int, exponent: Double) -> Double {
        let exact = min(count, 10_000)
        var sum = 0.0
        for index in 1...exact { sum += pow(Double(index), -exponent) }
        guard count > exact else { return sum }
        let (low, high) = (Double(exact) + 0.5, Double(count) + 0.5)
        if (exponent - 1).magnitude < 1e-9 { return sum + log(high / low) }
        let rest = 1 - exponent
        return sum + (pow(high, rest) - pow(low, rest)) / rest
    }
}
