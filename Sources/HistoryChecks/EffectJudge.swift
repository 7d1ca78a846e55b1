import Histories
import Messaging

/// Judges the application by what its handlers did.
struct EffectJudge {
    let bench: Bench
    private let brokenLanes: Set<LaneID>
    private(set) var results: [CheckResult] = []
    private var findings = Findings()
    private var evidence: Evidence { bench.evidence }

    init(bench: Bench, boundary: [CheckResult]) {
        self.bench = bench
        brokenLanes = Set(
            boundary.filter { $0.guarantee == .a11 }.flatMap(\.anomalies).compactMap(\.lane)
        )
        repeatedByBroker = Self.events(of: boundary, [.a5, .a6, .a7, .a18])
        if !evidence.effects.isEmpty {
            for effects in evidence.effects {
                judgeCounts(effects)
                judgeState(effects)
                judgeOrder(effects)
            }
            conclude()
        }
        concludeUnresolved()
    }

    private let repeatedByBroker: Set<CopyOfEvent>

    /// An event, wherever its copies are.
    struct CopyOfEvent: Hashable {
        var lane: LaneID
        var n: UInt64
    }

    private static func events(
        of results: [CheckResult],
        _ guarantees: Set<Guarantee>
    ) -> Set<CopyOfEvent> {
        let anomalies = results.filter { guarantees.contains($0.guarantee) }.flatMap(\.anomalies)
        return Set(
            anomalies.compactMap { found in found.lane.map { CopyOfEvent(lane: $0, n: found.n) } }
        )
    }

    /// A8: once for a confirmed event, at most once for an unknown one, never for a refused one.
    private mutating func judgeCounts(_ effects: EffectLedger) {
        let wanted = evidence.expectations.effect
        let deliveries = evidence.deliveries.first { $0.group == effects.group }
        let topics = deliveries.map { [$0.topic] } ?? Set(effects.index.lanes.map(\.topic))
        if wanted != .atMostOnce {
            for (lane, sends) in bench.application.sorted(by: { $0.key.packed < $1.key.packed })
            where topics.contains(lane.topic) {
                judgeMissed(effects, lane, sends, deliveries)
            }
        }
        guard wanted != .atLeastOnce else { return }
        for (lane, state) in zip(effects.index.lanes, effects.lanes) {
            judgeRepeated(effects, lane, state)
            judgeForbidden(effects, lane, state)
        }
    }

    private mutating func judgeMissed(
        _ effects: EffectLedger,
        _ lane: LaneID,
        _ sends: SendLane,
        _ deliveries: DeliveryLedger?
    ) {
        guard bench.drainedAt != nil else { return }
        let state = effects.index.number(of: lane).map { effects.lanes[$0] } ?? EffectLane()
        let start = min(bench.owedFrom(group: effects.group, lane: lane), sends.reached)
        for range in state.applied.missingRanges(in: start..<sends.reached) {
            for confirmed in sends.confirmed.presentRanges(in: range) {
                let holes = state.deadLetters.ranges(in: confirmed)
                let owed = confirmed.cut(by: holes).flatMap { range in
                    range.cut(by: state.brokerDeadLetters.ranges(in: range))
                }
                for owed in owed {
                    reportMissed(effects, lane, owed, state, deliveries)
                }
            }
        }
    }

    /// The first few one by one, each with its own blame; a long stretch as one.
    private mutating func reportMissed(
        _ effects: EffectLedger,
        _ lane: LaneID,
        _ range: Range<UInt64>,
        _ state: EffectLane,
        _ deliveries: DeliveryLedger?
    ) {
        for n in range.prefix(9) {
            let isLast = n - range.lowerBound == 8
            report(
                "missed-apply",
                effects,
                lane,
                n,
                blame: blameMissed(lane, n, deliveries),
                state.givenUp.contains(n) ? "given up by its consumer" : "never applied",
                count: isLast ? UInt64(range.count) - 8 : 1
            )
        }
    }

    private func blameMissed(_ lane: LaneID, _ n: UInt64, _ deliveries: DeliveryLedger?) -> Blame {
        if let deliveries, bench.boundary[lane]?.confirmed.contains(n) ?? false {
            let number = deliveries.index.number(of: lane)
            let wasDelivered = number.map { deliveries.lanes[$0].delivered.contains(n) } ?? false
            if !wasDelivered { return .broker }
        }
        return injectedOrClient(lane, [n])
    }

    private func injectedOrClient(_ lane: LaneID, _ events: [UInt64]) -> Blame {
        if events.contains(where: { evidence.fired.rules(lane: lane, n: $0) != 0 }) {
            return .injected
        }
        return evidence.fired.isExhausted ? .undetermined : .client
    }

    /// More than once: the broker's doing if it is convicted for the event, else the inbox's.
    private mutating func judgeRepeated(
        _ effects: EffectLedger,
        _ lane: LaneID,
        _ state: EffectLane
    ) {
        for (n, extra) in state.extra.sorted(by: { $0.key < $1.key }) {
            let isBroker = repeatedByBroker.contains(CopyOfEvent(lane: lane, n: n))
            let rules = evidence.fired.rules(lane: lane, n: n)
            let note = rules == 0 ? "" : "; faults fired on it, its consumer should have noticed"
            report(
                "double-apply",
                effects,
                lane,
                n,
                blame: isBroker ? .broker : .client,
                "applied \(extra + 1) times\(note)",
                count: extra
            )
        }
    }

