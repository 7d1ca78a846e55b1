import Histories
import Messaging

/// The judge: reads the ledgers once and says what held.
public enum Judgement {
    /// Judges every guarantee that the evidence speaks of, in the order of their numbers.
    ///
    /// Boundary guarantees read only what crossed to the broker and back; effects are judged by
    /// what the application saw. Cost: O(what the ledgers keep), not O(events).
    public static func judge(_ evidence: Evidence) -> [CheckResult] {
        let bench = Bench(evidence)
        var results = BoundaryJudge(bench: bench).results
        results += EffectJudge(bench: bench, boundary: results).results
        let judged = Set(results.map(\.guarantee))
        for missing in bench.required where !judged.contains(missing) {
            results.append(bench.unseen(missing))
        }
        return results.sorted { $0.guarantee.rawValue < $1.guarantee.rawValue }
    }
}

/// The evidence, joined by lane.
struct Bench {
    let evidence: Evidence
    /// What crossed, by lane.
    let boundary: [LaneID: SendLane]
    /// What the application sent, by lane.
    let application: [LaneID: SendLane]
    let idempotent: Set<LaneID>
    let required: Set<Guarantee>

    init(_ evidence: Evidence) {
        self.evidence = evidence
        boundary = Self.lanes(of: evidence.boundarySends)
        let hasApplication = !evidence.applicationSends.isEmpty
        application = hasApplication ? Self.lanes(of: evidence.applicationSends) : boundary
        idempotent = Set(
            evidence.boundarySends.filter(\.isIdempotent).flatMap { $0.index.lanes }
        )
        let accounts = evidence.accounts
        required = Requirements.required(
            by: evidence.expectations,
            of: evidence.profile,
            hasAccounts: accounts.declaredDrops != nil && accounts.queued != nil
        )
    }

    private static func lanes(of ledgers: [SendLedger]) -> [LaneID: SendLane] {
        var lanes: [LaneID: SendLane] = [:]
        for ledger in ledgers {
            for (lane, state) in zip(ledger.index.lanes, ledger.lanes) { lanes[lane] = state }
        }
        return lanes
    }

    /// When the run came to rest, or `nil` if it did not.
    var drainedAt: Instant? {
        if case .drained(let at) = evidence.drain { at } else { nil }
    }

    /// Why what is missing cannot be called lost, if so.
    var unfinished: String? {
        if case .unfinished(let reason) = evidence.drain { reason } else { nil }
    }

    /// How many copies of event `n` of `lane` the broker may hold; `nil` if no send was recorded.
    func possibleCopies(_ lane: LaneID, _ n: UInt64) -> UInt64? {
        guard !boundary.isEmpty else { return nil }
        let recognises = idempotent.contains(lane) && evidence.profile.capabilities.contains(.dedup)
        let window = recognises ? evidence.profile.deduplicationWindow : 0
        return boundary[lane]?.possibleCopies(of: n, deduplicationWindow: window) ?? 0
    }

    func owedFrom(group: UInt16, lane: LaneID) -> UInt64 {
        evidence.owedFrom[group]?[lane] ?? 0
    }

    /// The result of a check for which there is no evidence at all.
    func unseen(_ guarantee: Guarantee) -> CheckResult {
        let isEffect: Set<Guarantee> = [.a8, .a9, .a34, .unresolved]
        return CheckResult(
            guarantee,
            side: isEffect.contains(guarantee) ? .application : .boundary,
            verdict: .unknown(reason: "nothing was recorded that shows it"),
            isRequired: true,
            form: evidence.form
        )
    }

    /// The result of a check: a witnessed violation stands, else what is missing makes it unknown.
    func result(
        _ guarantee: Guarantee,
        side: HistorySide,
        findings: Findings,
        cases: UInt64,
        unknown reason: String?
    ) -> CheckResult {
        let total = findings.total(guarantee)
        let verdict: Verdict
        if total > 0 {
            verdict = .violated(anomalies: findings.anomalies(guarantee), total: total)
        } else if let reason {
            verdict = .unknown(reason: reason)
        } else {
            verdict = .valid(cases: cases)
        }
        return CheckResult(
            guarantee,
            side: side,
            verdict: verdict,
            isRequired: required.contains(guarantee),
            form: evidence.form,
            undecided: findings.undecided[guarantee] ?? 0
        )
    }
}
