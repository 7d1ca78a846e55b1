import Clients
import HistoryChecks
import Messaging
import Scenarios

/// Decides when a run is drained: producers settled, and nothing left or nothing moving.
struct DrainMonitor {
    /// Nothing must have been delivered for at least so long.
    private static let quietNanosecondsMin: Int64 = 500_000_000

    private let groups: [GroupState]
    private let leaseNanoseconds: Int64
    private var lastDelivered: UInt64 = 0
    private var quietSince: Instant?
    private var emptySightings = 0

    init(plan: ScenarioPlan, groups: [GroupState]) {
        self.groups = groups
        leaseNanoseconds = plan.groups.map(\.leaseNanoseconds).max() ?? 0
    }

    /// How the draining ended, or `nil` while it goes on.
    mutating func status<Session>(
        crew: Crew<Session>,
        limit: Instant,
        at now: Instant
    ) -> DrainStatus? {
        let delivered = crew.delivered
        if delivered != lastDelivered || quietSince == nil {
            lastDelivered = delivered
            quietSince = now
        }
        let quiet = now.nanoseconds(since: quietSince ?? now)
        let isSettled = crew.areProducersSettled
        if isSettled, crew.areConsumersSettled, crew.session.accounts.queued == 0 {
            // Twice, because the words of different threads are not read at one instant.
            emptySightings += 1
            if emptySightings > 2 { return .drained(at: now) }
        } else {
            emptySightings = 0
        }
        if isSettled, quiet >= Self.quietNanosecondsMin, nothingIsOwed(at: now) {
            return .drained(at: now)
        }
        guard now >= limit else { return nil }
        let reason =
            isSettled
            ? "deliveries were still coming at the end of `run.drain`; make it longer"
            : "sends were still open at the end of `run.drain`; make it longer"
        return .unfinished(reason: reason)
    }

    /// Whether every repetition that the broker owes has been due for long enough.
    ///
    /// Without unanswered or refused deliveries no lease and no delay can bring anything back.
    private func nothingIsOwed(at now: Instant) -> Bool {
        let patience = max(Self.quietNanosecondsMin, leaseNanoseconds)
        return groups.allSatisfy { group in
            let owed = group.outstanding
            return owed.count == 0 || now.nanoseconds(since: owed.latest) >= patience
        }
    }
}