    private mutating func judgeForbidden(
        _ effects: EffectLedger,
        _ lane: LaneID,
        _ state: EffectLane
    ) {
        let refused = bench.application[lane]?.refusedRanges ?? []
        for n in refused.flatMap(state.applied.presentRanges).joined() {
            let blame = injectedOrClient(lane, [n])
            let isBroker =
                blame == .client
                && (bench.boundary[lane]?.refusedRanges ?? []).contains {
                    $0.contains(n)
                }
            report(
                "refused-apply",
                effects,
                lane,
                n,
                blame: isBroker ? .broker : blame,
                "applied although every attempt was refused"
            )
        }
        for n in state.deadLetters.ranges(in: 0..<state.applied.upperBound)
            .flatMap(state.applied.presentRanges).joined()
        {
            report(
                "dead-lettered-apply",
                effects,
                lane,
                n,
                blame: injectedOrClient(lane, [n]),
                "applied and moved to the dead letters"
            )
        }
    }

    private mutating func report(
        _ name: String,
        _ effects: EffectLedger,
        _ lane: LaneID,
        _ n: UInt64,
        blame: Blame,
        _ detail: String,
        count: UInt64 = 1
    ) {
        findings.add(
            Anomaly(
                .a8,
                name,
                side: .application,
                blame: blame,
                lane: lane,
                group: effects.group,
                n: n,
                count: count,
                detail: detail
            )
        )
    }

    /// A9: the handler's state is that of the distinct applied events.
    private mutating func judgeState(_ effects: EffectLedger) {
        guard let state = effects.handlerState, state != effects.reference else { return }
        findings.add(
            Anomaly(
                .a9,
                "state-mismatch",
                side: .application,
                blame: .client,
                group: effects.group,
                detail: "the handler's state is not that of \(effects.distinct) distinct events"
            )
        )
    }

    /// A34: last effects of one key in the order of sending.
    private mutating func judgeOrder(_ effects: EffectLedger) {
        let found = effects.inversions.sorted {
            ($0.key.lane, $0.key.key.rawValue) < ($1.key.lane, $1.key.key.rawValue)
        }
        for (place, inversions) in found {
            let lane = effects.index.lanes[Int(place.lane)]
            for inversion in inversions {
                var blame = injectedOrClient(lane, [inversion.earlier, inversion.later])
                if blame == .client, brokenLanes.contains(lane) { blame = .broker }
                findings.add(
                    Anomaly(
                        .a34,
                        "effect-reorder",
                        side: .application,
                        blame: blame,
                        lane: lane,
                        group: effects.group,
                        key: place.key,
                        n: inversion.earlier,
                        detail: "took effect after event \(inversion.later) of the same key"
                    )
                )
            }
        }
    }

    private mutating func conclude() {
        let applied = evidence.effects.reduce(0) { $0 + $1.count }
        let nothing = applied == 0 ? "nothing was applied" : nil
        let unsent = bench.application.isEmpty ? "no sends were recorded" : nil
        let isAtMostOnce = evidence.expectations.effect == .atMostOnce
        let unfinished = isAtMostOnce ? nil : bench.unfinished
        let distinct = evidence.effects.reduce(0) { $0 + $1.distinct }
        add(.a8, cases: distinct, nothing ?? unsent ?? unfinished ?? limit(["repeated effects"]))
        let hasState = evidence.effects.contains { $0.handlerState != nil }
        add(.a9, cases: applied, nothing ?? (hasState ? nil : "no handler keeps a state"))
        if evidence.effects.contains(where: \.checksOrder)
            || evidence.expectations.effectOrder != nil
        {
            let watched = evidence.effects.allSatisfy(\.checksOrder)
            let stores = ["keys of the effect order", "inverted effects"]
            let reason = watched ? limit(stores) : "the order of effects was not watched"
            add(.a34, cases: applied, nothing ?? reason)
        }
    }

    private func limit(_ stores: [String]) -> String? {
        let full = evidence.effects.flatMap(\.exhausted).filter(stores.contains).min()
        return full.map { "more \($0) than the ledger holds" }
    }

    private mutating func concludeUnresolved() {
        guard let allowed = evidence.expectations.unresolved else { return }
        let unresolved = bench.application.values.reduce(0) { $0 + $1.unresolved }
        let isBeyond = unresolved > UInt64(allowed)
        // What was open when a run was cut short might have been resolved.
        if isBeyond, bench.unfinished == nil {
            findings.add(
                Anomaly(
                    .unresolved,
                    "unresolved",
                    side: .application,
                    blame: evidence.fired.count > 0 ? .injected : .undetermined,
                    count: unresolved,
                    detail: "the fate of \(unresolved) sends is unknown, \(allowed) are allowed"
                )
            )
        }
        let sent = bench.application.values.reduce(0) { $0 + $1.reached }
        let unsent = bench.application.isEmpty ? "no sends were recorded" : nil
        add(.unresolved, cases: sent, unsent ?? (isBeyond ? bench.unfinished : nil))
    }

    private mutating func add(_ guarantee: Guarantee, cases: UInt64, _ reason: String?) {
        results.append(
            bench.result(
                guarantee,
                side: .application,
                findings: findings,
                cases: cases,
                unknown: reason
            )
        )
    }
}
