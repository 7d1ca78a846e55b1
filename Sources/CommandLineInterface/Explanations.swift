import HistoryChecks

/// What names mean: guarantees and anomalies from their own catalogue, the rest from here.
enum Explanations {
    private static let terms: [(name: String, text: String)] = [
        (
            "exit-codes",
            """
            0    every required guarantee held and every threshold was met
            1    a guarantee was violated
            2    bad usage or a bad scenario; nothing was run
            3    a broker, library or permission is missing, or the broker died unplanned
            4    inconclusive: a required verdict is unknown, a fault fired less than its
                 min-fired, or the generator could not keep its schedule under a threshold
            5    a threshold was missed; guarantees held
            70   a fault of Gyre itself
            130  interrupted with nothing violated
            When several apply: 70, 1, 3, 5, 4.
            """
        ),
        (
            "response",
            """
            Response time: from the moment an event was due by the producer's schedule. A sender
            that stalls makes later events late, and they say so: safe against coordinated
            omission. In a closed loop nothing is due, so there is none (n/a).
            """
        ),
        (
            "service",
            "Service time: from the moment an event was really sent. Blind to a stalled sender."
        ),
        (
            "slip",
            "Slip: how much later than its schedule an event was sent. Response = slip + service."
        ),
        (
            "armed",
            "Items that passed a fault's site while the rule was armed (after warm-up)."
        ),
        ("eligible", "Armed items that the rule's selection (`where`) speaks of."),
        ("fired", "Eligible items that the rule struck. Less than `min-fired` proves nothing."),
        (
            "effective",
            "Strikes after which worker or broker saw something else than they would have."
        ),
        (
            "masked",
            """
            Effective strikes that retries, de-duplication or the inbox absorbed: the application
            came out as if nothing had happened. The good news column.
            """
        ),
        (
            "placement",
            """
            How far apart the two cores were, by a round trip of one word: smt 70-90 ns, near
            100-120 ns, far 440-490 ns. Throughput differs tenfold between them: compare only runs
            with the same label. `mixed`: it changed, or the machine was busy.
            """
        ),
        (
            "unresolved",
            "Sends whose fate the producer never learnt: no confirmation, no refusal."
        ),
        (
            "blame",
            """
            Who broke a guarantee. broker: its own records convict it. injected: a declared fault
            that fired on the event explains it. client: a policy of the application (ack mode,
            retry, inbox) does. Injected faults can never convict the broker.
            """
        ),
    ]

    /// Everything that can be asked for.
    static var index: String {
        var lines = ["Guarantees:"]
        for guarantee in Guarantee.allCases {
            guard let entry = guarantee.entry else { continue }
            lines.append("  \(entry.id)  \(entry.anomalies.joined(separator: ", "))")
        }
        lines.append("Terms:")
        lines += terms.map { "  \($0.name)" }
        return lines.joined(separator: "\n")
    }

    /// The explanation of `name`, or `nil` if there is none.
    static func text(for name: String) -> String? {
        let wanted = name.lowercased()
        if let term = terms.first(where: { $0.name == wanted }) { return term.text }
        if wanted == "exit-code" || Int(wanted) != nil { return text(for: "exit-codes") }
        let guarantee = Guarantee(id: wanted) ?? Guarantee.broken(by: wanted)
        return guarantee?.entry.map(text(of:))
    }

    private static func text(of entry: GuaranteeEntry) -> String {
        """
        \(entry.id)  \(entry.anomalies.joined(separator: ", "))
        \(entry.meaning)

        Example:
        \(entry.example)

        Usual causes: \(entry.causes)
        """
    }

    /// The known name that is nearest to `name`, if one is near.
    static func nearest(to name: String) -> String? {
        let entries = Guarantee.allCases.compactMap(\.entry)
        let known = terms.map(\.name) + entries.flatMap { [$0.id] + $0.anomalies }
        let wanted = name.lowercased()
        var best: (name: String, distance: Int)?
        for candidate in known {
            let distance = distance(candidate.lowercased(), wanted)
            guard distance <= max(1, wanted.count / 3) else { continue }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
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
