import Workloads

extension ScenarioNode {
    func readText(_ what: String, _ findings: Findings) -> String? {
        if let text { return text }
        findings.error("\(quoted(what)) is a text, found \(shown)", at: position)
        return nil
    }

    func readFlag(_ what: String, _ findings: Findings) -> Bool? {
        switch text {
        case "true": return true
        case "false": return false
        default:
            findings.error("\(quoted(what)) is true or false, found \(shown)", at: position)
            return nil
        }
    }

    func readCount(_ what: String, in range: ClosedRange<Int>, _ findings: Findings) -> Int? {
        read(what, "a count", findings) { text throws(QuantityProblem) in
            let count = try Quantity.count(text)
            guard range.contains(count) else {
                let bounds =
                    "\(Figures.count(range.lowerBound)) to "
                    + Figures.count(range.upperBound)
                throw QuantityProblem(reason: "is out of bounds: \(quoted(what)) is \(bounds)")
            }
            return count
        }
    }

    func readNumber(
        _ what: String,
        in range: ClosedRange<Double>,
        _ findings: Findings
    ) -> Double? {
        read(what, "a number", findings) { text throws(QuantityProblem) in
            let number = try Quantity.number(text)
            guard range.contains(number) else {
                let bounds =
                    "\(Figures.decimal(range.lowerBound)) to "
                    + Figures.decimal(range.upperBound)
                throw QuantityProblem(reason: "is out of bounds: \(quoted(what)) is \(bounds)")
            }
            return number
        }
    }

    func readDuration(_ what: String, isPositive: Bool, _ findings: Findings) -> Duration? {
        read(what, "a duration", findings) { text throws(QuantityProblem) in
            let duration = try Quantity.duration(text)
            guard duration > .zero || !isPositive else {
                throw QuantityProblem(reason: "is no time at all: \(quoted(what)) is above 0")
            }
            return duration
        }
    }

    func readSize(_ what: String, _ findings: Findings) -> Int? {
        read(what, "a size", findings) { text throws(QuantityProblem) in
            let size = try Quantity.size(text)
            guard size <= PayloadReader.largest else {
                let most = Figures.bytes(PayloadReader.largest)
                throw QuantityProblem(reason: "is too large: a payload has at most \(most)")
            }
            return size
        }
    }

    func readRate(_ what: String, _ findings: Findings) -> Double? {
        read(what, "a rate", findings) { text throws(QuantityProblem) in
            try Quantity.rate(text)
        }
    }

    func readChoice<Choice>(_ what: String, _ type: Choice.Type, _ findings: Findings) -> Choice?
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue)
        if let text, let choice = Choice(rawValue: text) { return choice }
        let hint = Suggestion.hint(for: text ?? "", among: words)
        let list = hint.contains("did you mean") ? hint : "; use \(alternatives(words))"
        findings.error("\(shown) is no value of \(quoted(what))\(list)", at: position)
        return nil
    }

    /// The one entry of a mapping whose key says what the value is.
    func readVariant(_ what: String, _ words: [String], _ findings: Findings) -> Entry? {
        guard let entries, entries.count == 1 else {
            let found = entries.map { "\($0.count) keys" } ?? shown
            findings.error(
                "\(quoted(what)) has one of the keys \(alternatives(words)), found \(found)",
                at: position
            )
            return nil
        }
        return entries[0]
    }

    /// A duration, or how it is distributed.
    func readDistribution(_ what: String, _ findings: Findings) -> DurationDistribution? {
        if let text {
            if text == "none" { return DurationDistribution.none }
            return readDuration(what, isPositive: false, findings).map { .fixed($0) }
        }
        let words = ["fixed", "uniform", "exponential"]
        guard let variant = readVariant(what, words, findings) else { return nil }
        let value = variant.value
        switch variant.key {
        case "fixed":
            return value.readDuration("fixed", isPositive: false, findings).map { .fixed($0) }
        case "exponential":
            return value.readDuration("exponential", isPositive: true, findings)
                .map { .exponential(mean: $0) }
        case "uniform":
            return value.readPair("uniform", "[1ms, 5ms]", findings) {
                $0.readDuration("uniform", isPositive: false, findings)
            }.map { .uniform($0, $1) }
        default:
            let hint = Suggestion.hint(for: variant.key, among: words)
            findings.error(
                "unknown distribution \(quoted(variant.key))\(hint)",
                at: variant.position
            )
            return nil
        }
    }

    /// Two values in a list, the smaller first.
    func readPair<Value: Comparable>(
        _ what: String,
        _ example: String,
        _ findings: Findings,
        read: (ScenarioNode) -> Value?
    ) -> (Value, Value)? {
        guard let items, items.count == 2 else {
            findings.error(
                "\(quoted(what)) is a list of two bounds, such as \(example), found \(shown)",
                at: position
            )
            return nil
        }
        guard let low = read(items[0]), let high = read(items[1]) else { return nil }
        guard low <= high else {
            findings.error("\(quoted(what)) gives its larger bound first", at: position)
            return nil
        }
        return (low, high)
    }

    private func read<Value>(
        _ what: String,
        _ kind: String,
        _ findings: Findings,
        parse: (String) throws(QuantityProblem) -> Value
    ) -> Value? {
        guard let text else {
            findings.error("\(quoted(what)) is \(kind), found \(shown)", at: position)
            return nil
        }
        do throws(QuantityProblem) {
            return try parse(text)
        } catch {
            findings.error("\(quoted(text)) \(error.reason)", at: position)
            return nil
        }
    }
}
