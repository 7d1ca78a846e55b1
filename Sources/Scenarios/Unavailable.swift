/// What the scenario format names and this version does not run.
///
/// The only place that lists it: readers ask here, so that a word can be taken off in one line.
enum Unavailable {
    /// A part of the format that has keys or words of its own.
    enum Part: String, Hashable {
        case scenario, producerRate, payload, consumer, fault, faultKind, faultWhere, faultTarget
    }

    /// Words by part, each with what to do instead, if there is something.
    static let words: [Part: [String: String]] = [
        .scenario: ["services": "", "requests": "", "schemas": "", "profile": ""],
        .producerRate: ["trace": "use 'stages'", "speed": ""],
        .payload: ["schema": "use a size, 'file' or 'lines'"],
        .consumer: ["sharing": "each partition has one owner in a group"],
        .fault: [
            "when": "use 'from' or 'where'",
            "then": "it is for drivers that read by cursor, and none does",
            "redeliver": "it is for brokers without leases; here the lease decides",
            "allow-channel-error": "it is for AMQP, where a second ack closes the channel",
        ],
        .faultKind: [
            "reorder": "use a 'delay' with order: overtake", "corrupt": "", "truncate": "",
            "rebalance": "", "zombie": "", "latency": "use a 'delay'", "bandwidth": "",
            "reset": "", "half-open": "", "partition": "", "kill": "", "restart": "", "stop": "",
            "skew": "",
        ],
        .faultTarget: ["producer": "only consumers crash"],
    ]

    /// What to say about `word`, if the format has it and this version has not.
    static func message(for word: String, in part: Part) -> String? {
        guard let instead = words[part]?[word] else { return nil }
        let remedy = instead.isEmpty ? "" : "; \(instead)"
        return "\(quoted(word)) is not available in this version\(remedy)"
    }
}
