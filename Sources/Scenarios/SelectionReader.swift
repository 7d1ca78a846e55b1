import Clients
import Faults
import Messaging
import Workloads

/// Reads which items a fault is about.
struct SelectionReader {
    private static let whereKeys = [
        "topic", "partition", "key", "producer", "consumer", "group", "attempt",
    ]
    private static let drawKeys = ["probability", "every", "nth"]

    let findings: Findings
    let plan: ScenarioPlan
    let names: Declarations

    /// The selection of an event fault; `nil` after an error.
    func read(_ fields: Fields, at site: FaultSite) -> FaultSelector? {
        if fields.has("target") {
            findings.error(
                "'target' belongs to a crash; use 'where'",
                at: fields.position("target")
            )
            return nil
        }
        var selector = FaultSelector()
        let drawn = Self.drawKeys.filter { fields.has($0) }
        if drawn.count > 1 {
            findings.error(
                "\(alternatives(drawn.map(quoted))): give one of them",
                at: fields.position(drawn[1])
            )
        }
        if let probability = fields.number("probability", in: 0...1) {
            selector.probability = probability
            if probability == 0 {
                findings.error("probability 0 never fires", at: fields.position("probability"))
            }
        }
        selector.every = fields.count("every", in: 1...(1 << 44)).map(UInt64.init)
        selector.nth = fields.count("nth", in: 1...(1 << 44)).map(UInt64.init)
        readWindow(fields, into: &selector)
        if let condition = fields["where"] { readWhere(condition, at: site, into: &selector) }
        return selector
    }

    /// The selection of a crash; `nil` after an error.
    func readTarget(_ fields: Fields) -> FaultSelector? {
        for key in Self.drawKeys + ["where"] where fields.has(key) {
            findings.error(
                "\(quoted(key)) selects events; a crash has 'target' and 'from'",
                at: fields.position(key)
            )
        }
        guard let node = fields.require("target") else { return nil }
        let target = Fields(
            node,
            "'target'",
            keys: ["consumer", "member"],
            part: .faultTarget,
            findings: findings
        )
        guard let target, !target.has("producer"), let consumer = target.require("consumer"),
            let group = consumer.readReference("consumer", names.consumers, findings)
        else { return nil }
        var selector = FaultSelector()
        selector.group = group
        selector.member = 0
        if let member = target.count("member", in: 0...4095) {
            let members = plan.groups[Int(group)].members
            if member >= members {
                findings.error(
                    "member \(member) does not exist: \(consumer.shown) has \(members), "
                        + "numbered from 0",
                    at: target.position("member")
                )
            }
            selector.member = UInt16(member)
        }
        readWindow(fields, into: &selector)
        return selector
    }

    private func readWindow(_ fields: Fields, into selector: inout FaultSelector) {
        selector.from = fields.duration("from") ?? selector.from
        selector.length = fields.duration("for", isPositive: true)
    }

    private func readWhere(
        _ node: ScenarioNode,
        at site: FaultSite,
        into selector: inout FaultSelector
    ) {
        let fields = Fields(
            node,
            "'where'",
            keys: Self.whereKeys,
            part: .faultWhere,
            findings: findings
        )
        guard let fields else { return }
        selector.topic = fields["topic"]?.readReference("topic", names.topics, findings)
        selector.producers = fields["producer"]?
            .readReference("producer", names.producers, findings)
        readGroup(fields, at: site, into: &selector)
        if let attempt = fields.count("attempt", in: 1...1_000_000) {
            selector.attempt = UInt32(attempt)
        }
        if let partition = fields.count("partition", in: 0...65_535) {
            selector.partition = UInt16(partition)
            checkPartition(partition, fields, selector)
        }
        if let key = fields.text("key") { selector.key = self.key(key, fields, selector) }
    }

    private func readGroup(_ fields: Fields, at site: FaultSite, into selector: inout FaultSelector)
    {
        let byConsumer = fields["consumer"]?.readReference("consumer", names.consumers, findings)
        let byGroup = fields["group"]?.readReference("group", names.groups, findings)
        selector.group = byConsumer ?? byGroup
        guard let group = selector.group else { return }
        let key = byConsumer == nil ? "group" : "consumer"
        if site == .publish || site == .confirm {
            findings.error(
                "\(quoted(key)) matches nothing at \(site.rawValue): no consumer takes part in it",
                at: fields.position(key)
            )
        }
        if let byConsumer, let byGroup, byConsumer != byGroup {
            findings.error(
                "consumer and group differ: nothing is both",
                at: fields.position("group")
            )
        }
        let topic = plan.groups[Int(group)].topic
        if let wanted = selector.topic, Int(wanted) != topic {
            findings.error(
                "matches nothing: the group reads \(quoted(plan.topics[topic].name))",
                at: fields.position(key)
            )
        }
    }

    private func checkPartition(_ partition: Int, _ fields: Fields, _ selector: FaultSelector) {
        let topic =
            selector.topic.map(Int.init) ?? selector.group.map { plan.groups[Int($0)].topic }
        let topics = topic.map { [plan.topics[$0]] } ?? plan.topics
        let most = topics.map(\.partitions).max() ?? 0
        guard partition >= most else { return }
        findings.error(
            "matches nothing: partition \(partition) of \(most), numbered from 0",
            at: fields.position("partition")
        )
    }

    private func key(_ name: String, _ fields: Fields, _ selector: FaultSelector) -> EventKey? {
        let position = fields.position("key")
        guard let key = plan.keyNames.key(named: name) else {
            let patterns = plan.keyNames.patterns.map(quoted)
            let known =
                patterns.isEmpty
                ? "no producer has keys" : "keys are named \(alternatives(patterns))"
            findings.error(
                "matches nothing: no key is named \(quoted(name)); \(known)",
                at: position
            )
            return nil
        }
        let pattern = UInt16(key.rawValue >> 40) - 1
        let makers = plan.producers.filter {
            $0.keys.keyCount > 0 && $0.keys.pattern == pattern
                && (selector.producers?.contains($0.number) ?? true)
                && (selector.topic ?? $0.topic) == $0.topic
        }
        let most = makers.map(\.keys.keyCount).max() ?? 0
        guard key.index >= most else { return key }
        let range =
            most == 0
            ? "none of the selected producers makes it"
            : "keys go from 0 to \(Figures.count(most - 1))"
        findings.error("matches nothing: \(quoted(name)) is never made; \(range)", at: position)
        return nil
    }
}

extension KeyDistribution {
    /// How many different keys it makes.
    var keyCount: Int {
        switch shape {
        case .none: 0
        case .roundRobin(let count), .uniform(let count), .zipf(let count, _),
            .hotSet(let count, _, _):
            count
        }
    }
}
