import Faults
import HistoryChecks
import Messaging
import RunRecords

/// What a run comes to, in the terms of exit codes; when several apply the first listed wins.
public enum RunOutcome: Int, Sendable, CaseIterable {
    /// A required guarantee was violated.
    case violated = 1
    /// The broker went away unasked.
    case brokerGone = 3
    /// A threshold was missed, guarantees held.
    case thresholdMissed = 5
    /// A required verdict is unknown, or a fault proved nothing.
    case inconclusive = 4
    /// The user ended it, nothing was violated.
    case interrupted = 130
    /// Everything held.
    case held = 0

    /// What the findings come to, with one sentence why.
    static func of(
        _ findings: RunFindings,
        _ thresholds: [ThresholdRecord],
        failure: DriverFailure?,
        wasInterrupted: Bool
    ) -> (outcome: RunOutcome, reason: String) {
        let broken = findings.checks.filter(\.isViolation)
        if let first = broken.first {
            let what = first.anomalies.first.map { "; \($0.name): \($0.detail)" } ?? ""
            return (.violated, "violated: \(names(broken))\(what)")
        }
        if let failure { return (.brokerGone, failure.description) }
        let missed = thresholds.filter { $0.outcome == .missed }
        if !missed.isEmpty {
            return (.thresholdMissed, "missed: " + missed.map(\.text).joined(separator: ", "))
        }
        if wasInterrupted {
            return (.interrupted, "ended by a signal; nothing was violated until then")
        }
        if let reason = inconclusiveReason(findings, thresholds) { return (.inconclusive, reason) }
        return (.held, "every required guarantee held")
    }

    private static func names(_ checks: [CheckResult]) -> String {
        checks.map { "\($0.guarantee.id) \($0.guarantee.title)" }.joined(separator: ", ")
    }

    private static func inconclusiveReason(
        _ findings: RunFindings,
        _ thresholds: [ThresholdRecord]
    ) -> String? {
        let unknown = findings.checks.filter(\.isInconclusive)
        if let first = unknown.first, case .unknown(let reason) = first.verdict {
            return "undecided: \(names(unknown)); \(reason)"
        }
        if let rule = findings.vacuous.first {
            return "fault '\(rule.name)' fired less than \(rule.minFired) times: "
                + "raise its probability, its events or the duration, or set min-fired: 0"
        }
        if let void = thresholds.first(where: { $0.outcome == .void }) {
            return "threshold '\(void.text)' could not be judged: \(void.reason)"
        }
        return nil
    }
}
