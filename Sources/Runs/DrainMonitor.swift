import Clients
import HistoryChecks
import Messaging
import Scenarios

/// Decides when a run is drained: producers settled, and nothing left or nothing moving.
struct DrainMonitor {
    /// Nothing must have been delivered for at least so long.
    private static let quietNanosecondsMin: Int64 = 500_000_000

    /// What one look at a run may add to its quiet time.
    private static let tickNanosecondsMax: Int64 = 20_000_000

    private let groups: [GroupState]
    /// How long after it is due a repetition may still come.
    private let patienceNanoseconds: Int64
    private var lastDelivered: UInt64 = 0
    private var quietSince: Instant?
    private var quietNanoseconds: Int64 = 0
    private var lastLook: Instant?
    private var emptySightings = 0
    /// What each worker had done when the quiet began.
    private var roundsBefore: [UInt64] = []

    init(plan: ScenarioPlan, groups: [GroupState]) {
        self.groups = groups
        let lease = plan.groups.map(\.leaseNanoseconds).max() ?? 0
        // A long lease must not outlast the drain: nothing could ever be called stuck.
        let longest = plan.phases.drain.wholeNanoseconds / 2
        patienceNanoseconds = max(Self.quietNanosecondsMin, min(lease, longest))
    }

    /// How the draining ended, or `nil` while it goes on.
    mutating func status(
        crew: Crew,
        limit: Instant,
        at now: Instant
    ) -> DrainStatus? {
        let isSettled = crew.areProducersSettled
        noteQuiet(crew, isSettled: isSettled, at: now)
        if isSettled, crew.areConsumersSettled, crew.session.accounts.queued == 0,
            groups.allSatisfy({ $0.outstanding.count == 0 })
        {
            // Twice, because the words of different threads are not read at one instant.
            emptySightings += 1
            if emptySightings > 2 { return .drained(at: now) }
        } else {
            emptySightings = 0
        }
        let isLast = now >= limit
        let isQuiet =
            quietNanoseconds >= Self.quietNanosecondsMin
            && hasEverybodyAsked(crew) && crew.session.wasFoundEmpty(since: quietSince ?? now)
        let patience = isLast ? Self.quietNanosecondsMin : patienceNanoseconds
        if isQuiet, nothingIsOwed(at: now, after: patience) { return .drained(at: now) }
        guard isLast else { return nil }
        return .unfinished(reason: Self.reason(isSettled: isSettled, isQuiet: isQuiet))
    }

    /// Quiet begins when the last send is settled: before, the broker may have been busy with it.
    private mutating func noteQuiet(_ crew: Crew, isSettled: Bool, at now: Instant) {
        let delivered = crew.delivered
        let passed = now.nanoseconds(since: lastLook ?? now)
        lastLook = now
        if delivered != lastDelivered || !isSettled || quietSince == nil {
            lastDelivered = delivered
            quietSince = now
            quietNanoseconds = 0
            roundsBefore = crew.rounds
        } else {
            // When this thread was held up, so were perhaps those that should have received.
            quietNanoseconds += min(passed, Self.tickNanosecondsMax)
        }
    }

    /// Whether every member was asked since quiet began: a thread may have thousands of them.
    ///
    /// Two rounds, because the first may have begun before.
    private func hasEverybodyAsked(_ crew: Crew) -> Bool {
        zip(crew.rounds, roundsBefore).allSatisfy { $0 >= $1 + 2 }
    }

    private static func reason(isSettled: Bool, isQuiet: Bool) -> String {
        let what =
            if !isSettled {
                "sends were still open"
            } else if isQuiet {
                "leases or delays of unfinished deliveries were still running"
            } else {
                "deliveries were still coming"
            }
        return "\(what) at the end of `run.drain`; make it longer"
    }

    /// Whether every repetition that the broker owes has been due for long enough.
    ///
    /// Without unanswered or refused deliveries no lease and no delay can bring anything back.
    private func nothingIsOwed(at now: Instant, after patience: Int64) -> Bool {
        groups.allSatisfy { group in
            let owed = group.outstanding
            return owed.count == 0 || now.nanoseconds(since: owed.latest) >= patience
        }
    }
}
