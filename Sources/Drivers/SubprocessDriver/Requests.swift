import Messaging

extension RequestText {
    /// Names the topics, the groups and every setting that a broker may want to know.
    ///
    /// `lease_ms` is the longest lease of any group; brokers that can tell groups apart find each
    /// group's own under `config.groups`.
    mutating func open(_ plan: SessionPlan, config: [String: ConfigValue]) {
        raw("\"op\":\"open\",\"version\":1,\"topics\":[")
        for topic in plan.topics {
            raw("{")
            member("name", text: topic.name)
            member("partitions", topic.partitions)
            close("},")
        }
        close("],\"groups\":[")
        for group in plan.groups {
            string(group.name)
            raw(",")
        }
        close("],\"config\":{")
        let longest = plan.groups.map(\.leaseNanoseconds).max() ?? 0
        if config["lease_ms"] == nil { member("lease_ms", milliseconds(longest)) }
        if config["groups"] == nil { groups(plan) }
        if config["topics"] == nil { topics(plan.topics) }
        for (name, value) in config.sorted(by: { $0.key < $1.key }) { setting(name, value) }
        close("}")
    }

    private mutating func groups(_ plan: SessionPlan) {
        raw("\"groups\":{")
        for group in plan.groups {
            string(group.name)
            raw(":{")
            member("topic", text: plan.topics[group.topic].name)
            member("lease_ms", milliseconds(group.leaseNanoseconds))
            member("members", group.members)
            member("prefetch", group.prefetch)
            member("order", text: group.order.rawValue)
            if let limit = group.maxDeliveries { member("max_deliveries", limit) }
            switch group.start {
            case .earliest: member("start", text: "earliest")
            case .latest: member("start", text: "latest")
            case .offset(let offset): member("start", offset)
            }
            close("},")
        }
        close("},")
    }

    private mutating func topics(_ topics: [TopicPlan]) {
        raw("\"topics\":{")
        for topic in topics {
            string(topic.name)
            raw(":{")
            member("capacity", topic.capacity)
            member("overflow", text: topic.overflow.rawValue)
            close("},")
        }
        close("},")
    }

    private mutating func setting(_ name: String, _ value: ConfigValue) {
        string(name)
        raw(":")
        switch value {
        case .string(let text): string(text)
        case .integer(let whole): number(whole)
        case .number(let number): bytes.append(contentsOf: "\(number)".utf8)
        case .boolean(let truth): raw(truth ? "true" : "false")
        }
        raw(",")
    }

    /// Sends one event, its metadata as `gyre-*` headers.
    mutating func publish(_ event: OutboundEvent, plan: SessionPlan) {
        let header = event.header
        raw("\"op\":\"publish\",")
        member("topic", text: plan.topics[Int(event.topic)].name)
        member("partition", header.partition)
        if let key = plan.keyNames.name(of: header.key) { member("key", text: key) }
        if event.isIdempotent {
            member("producer", header.producer)
            member("epoch", header.id.epoch)
            member("sequence", header.n)
        }
        raw("\"headers\":{")
        headers(header)
        close("},\"payload\":\"")
        // SAFETY: payloads on the way out live as long as the session.
        unsafe base64(event.payload.bytes)
        raw("\"")
    }

    /// Asks for up to `limit` deliveries.
    mutating func receive(_ member: MemberName, limit: Int, waitMilliseconds: Int) {
        raw("\"op\":\"receive\",")
        consumer(member)
        self.member("topic", text: member.topic)
        self.member("max", limit)
        self.member("wait_ms", waitMilliseconds)
        close("")
    }

    /// Answers deliveries.
    mutating func settle(_ request: SettleRequest, of member: MemberName) {
        raw("\"op\":\"")
        raw(request.verb)
        raw("\",")
        consumer(member)
        switch request.kind {
        case .commit:
            self.member("topic", text: member.topic)
            self.member("partition", request.partition)
            self.member("offset", request.offset)
            return close("")
        case .nack: self.member("delay_ms", request.milliseconds)
        case .extend: self.member("by_ms", request.milliseconds)
        case .deadLetter: self.member("reason", text: "given up by the consumer")
        case .ack: break
        }
        raw("\"receipts\":[")
        for receipt in request.receipts {
            string(receipt)
            raw(",")
        }
        close("]")
    }

    private mutating func consumer(_ member: MemberName) {
        self.member("group", text: member.group)
        self.member("consumer", member.number)
    }
}

/// Whole milliseconds, rounded up: what is said must not end earlier than what is meant.
func milliseconds(_ nanoseconds: Int64) -> Int64 {
    nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 > 0 ? 1 : 0)
}

/// Who receives, in the protocol's words.
struct MemberName {
    /// The group's name.
    var group: String
    /// The name of the topic that the group reads.
    var topic: String
    /// The member's number within the group.
    var number: UInt16
}

/// One request that answers up to `largest` deliveries in the same way.
struct SettleRequest {
    /// The most receipts in one request.
    static let largest = 256

    /// What is said of all of them.
    var kind: Settlement.Kind
    /// The delay of a nack or the new length of a lease.
    var milliseconds: Int64
    /// The end's number of the first settlement; the others follow by ones.
    var first: UInt64
    /// The broker's receipts; none for a commit.
    var receipts: [String] = []
    /// For a commit: where.
    var partition: UInt16 = 0
    /// For a commit: the next offset to read.
    var offset: Int64 = 0
    /// Whether anybody waits for the outcome.
    var isReported = true

    /// How many settlements it carries.
    var count: Int { kind == .commit ? 1 : receipts.count }

    /// The operation's name in the protocol.
    var verb: StaticString {
        switch kind {
        case .ack: "ack"
        case .nack: "nack"
        case .extend: "extend"
        case .commit: "commit"
        case .deadLetter: "dead-letter"
        }
    }

    /// What a broker must declare before it is sent such a request.
    var needs: Capabilities {
        switch kind {
        case .ack: []
        case .nack: .nack
        case .extend: .extend
        case .commit: .commit
        case .deadLetter: .deadLetter
        }
    }

    /// The two halves of a request that the broker refused as a whole.
    func halves() -> (SettleRequest, SettleRequest) {
        var front = self
        var back = self
        let half = receipts.count / 2
        front.receipts = Array(receipts[..<half])
        back.receipts = Array(receipts[half...])
        back.first += UInt64(half)
        return (front, back)
    }
}
