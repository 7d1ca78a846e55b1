import Clients
import Faults
import Messaging
import Workloads

/// What a plan will need and cause, by arithmetic alone.
///
/// Rates are those of the open-loop producers; `nil` where a closed loop makes them unknowable.
struct PlanEstimates: Hashable, Sendable {
    struct Topic: Hashable, Sendable {
        var slotBytes: Int
        /// All partitions; saturates instead of overflowing.
        var bytes: Int
        var perSecond: Double?
        var events: Double?
    }

    struct Group: Hashable, Sendable {
        /// Members that can own a partition.
        var activeMembers: Int
        /// The share of their time that active members spend in the handler.
        var utilisation: Double?
        /// Events a second that the handlers can take; `nil` if they take no time.
        var most: Double?
    }

    struct Rule: Hashable, Sendable {
        /// Items that pass its site while it is armed and that it may pick.
        var eligible: Double?
        /// How many of them it hits.
        var fires: Double?
        /// The share of all events (of the groups it is about) that it hits.
        var share: Double?
    }

    var topics: [Topic]
    var groups: [Group]
    var rules: [Rule]

    init(_ plan: ScenarioPlan) {
        topics = plan.topics.indices.map { Self.topic($0, of: plan) }
        groups = []
        rules = []
        for group in plan.groups.indices {
            groups.append(Self.group(group, of: plan, perSecond: topics[plan.groups[group].topic]))
        }
        rules = plan.faults.map { FaultArithmetic(plan: plan, rule: $0).estimate }
    }

    /// The memory of all rings; saturates instead of overflowing.
    var bytes: Int {
        topics.reduce(0) { Self.saturatingSum($0, $1.bytes) }
    }

    /// Everything that open-loop producers offer; `nil` if one is closed.
    var offeredPerSecond: Double? {
        topics.reduce(0.0) { sum, topic in
            guard let sum, let rate = topic.perSecond else { return nil }
            return sum + rate
        }
    }

    static func slotBytes(payload: Int) -> Int { 64 + (payload + 63) / 64 * 64 }

    /// The memory of a topic's rings; saturates instead of overflowing.
    static func bytes(of topic: TopicPlan, spareSlots: Int) -> Int {
        let slot = slotBytes(payload: topic.largestPayloadBytes)
        let each = saturatingSum(topic.capacity, spareSlots)
        let (slots, tooMany) = each.multipliedReportingOverflow(by: topic.partitions)
        guard !tooMany else { return .max }
        let (bytes, overflow) = slots.multipliedReportingOverflow(by: slot)
        return overflow ? .max : bytes
    }

    private static func saturatingSum(_ left: Int, _ right: Int) -> Int {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    /// Where producers append lock-free, each owns a slot of every partition.
    private static func spareSlots(_ index: Int, of plan: ScenarioPlan) -> Int {
        plan.driver.settings["intake"] == .text("lock-free") ? plan.publishers(on: index) : 0
    }

    private static func topic(_ index: Int, of plan: ScenarioPlan) -> Topic {
        let topic = plan.topics[index]
        let producers = plan.producers.filter { Int($0.topic) == index }
        let length = plan.phases.duration
        let rates = producers.map(\.arrivals.highestPerSecond)
        let events = producers.map { $0.arrivals.events(from: .zero, to: length) }
        return Topic(
            slotBytes: slotBytes(payload: topic.largestPayloadBytes),
            bytes: bytes(of: topic, spareSlots: spareSlots(index, of: plan)),
            perSecond: sum(rates),
            events: sum(events)
        )
    }

    private static func group(_ index: Int, of plan: ScenarioPlan, perSecond topic: Topic) -> Group
    {
        let group = plan.groups[index]
        let active = min(group.members, plan.topics[group.topic].partitions)
        let mean = plan.consumers[index].processing.meanNanoseconds / 1e9
        return Group(
            activeMembers: active,
            utilisation: topic.perSecond.map { $0 * mean / Double(active) },
            most: mean > 0 ? Double(active) / mean : nil
        )
    }

    private static func sum(_ parts: [Double?]) -> Double? {
        parts.reduce(0.0) { sum, part in
            guard let sum, let part else { return nil }
            return sum + part
        }
    }
}

extension ArrivalProcess {
    /// The highest rate of one producer; `nil` for a closed loop.
    var highestPerSecond: Double? {
        switch self {
        case .closedLoop: nil
        case .constant(let rate), .poisson(let rate): rate
        case .stages(let stages): stages.map(\.perSecond).max()
        }
    }

    /// How many events are due between two times from the schedule's beginning, on average.
    func events(from start: Duration, to end: Duration) -> Double? {
        guard start < end else { return highestPerSecond == nil ? nil : 0 }
        switch self {
        case .closedLoop: return nil
        case .constant(let rate), .poisson(let rate): return rate * (end - start).inSeconds
        case .stages(let stages):
            var begin = Duration.zero
            var events = 0.0
            for (index, stage) in stages.enumerated() {
                let isLast = index == stages.count - 1
                let finish = isLast ? max(end, begin + stage.duration) : begin + stage.duration
                let overlap = min(finish, end) - max(begin, start)
                events += max(0, overlap.inSeconds) * stage.perSecond
                begin = finish
            }
            return events
        }
    }
}

extension Duration {
    var inSeconds: Double { Double(wholeNanoseconds) / 1e9 }
}
