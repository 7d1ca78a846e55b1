import HistoryChecks

/// What names mean: guarantees and anomalies from their own catalogue, the rest from the glossary.
enum Explanations {
    /// Everything that can be asked for.
    static var index: String {
        var lines = ["Guarantees:"]
        for guarantee in Guarantee.allCases {
            guard let entry = guarantee.entry else { continue }
            let id = entry.id.padding(to: 12)
            lines.append("  \(id)\(entry.anomalies.joined(separator: ", "))")
        }
        lines.append("Terms:")
        lines += Glossary.terms.map { "  " + $0.names.joined(separator: ", ") }
        lines.append("Exit codes:")
        lines.append("  " + GyreExit.allCases.map { "\($0.rawValue)" }.joined(separator: ", "))
        return lines.joined(separator: "\n")
    }

    /// The explanation of `name`, or `nil` if there is none.
    ///
    /// Knows a threshold such as `p99(apply.response)` by its parts.
    static func text(for name: String) -> String? {
        if let text = meanings(of: normal(name)) { return text }
        let parts = name.lowercased().split { "(){}=".contains($0) }
            .flatMap { meanings(of: String($0)) == nil ? $0.split(separator: ".") : [$0] }
        guard parts.count > 1 else { return nil }
        let texts = parts.compactMap { part in
            meanings(of: normal(String(part))).map { "\(part): \($0)" }
        }
        return texts.isEmpty ? nil : texts.joined(separator: "\n\n")
    }

    /// The known name that is nearest to `name`, if one is near.
    static func nearest(to name: String) -> String? {
        let entries = Guarantee.allCases.compactMap(\.entry)
        let known = Glossary.terms.flatMap(\.names) + entries.flatMap { [$0.id] + $0.anomalies }
        let wanted = normal(name)
        var best: (name: String, distance: Int)?
        for candidate in known {
            let distance = distance(candidate.lowercased(), wanted)
            guard distance <= max(1, wanted.count / 3), distance < candidate.count else { continue }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Names as they are listed: `dead_lettered` and `Dead lettered` are `dead-lettered`.
    private static func normal(_ name: String) -> String {
        name.lowercased().replacing("_", with: "-").replacing(" ", with: "-")
    }

    private static func meanings(of wanted: String) -> String? {
        var texts = Glossary.terms.filter { $0.names.contains(wanted) }.map(\.text)
        if isExitCode(wanted) { texts += meanings(of: "exit-codes").map { [$0] } ?? [] }
        texts += isPercentile(wanted) ? meanings(of: "percentile").map { [$0] } ?? [] : []
        texts += Guarantee.allCases.compactMap { guarantee in
            let anomalies = guarantee.entry?.anomalies ?? []
            let isMeant = guarantee.id.lowercased() == wanted || anomalies.contains(wanted)
            return isMeant ? text(of: guarantee) : nil
        }
        return texts.isEmpty ? nil : texts.joined(separator: "\n\n")
    }

    private static func isExitCode(_ name: String) -> Bool {
        name == "exit-code" || GyreExit.allCases.contains { "\($0.rawValue)" == name }
    }

    private static func isPercentile(_ name: String) -> Bool {
        let known = Glossary.terms.contains { $0.names.contains(name) }
        return !known && name.hasPrefix("p") && Double(name.dropFirst()) != nil
    }

    private static func text(of guarantee: Guarantee) -> String {
        guard let entry = guarantee.entry else {
            return "\(guarantee.id)  \(guarantee.title)\nThis version does not judge it."
        }
        return """
            \(entry.id)  \(guarantee.title); broken by: \(entry.anomalies.joined(separator: ", "))
            \(entry.meaning)

            Example:
            \(entry.example)

            Usual causes: \(entry.causes)
            """
    }

    /// Levenshtein's distance.
    private static func distance(_ left: String, _ right: String) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = cost
            }
        }
        return row[right.count]
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(1, width - count))
    }
}
