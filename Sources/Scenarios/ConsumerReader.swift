import Clients
import Messaging

/// One entry of `consumers`: its group as the broker sees it, and how its members work.
struct ConsumerDeclaration {
    var group: GroupPlan
    var settings: ConsumerSettings
    var position: Position
}

/// Reads entries of `consumers`.
struct ConsumerReader {
    let findings: Findings
    let topics: [String: UInt16]

    func read(_ node: ScenarioNode, group index: UInt16) -> ConsumerDeclaration? {
        let keys = [
            "name", "topic", "group", "count", "start", "ack", "lease", "prefetch", "order",
            "processing", "inbox", "retry", "dead-letter", "max-deliveries",
        ]
        let fields = Fields(node, "a consumer", keys: keys, part: .consumer, findings: findings)
        guard let fields else { return nil }
        let name = NameRules.read("name", of: fields)
        let topic = fields.require("topic")?.readReference("topic", topics, findings)
        let groupName = fields.has("group") ? NameRules.read("group", of: fields) : name
        var group = GroupPlan(name: groupName ?? "", topic: Int(topic ?? 0))
        readGroup(fields, into: &group)
        var settings = ConsumerSettings(name: name ?? "", group: index)
        settings.ack = fields.choice("ack", AckMode.self) ?? settings.ack
        if let processing = fields["processing"] {
            let distribution = processing.readDistribution("processing", findings)
            settings.processing = distribution ?? settings.processing
        }
        if let inbox = fields["inbox"] { settings.inbox = self.inbox(inbox) }
        if let retry = fields["retry"] {
            let reader = RetryReader(findings: findings, mostAttempts: 10_000)
            settings.retry = reader.read(retry) ?? settings.retry
        }
        if let letters = fields["dead-letter"] {
            settings.deadLetterTopic = letters.readReference("dead-letter", topics, findings)
            if let topic, settings.deadLetterTopic == topic {
                findings.error(
                    "dead letters of \(letters.shown) would come back to it; name another topic",
                    at: letters.position
                )
            }
        }
        guard name != nil, groupName != nil, topic != nil else { return nil }
        return ConsumerDeclaration(group: group, settings: settings, position: node.position)
    }

    private func readGroup(_ fields: Fields, into group: inout GroupPlan) {
        group.members = fields.count("count", in: 1...4096) ?? group.members
        if let start = fields["start"] { group.start = self.start(start) ?? group.start }
        if let lease = fields.duration("lease", isPositive: true) {
            group.leaseNanoseconds = lease.wholeNanoseconds
        }
        group.prefetch = fields.count("prefetch", in: 1...1_048_576) ?? group.prefetch
        group.order = fields.choice("order", RedeliveryOrder.self) ?? group.order
        group.maxDeliveries = fields.count("max-deliveries", in: 1...1_000_000)
    }

    private func start(_ node: ScenarioNode) -> StartPosition? {
        switch node.text {
        case "earliest": return .earliest
        case "latest": return .latest
        default:
            guard let text = node.text, text.first?.isNumber == true else {
                let hint = Suggestion.hint(for: node.text ?? "", among: ["earliest", "latest"])
                findings.error("\(node.shown) is no 'start'\(hint) or an offset", at: node.position)
                return nil
            }
            return node.readCount("start", in: 0...(1 << 60), findings).map { .offset(Int64($0)) }
        }
    }

    private func inbox(_ node: ScenarioNode) -> InboxSettings? {
        let keys = ["window", "events", "durable"]
        guard let fields = Fields(node, "'inbox'", keys: keys, findings: findings) else {
            return nil
        }
        let window = fields.duration("window", isPositive: true) ?? .seconds(60)
        return InboxSettings(
            windowNanoseconds: window.wholeNanoseconds,
            events: fields.count("events", in: 1...1_000_000_000) ?? 1_000_000,
            isDurable: fields.flag("durable") ?? true
        )
    }
}

extension ScenarioNode {
    /// The number of something that is declared elsewhere in the file.
    func readReference<Number>(
        _ what: String,
        _ known: [String: Number],
        _ findings: Findings
    ) -> Number? {
        guard let name = readText(what, findings) else { return nil }
        if let number = known[name] { return number }
        // What would be named could not be read: that has been said.
        if known.isEmpty, findings.hasErrors { return nil }
        let names = known.keys.sorted()
        let hint =
            names.isEmpty
            ? "; none is declared" : Suggestion.hint(for: name, among: names)
        findings.error("no \(what) named \(quoted(name))\(hint)", at: position)
        return nil
    }
}
