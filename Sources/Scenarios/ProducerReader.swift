import Clients
import Messaging
import Workloads

/// One entry of `producers`, before it becomes `count` numbered producers.
struct ProducerDeclaration {
    var settings: ProducerSettings
    var count: Int
    var longestPayload: Int
}

/// Reads entries of `producers`.
struct ProducerReader {
    /// The producer part of an event identifier has 12 bits.
    static let mostProducers = 4096

    let findings: Findings
    let files: FileFinder
    let topics: [String: UInt16]

    func read(_ node: ScenarioNode, names: inout KeyNames) -> ProducerDeclaration? {
        let keys = [
            "name", "topic", "count", "rate", "payload", "keys", "confirm", "retry", "idempotent",
        ]
        guard let fields = Fields(node, "a producer", keys: keys, findings: findings) else {
            return nil
        }
        let name = NameRules.read("name", of: fields)
        let topic = fields.require("topic")?.readReference("topic", topics, findings)
        let count = fields.count("count", in: 1...Self.mostProducers) ?? 1
        var settings = ProducerSettings(name: name ?? "", number: 0, topic: topic ?? 0)
        var longest = 256
        if let rate = fields["rate"], let arrivals = arrivals(rate, sharedBy: count) {
            settings.arrivals = arrivals
        }
        if let payload = fields["payload"] {
            let reader = PayloadReader(files: files, findings: findings)
            if let (source, bytes) = reader.read(payload) {
                settings.payload = source
                longest = bytes
            }
        }
        if let keys = fields["keys"] {
            let reader = KeyReader(findings: findings)
            settings.keys = reader.read(keys, names: &names) ?? settings.keys
        }
        if let confirm = fields["confirm"] { readConfirm(confirm, into: &settings) }
        if let retry = fields["retry"] {
            let reader = RetryReader(findings: findings, mostAttempts: 255)
            settings.retry = reader.read(retry) ?? settings.retry
        }
        settings.isIdempotent = fields.flag("idempotent") ?? settings.isIdempotent
        guard name != nil, topic != nil else { return nil }
        return ProducerDeclaration(settings: settings, count: count, longestPayload: longest)
    }

    private func readConfirm(_ node: ScenarioNode, into settings: inout ProducerSettings) {
        let keys = ["mode", "timeout", "in-flight"]
        guard let fields = Fields(node, "'confirm'", keys: keys, findings: findings) else {
            return
        }
        settings.confirm = fields.choice("mode", ConfirmMode.self) ?? settings.confirm
        if let timeout = fields.duration("timeout", isPositive: true) {
            settings.confirmTimeoutNanoseconds = timeout.wholeNanoseconds
        }
        let inFlight = fields.count("in-flight", in: 1...1_048_576)
        settings.inFlight = inFlight ?? settings.inFlight
    }
}

// MARK: - Rates

extension ProducerReader {
    private static let rateWords = ["total", "each", "poisson", "stages"]

    private func arrivals(_ node: ScenarioNode, sharedBy count: Int) -> ArrivalProcess? {
        guard node.entries != nil else {
            findings.error(
                "a rate says whose it is: write { total: \(node.text ?? "20k/s") } or "
                    + "{ each: \(node.text ?? "20k/s") }",
                at: node.position
            )
            return nil
        }
        if let entries = node.entries, entries.contains(where: { $0.key == "trace" }) {
            findings.error(
                Unavailable.message(for: "trace", in: .producerRate) ?? "",
                at: node.position(of: ["trace"])
            )
            return nil
        }
        guard let variant = node.readVariant("rate", Self.rateWords, findings) else { return nil }
        switch variant.key {
        case "total", "each":
            return variant.value.readRate(variant.key, findings).map {
                .constant(perSecond: variant.key == "total" ? $0 / Double(count) : $0)
            }
        case "poisson":
            return share(variant.value, what: "poisson", of: count)
                .map { .poisson(perSecond: $0) }
        case "stages": return stages(variant.value, sharedBy: count)
        default:
            let hint = Suggestion.hint(for: variant.key, among: Self.rateWords)
            findings.error("unknown rate \(quoted(variant.key))\(hint)", at: variant.position)
            return nil
        }
    }

    /// `{ total: … }` or `{ each: … }` as a rate of one producer.
    private func share(_ node: ScenarioNode, what: String, of count: Int) -> Double? {
        guard let variant = node.readVariant(what, ["total", "each"], findings) else { return nil }
        guard ["total", "each"].contains(variant.key) else {
            let hint = Suggestion.hint(for: variant.key, among: ["total", "each"])
            findings.error("unknown key \(quoted(variant.key))\(hint)", at: variant.position)
            return nil
        }
        let rate = variant.value.readRate(variant.key, findings)
        return rate.map { variant.key == "total" ? $0 / Double(count) : $0 }
    }

    private func stages(_ node: ScenarioNode, sharedBy count: Int) -> ArrivalProcess? {
        guard let items = node.items, !items.isEmpty else {
            findings.error(
                "'stages' is a list such as [{ for: 5s, total: 10k/s }], found \(node.shown)",
                at: node.position
            )
            return nil
        }
        var stages: [ArrivalProcess.Stage] = []
        for item in items {
            let keys = ["for", "total", "each"]
            guard let fields = Fields(item, "a stage", keys: keys, findings: findings),
                fields.require("for") != nil,
                let length = fields.duration("for", isPositive: true)
            else { continue }
            guard fields.has("total") != fields.has("each") else {
                findings.error("a stage has either 'total' or 'each'", at: item.position)
                continue
            }
            let key = fields.has("total") ? "total" : "each"
            guard let rate = fields[key]?.readRate(key, findings) else { continue }
            let own = key == "total" ? rate / Double(count) : rate
            stages.append(ArrivalProcess.Stage(duration: length, perSecond: own))
        }
        return stages.count == items.count ? .stages(stages) : nil
    }
}
