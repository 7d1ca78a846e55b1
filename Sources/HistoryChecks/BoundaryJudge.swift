import Histories
import Messaging

/// Judges the broker by what crossed to it and back.
struct BoundaryJudge {
    let bench: Bench
    let orders: [OrderLedger]
    private(set) var results: [CheckResult] = []
    var findings = Findings()
    var evidence: Evidence { bench.evidence }

    init(bench: Bench) {
        self.bench = bench
        orders = bench.evidence.orders.map { $0.finished() }
        guard !evidence.deliveries.isEmpty || !bench.boundary.isEmpty else { return }
        for ledger in evidence.deliveries {
            findings.merge(ledger.findings)
            settleConditional(ledger)
            judgeIntegrity(ledger)
            judgeInversions(ledger)
            judgeOwed(ledger)
            judgeSkippedAttempts(ledger)
            for anomaly in PlaceJudge(bench: bench, ledger: ledger).anomalies {
                findings.add(anomaly)
            }
        }
        judgeStoredCopies()
        for order in orders { judgeOrder(order) }
        let missing = judgeLoss()
        judgeConservation(missing)
        conclude()
    }

    /// Keeps those suspicions that no further stored copy can explain.
    private mutating func settleConditional(_ ledger: DeliveryLedger) {
        for suspicion in ledger.conditional {
            let copies = suspicion.lane.flatMap { bench.possibleCopies($0, suspicion.n) }
            if let copies, copies <= 1 {
                findings.add(suspicion)
            } else {
                findings.undecided[suspicion.guarantee, default: 0] += 1
            }
        }
    }

    /// A1 and A3: what was delivered must have been sent, and not only been refused.
    private mutating func judgeIntegrity(_ ledger: DeliveryLedger) {
        guard !bench.boundary.isEmpty else { return }
        for (lane, state) in zip(ledger.index.lanes, ledger.lanes) {
            let end = state.delivered.upperBound
            guard let sends = bench.boundary[lane] else {
                report(.a1, "unexpected", ledger, lane, state.delivered.presentRanges(in: 0..<end))
                continue
            }
            var never = sends.skipped.ranges(in: 0..<end).flatMap(state.delivered.presentRanges)
            never += state.delivered.presentRanges(in: min(end, sends.reached)..<end)
            report(.a1, "unexpected", ledger, lane, never)
            let refused = sends.refusedRanges.flatMap(state.delivered.presentRanges)
            report(.a3, "aborted-read", ledger, lane, refused)
        }
    }

    mutating func report(
        _ guarantee: Guarantee,
        _ name: String,
        _ ledger: DeliveryLedger,
        _ lane: LaneID,
        _ ranges: [Range<UInt64>],
        detail: String? = nil
    ) {
        for range in ranges {
            findings.add(
                Anomaly(
                    guarantee,
                    name,
                    side: .boundary,
                    blame: .broker,
                    lane: lane,
                    group: ledger.group,
                    n: range.lowerBound,
                    count: UInt64(range.count),
                    detail: detail ?? Self.detail(of: guarantee)
                )
            )
        }
    }

    private static func detail(of guarantee: Guarantee) -> String {
        guarantee == .a1 ? "no producer of this run has sent it" : "every attempt was refused"
    }

    /// A20, and the part of A21 that needs the end of the run.
    private mutating func judgeOwed(_ ledger: DeliveryLedger) {
        guard let rest = bench.drainedAt else { return }
        for anomaly in ledger.usurpedForGood(at: rest.nanoseconds) { findings.add(anomaly) }
        for (entry, since) in ledger.owed where since < rest.nanoseconds {
            let limit = ledger.rules.maxDeliveries.map(UInt32.init) ?? .max
            let lane = ledger.index.lanes[Int(entry.lane)]
            let isLast = entry.attempt >= limit
            guard !isLast || ledger.rules.watchesDeadLetters else { continue }
            findings.add(
                Anomaly(
                    isLast ? .a21 : .a20,
                    isLast ? "never-dead-lettered" : "stuck",
                    side: .boundary,
                    blame: .broker,
                    lane: lane,
                    group: ledger.group,
                    n: entry.n,
                    detail: "owed since \(since) ns, at rest at \(rest.nanoseconds) ns"
                )
            )
        }
    }

    private mutating func judgeSkippedAttempts(_ ledger: DeliveryLedger) {
        let found = ledger.missingAttempts.sorted {
            ($0.key.lane, $0.key.n, $0.key.offset) < ($1.key.lane, $1.key.n, $1.key.offset)
        }
        for (copy, missing) in found where missing > 0 {
            // Before the run came to rest, what seems skipped may still be on its way to someone.
            let isWhole = ledger.losses == 0 && (bench.drainedAt != nil || !ledger.hasDepartures)
            guard isWhole else {
                findings.undecided[.a21, default: 0] += 1
                continue
            }
            findings.add(
                Anomaly(
                    .a21,
                    "skipped-attempts",
                    side: .boundary,
                    blame: .broker,
                    lane: ledger.index.lanes[Int(copy.lane)],
                    group: ledger.group,
                    n: copy.n,
                    detail: "\(missing) attempts were counted that nobody received"
                )
            )
        }
    }

