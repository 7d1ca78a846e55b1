import Messaging

/// Reads `retry: { attempts: 5, backoff: … }`.
struct RetryReader {
    let findings: Findings
    let mostAttempts: Int

    func read(_ node: ScenarioNode) -> RetryPolicy? {
        let keys = ["attempts", "backoff"]
        guard let fields = Fields(node, "'retry'", keys: keys, findings: findings),
            fields.require("attempts") != nil,
            let attempts = fields.count("attempts", in: 1...mostAttempts)
        else { return nil }
        guard let backoff = fields["backoff"] else {
            return RetryPolicy(attempts: attempts, backoff: .none)
        }
        return self.backoff(backoff).map { RetryPolicy(attempts: attempts, backoff: $0) }
    }

    private func backoff(_ node: ScenarioNode) -> Backoff? {
        if node.text == "none" { return Backoff.none }
        let words = ["fixed", "exponential"]
        guard let variant = node.readVariant("backoff", words, findings) else { return nil }
        switch variant.key {
        case "fixed":
            return variant.value.readDuration("fixed", isPositive: false, findings)
                .map { .fixed($0) }
        case "exponential": return exponential(variant.value)
        default:
            let hint = Suggestion.hint(for: variant.key, among: words)
            findings.error("unknown backoff \(quoted(variant.key))\(hint)", at: variant.position)
            return nil
        }
    }

    private func exponential(_ node: ScenarioNode) -> Backoff? {
        let keys = ["base", "factor", "cap", "jitter"]
        guard let fields = Fields(node, "'exponential'", keys: keys, findings: findings),
            fields.require("base") != nil, fields.require("cap") != nil,
            let base = fields.duration("base", isPositive: true),
            let cap = fields.duration("cap", isPositive: true)
        else { return nil }
        guard base <= cap else {
            findings.error(
                "'cap' (\(Figures.duration(cap))) is shorter than 'base' "
                    + "(\(Figures.duration(base)))",
                at: fields.position("cap")
            )
            return nil
        }
        let factor = fields.number("factor", in: 1...1000) ?? 2
        let jitter = fields.choice("jitter", Backoff.Jitter.self) ?? .none
        return .exponential(base: base, factor: factor, cap: cap, jitter: jitter)
    }
}
