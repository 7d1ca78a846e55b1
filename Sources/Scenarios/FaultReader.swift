import Faults
import Messaging
import Workloads

/// Reads entries of `faults`: kind and site here, the selection in `SelectionReader`.
struct FaultReader {
    static let kinds = ["drop", "delay", "duplicate", "fail", "hang", "crash", "pause", "slow"]
    private static let keys = [
        "name", "fault", "at", "order", "probability", "every", "nth", "where", "target", "from",
        "for", "min-fired", "max-held", "acks",
    ]

    let findings: Findings
    let plan: ScenarioPlan
    let names: Declarations

    func read(_ node: ScenarioNode) -> FaultRule? {
        let fields = Fields(node, "a fault", keys: Self.keys, part: .fault, findings: findings)
        guard let fields else { return nil }
        let name = NameRules.read("name", of: fields)
        guard let word = fields.require("fault"), let (kind, parameters) = kindWord(word) else {
            return nil
        }
        let site = fields.choice("at", FaultSite.self)
        guard let fault = faultKind(kind, parameters, fields, at: word.position) else { return nil }
        guard isPossible(fault, kind, site, fields) else { return nil }
        let reader = SelectionReader(findings: findings, plan: plan, names: names)
        let selector = site.map { reader.read(fields, at: $0) } ?? reader.readTarget(fields)
        var rule = FaultRule(name: name ?? "", kind: fault, site: site)
        rule.selector = selector ?? rule.selector
        if let least = fields.count("min-fired", in: 0...1_000_000_000) {
            rule.minFired = UInt64(least)
        }
        rule.maxHeld = fields.count("max-held", in: 1...(1 << 24)) ?? rule.maxHeld
        checkExtraKeys(of: fault, fields)
        return name == nil || selector == nil ? nil : rule
    }

    /// The word for the kind, and its parameters if it has some.
    private func kindWord(_ node: ScenarioNode) -> (String, ScenarioNode?)? {
        let word: String
        let position: Position
        var parameters: ScenarioNode?
        if let text = node.text {
            (word, position) = (text, node.position)
        } else {
            guard let variant = node.readVariant("fault", Self.kinds, findings) else { return nil }
            (word, position, parameters) = (variant.key, variant.position, variant.value)
        }
        if Self.kinds.contains(word) { return (word, parameters) }
        let unavailable = Unavailable.message(for: word, in: .faultKind)
        let hint = Suggestion.hint(for: word, among: Self.kinds)
        findings.error(unavailable ?? "unknown fault \(quoted(word))\(hint)", at: position)
        return nil
    }

    private func faultKind(
        _ word: String,
        _ parameters: ScenarioNode?,
        _ rule: Fields,
        at position: Position
    ) -> FaultKind? {
        switch word {
        case "drop": return bare(.drop, parameters)
        case "hang": return bare(.hang, parameters)
        case "pause", "slow":
            return length(of: word, parameters, at: position).map {
                word == "pause" ? .pause($0) : .slow($0)
            }
        case "delay": return delay(parameters, rule, at: position)
        case "duplicate": return duplicate(parameters)
        case "fail": return fail(parameters)
        default: return crash(parameters, at: position)
        }
    }

    private func bare(_ kind: FaultKind, _ parameters: ScenarioNode?) -> FaultKind? {
        guard let parameters else { return kind }
        findings.error(
            "\(quoted(kind.name)) has no parameters: write fault: \(kind.name)",
            at: parameters.position
        )
        return nil
    }

    private func length(
        of word: String,
        _ parameters: ScenarioNode?,
        at position: Position
    ) -> Duration? {
        guard let parameters else {
            let what = word == "pause" ? "stands still" : "takes longer over each event"
            findings.error(
                "\(quoted(word)) says for how long the member \(what): { \(word): 300ms }",
                at: position
            )
            return nil
        }
        return parameters.readDuration(word, isPositive: true, findings)
    }

    private func delay(
        _ parameters: ScenarioNode?,
        _ rule: Fields,
        at position: Position
    ) -> FaultKind? {
        guard let parameters else {
            findings.error(
                "a delay says how long: { delay: 5ms } or { delay: { exponential: 5ms } }",
                at: position
            )
            return nil
        }
        guard let length = parameters.readDistribution("delay", findings) else { return nil }
        guard length.meanNanoseconds > 0 else {
            findings.error("a delay of no time does nothing", at: parameters.position)
            return nil
        }
        // Without an `order` the plan check decides whether one is needed.
        let order = rule.choice("order", DelayOrder.self) ?? .overtake
        return .delay(length, order: order)
    }