    /// A6 and A26: not more stored copies than crossings, one answer for repeats.
    private mutating func judgeStoredCopies() {
        var extra: [LaneID: [UInt64: UInt64]] = [:]
        for ledger in evidence.deliveries {
            for (copy, count) in ledger.extraCopies {
                let lane = ledger.index.lanes[Int(copy.lane)]
                extra[lane, default: [:]][copy.n] = max(count, extra[lane]?[copy.n] ?? 0)
            }
        }
        for lane in bench.idempotent.sorted(by: { $0.packed < $1.packed })
        where evidence.profile.capabilities.contains(.dedup) {
            for (n, first, second) in bench.boundary[lane]?.contradictions ?? []
            where bench.possibleCopies(lane, n) ?? 2 <= 1 {
                let detail = "confirmed at offset \(first), its repeat at \(second)"
                duplicate(.a26, lane, n, 1, detail)
                if extra[lane]?[n] == nil { duplicate(.a6, lane, n, 1, detail) }
            }
        }
        for lane in extra.keys.sorted(by: { $0.packed < $1.packed }) {
            for (n, count) in (extra[lane] ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard let copies = bench.possibleCopies(lane, n), copies > 0 else { continue }
                guard count + 1 > copies else { continue }
                let detail = "\(count + 1) stored copies of at most \(copies)"
                duplicate(.a6, lane, n, count + 1 - copies, detail)
                // Each copy once is still more often than once.
                guard evidence.expectations.delivery == .atMostOnce else { continue }
                duplicate(.a5, lane, n, count + 1 - copies, detail)
            }
        }
    }

    private mutating func duplicate(
        _ guarantee: Guarantee,
        _ lane: LaneID,
        _ n: UInt64,
        _ count: UInt64,
        _ detail: String
    ) {
        findings.add(
            Anomaly(
                guarantee,
                guarantee == .a5 ? "duplicate-delivery" : "duplicate",
                side: .boundary,
                blame: .broker,
                lane: lane,
                n: n,
                count: count,
                detail: detail
            )
        )
    }
}

extension BoundaryJudge {
    /// Turns what was found, and what was looked at, into results.
    private mutating func conclude() {
        let deliveries = evidence.deliveries.reduce(0) { $0 + $1.count }
        let nothing = deliveries == 0 ? "nothing was delivered" : nil
        let unsent = bench.boundary.isEmpty ? "no sends were recorded" : nil
        let repeats = evidence.deliveries.reduce(0) { $0 + $1.repeats }
        let nacks = evidence.deliveries.reduce(0) { $0 + $1.nacks }
        let confirmed = bench.boundary.values.reduce(0) { $0 + $1.confirmed.count }
        let distinct = evidence.deliveries.reduce(0) { $0 + $1.distinct }
        let leased = evidence.deliveries.contains { $0.rules.leaseNanoseconds != nil }
        let groups = UInt64(evidence.deliveries.count)

        add(.a1, cases: deliveries, nothing ?? unsent)
        add(.a2, cases: deliveries, nothing)
        add(.a3, cases: deliveries, nothing ?? unsent ?? sendLimit)
        add(.a4, cases: confirmed * groups, nothing ?? unsent ?? bench.unfinished ?? gapLimit)
        add(.a5, cases: deliveries, nothing ?? storeLimit(Self.answerStores) ?? gapLimit)
        add(.a6, cases: distinct, nothing ?? unsent ?? copyLimit)
        add(.a7, cases: repeats, nothing ?? storeLimit(Self.answerStores))
        add(.a11, cases: distinct, nothing ?? unsent ?? orderLimit)
        if !orders.isEmpty {
            add(.a12, cases: realTimeCases, nothing ?? unsent ?? realTimeLimit)
            add(.a15, cases: agreementCases, nothing ?? agreementLimit)
        }
        if findings.total(.a14) > 0 { add(.a14, cases: deliveries, nil) }
        add(.a18, cases: leased ? deliveries : 0, nothing ?? storeLimit(Self.answerStores))
        add(
            .a20,
            cases: repeats + nacks,
            nothing ?? bench.unfinished ?? storeLimit(["unanswered deliveries"])
        )
        add(
            .a21,
            cases: deliveries,
            nothing ?? storeLimit(Self.answerStores + ["skipped attempts", "dead letters"])
        )
        add(.a22, cases: repeats, nothing ?? storeLimit(Self.answerStores))
        add(.a23, cases: nacks, nothing ?? storeLimit(Self.answerStores))
        if !bench.idempotent.isEmpty { add(.a26, cases: confirmed, sendLimit) }
        add(.a29, cases: confirmed, nothing ?? unsent ?? bench.unfinished ?? unaccounted)
        let late = evidence.deliveries.reduce(0) { $0 + $1.lateAnswers }
        if late > 0 { add(.a33, cases: late, storeLimit(Self.answerStores)) }
        add(.a38, cases: deliveries, nothing)
    }

    private mutating func add(_ guarantee: Guarantee, cases: UInt64, _ reason: String?) {
        results.append(
            bench.result(
                guarantee,
                side: .boundary,
                findings: findings,
                cases: cases,
                unknown: reason
            )
        )
    }

    private static let answerStores = ["unanswered deliveries", "suspicious redeliveries"]

    private var unaccounted: String? {
        evidence.accounts.declaredDrops == nil || evidence.accounts.queued == nil
            ? "the broker does not say what it dropped and what it holds" : nil
    }

    var sendLimit: String? {
        bench.boundary.values.contains(where: \.isExhausted)
            ? "more irregular sends than the ledger holds" : nil
    }

    private var gapLimit: String? {
        let isFull = evidence.deliveries.contains { ledger in
            ledger.lanes.contains { $0.delivered.isExhausted }
                || ledger.offsets.contains(where: \.isExhausted)
        }
        return isFull ? "more gaps than the ledger holds" : sendLimit
    }

    private var copyLimit: String? {
        guard evidence.profile.capabilities.contains(.offsets) else {
            return "the driver shows no offsets, so copies cannot be told apart"
        }
        return storeLimit(["stored duplicates"]) ?? gapLimit
    }

    func storeLimit(_ stores: [String]) -> String? {
        let full = evidence.deliveries.flatMap(\.exhausted).filter(stores.contains).min()
        return full.map { "more \($0) than the ledger holds" }
    }
}
