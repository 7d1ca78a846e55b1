import Messaging

/// Reads `METRIC OP VALUE [during FAULT]`.
struct ThresholdReader {
    private static let kinds = ["response", "service", "slip"]
    private static let whats = ["publish", "e2e", "apply"]
    private static let rates = ["throughput", "delivery-throughput"]
    private static let counts = [
        "lost", "duplicated", "reordered", "dead-lettered", "unresolved", "lag",
    ]
    private static let plain = ["deliveries-per-event", "bytes-per-event"]

    let findings: Findings
    let names: Declarations

    func read(_ node: ScenarioNode) -> Threshold? {
        guard let text = node.text, !node.isMissing else {
            findings.error(
                "a threshold is a line such as p99(apply.response) < 500ms, found \(node.shown)",
                at: node.position
            )
            return nil
        }
        do throws(QuantityProblem) {
            return try parse(text)
        } catch {
            findings.error("threshold \(quoted(text)): \(error.reason)", at: node.position)
            return nil
        }
    }

    private func parse(_ text: String) throws(QuantityProblem) -> Threshold {
        // `{group=billing}` has a sign of its own.
        let labelEnd = text.firstIndex(of: "}") ?? text.startIndex
        guard let operatorStart = text[labelEnd...].firstIndex(where: { "<>=!".contains($0) })
        else {
            throw QuantityProblem(reason: "has no comparison; write METRIC < VALUE")
        }
        let sign = text[operatorStart...].prefix { "<>=!".contains($0) }
        guard let comparison = Threshold.Comparison(rawValue: String(sign)) else {
            let signs = Threshold.Comparison.allCases.map(\.rawValue)
            throw QuantityProblem(
                reason: "\(quoted(String(sign))) is no comparison; use "
                    + alternatives(signs)
            )
        }
        let metricText = trimmed(text[..<operatorStart])
        let metric = try self.metric(metricText)
        let words = text[sign.endIndex...].split(separator: " ")
        guard let valueText = words.first else {
            throw QuantityProblem(reason: "has no value behind \(sign)")
        }
        let value = try self.value(String(valueText), of: metric, named: metricText)
        guard words.count > 1 else {
            return Threshold(text: text, metric: metric, comparison: comparison, value: value)
        }
        guard words.count == 3, words[1] == "during" else {
            let rest = words.dropFirst().joined(separator: " ")
            throw QuantityProblem(reason: "\(quoted(rest)) is not understood; write during FAULT")
        }
        if case .recovery = metric {
            throw QuantityProblem(reason: "a recovery is about its fault already; drop 'during'")
        }
        let fault = String(words[2])
        try checkFault(fault)
        return Threshold(
            text: text,
            metric: metric,
            comparison: comparison,
            value: value,
            during: fault
        )
    }

    private func metric(_ text: String) throws(QuantityProblem) -> Threshold.Metric {
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else {
            let simple = Self.rates + Self.counts + Self.plain
            if simple.contains(text) { return .named(text) }
            let known = simple + ["recovery(FAULT)", "p99(apply.response)"]
            throw QuantityProblem(
                reason: "unknown metric \(quoted(text))\(Suggestion.hint(for: text, among: known))"
            )
        }
        let function = String(text[..<open])
        let argument = trimmed(text[text.index(after: open)...].dropLast())
        if function == "recovery" {
            try checkFault(argument)
            return .recovery(fault: argument)
        }
        return try latency(percentile: percentile(function), of: argument)
    }

    /// `nil` for the mean.
    private func percentile(_ function: String) throws(QuantityProblem) -> Double? {
        if function == "mean" { return nil }
        if function == "max" { return 100 }
        if function.first == "p", function.dropFirst().allSatisfy({ $0.isNumber || $0 == "." }) {
            let number = try Quantity.number(String(function.dropFirst()))
            if number > 0, number <= 100 { return number }
        }
        let hint = Suggestion.hint(for: function, among: ["p50", "p99", "p99.9", "max", "mean"])
        throw QuantityProblem(reason: "unknown metric \(quoted(function))\(hint)")
    }

    private func latency(
        percentile: Double?,
        of argument: String
    ) throws(QuantityProblem) -> Threshold.Metric {
        var rest = argument[...]
        var group: String?
        if let brace = rest.firstIndex(of: "{") {
            let label = trimmed(rest[rest.index(after: brace)...])
            guard label.hasPrefix("group="), label.hasSuffix("}") else {
                throw QuantityProblem(reason: "a latency is narrowed by {group=NAME}")
            }
            let name = String(label.dropFirst("group=".count).dropLast())
            guard names.groups[name] != nil else {
                let hint = Suggestion.hint(for: name, among: names.groups.keys.sorted())
                throw QuantityProblem(reason: "no group named \(quoted(name))\(hint)")
            }
            group = name
            rest = rest[..<brace]
        }
        let words = rest.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 2 else {
            throw QuantityProblem(
                reason: "\(quoted(argument)) is no latency; write apply.response or the like"
            )
        }
        try check(words[0], among: Self.whats)
        try check(words[1], among: Self.kinds)
        if words[0] == "publish", group != nil {
            throw QuantityProblem(reason: "publishing knows no groups")
        }
        return .latency(what: words[0], kind: words[1], percentile: percentile, group: group)
    }

    private func value(
        _ text: String,
        of metric: Threshold.Metric,
        named name: String
    ) throws(QuantityProblem) -> Double {
        do throws(QuantityProblem) {
            switch metric {
            case .latency, .recovery:
                return Double(try Quantity.duration(text).wholeNanoseconds)
            case .named(let name) where Self.rates.contains(name):
                return try Quantity.rate(text)
            case .named(let name) where Self.counts.contains(name):
                return Double(try Quantity.count(text))
            case .named("bytes-per-event"):
                return Double(try Quantity.size(text))
            case .named:
                return try Quantity.number(text)
            }
        } catch {
            throw QuantityProblem(reason: "the value \(quoted(text)) \(error.reason)")
        }
    }

    private func checkFault(_ name: String) throws(QuantityProblem) {
        guard !names.faults.contains(name) else { return }
        let known = names.faults.sorted()
        let hint =
            known.isEmpty
            ? "; none is declared" : Suggestion.hint(for: name, among: known)
        throw QuantityProblem(reason: "no fault named \(quoted(name))\(hint)")
    }

    private func check(_ word: String, among words: [String]) throws(QuantityProblem) {
        guard !words.contains(word) else { return }
        let hint = Suggestion.hint(for: word, among: words)
        throw QuantityProblem(reason: "unknown latency \(quoted(word))\(hint)")
    }

    private func trimmed(_ text: some StringProtocol) -> String {
        let scalars = text.unicodeScalars.drop { $0 == " " }
        var view = String.UnicodeScalarView(scalars)
        while view.last == " " { view.removeLast() }
        return String(view)
    }
}