    private func duplicate(_ parameters: ScenarioNode?) -> FaultKind? {
        guard let parameters else { return .duplicate(extra: 1) }
        let fields = Fields(parameters, "'duplicate'", keys: ["extra"], findings: findings)
        guard let fields else { return nil }
        // The copy number in the event header has 8 bits.
        return .duplicate(extra: fields.count("extra", in: 1...254) ?? 1)
    }

    private func fail(_ parameters: ScenarioNode?) -> FaultKind? {
        guard let parameters else { return .fail(isPoison: false, afterEffect: false) }
        let keys = ["poison", "after"]
        guard let fields = Fields(parameters, "'fail'", keys: keys, findings: findings) else {
            return nil
        }
        let after = fields.choice("after", FailPoint.self) ?? .nothing
        let isPoison = fields.flag("poison") ?? false
        return .fail(isPoison: isPoison, afterEffect: after == .effect)
    }

    private func crash(_ parameters: ScenarioNode?, at position: Position) -> FaultKind? {
        guard let parameters else {
            findings.error(
                "a crash says where and for how long: "
                    + "{ crash: { at: before-ack, restart-after: 100ms } }",
                at: position
            )
            return nil
        }
        let keys = ["at", "restart-after"]
        guard let fields = Fields(parameters, "'crash'", keys: keys, findings: findings),
            fields.require("at") != nil, fields.require("restart-after") != nil,
            let point = fields.choice("at", CrashPoint.self),
            let pause = fields.duration("restart-after")
        else { return nil }
        return .crash(at: point, restartAfter: pause)
    }
}

/// When a handler refuses.
private enum FailPoint: String, CaseIterable {
    case nothing, effect
}

// MARK: - Which kind goes where

extension FaultReader {
    private func isPossible(
        _ fault: FaultKind,
        _ word: String,
        _ site: FaultSite?,
        _ fields: Fields
    ) -> Bool {
        switch fault {
        case .pause, .slow:
            guard fields.has("at") else { return true }
            findings.error(
                "\(quoted(word)) has no site: it befalls a member as a whole, its 'target'",
                at: fields.position("at")
            )
            return false
        case .crash:
            guard fields.has("at") else { return true }
            findings.error(
                "a crash has no site: write the point inside, { crash: { at: before-ack, … } }",
                at: fields.position("at")
            )
            return false
        case .fail, .hang:
            if site == .process { return true }
            return refuse(word, fields, sites: "at: process")
        case .drop, .delay, .duplicate:
            if let site, site != .process { return true }
            return refuse(word, fields, sites: "at: publish, confirm, deliver or ack")
        }
    }

    private func refuse(_ word: String, _ fields: Fields, sites: String) -> Bool {
        guard fields.has("at") else {
            findings.error("\(quoted(word)) needs a site: \(sites)", at: fields.node.position)
            return false
        }
        // A site that could not be read has been reported already.
        if let text = fields["at"]?.text, FaultSite(rawValue: text) != nil {
            findings.error(
                "\(quoted(word)) cannot strike at \(quoted(text)); write \(sites)",
                at: fields.position("at")
            )
        }
        return false
    }

    private func checkExtraKeys(of fault: FaultKind, _ fields: Fields) {
        var isDelay = false
        var isDuplicate = false
        if case .delay = fault { isDelay = true }
        if case .duplicate = fault { isDuplicate = true }
        for key in ["order", "max-held"] where fields.has(key) && !isDelay {
            findings.error("\(quoted(key)) belongs to a delay", at: fields.position(key))
        }
        guard fields.has("acks") else { return }
        let text = fields.text("acks")
        if !isDuplicate {
            findings.error("'acks' belongs to a duplicate", at: fields.position("acks"))
        } else if text == "all" {
            findings.error(
                "'acks: all' is not available in this version; use a duplicate at ack",
                at: fields.position("acks")
            )
        } else if let text, text != "first" {
            findings.error(
                "\(quoted(text)) is no value of 'acks'; use first",
                at: fields.position("acks")
            )
        }
    }
}
