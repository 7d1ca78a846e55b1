public import Clients
import Faults
public import Histories
public import HistoryChecks
public import LatencyMetrics
public import Messaging
public import Scenarios

/// Everything that one run has to show, before it is judged and put on record.
public struct RunResult {
    /// What was run.
    public let plan: ScenarioPlan
    /// What the driver promised.
    public let profile: PromiseProfile
    /// The planned window of measurement.
    public let measured: MeasuredWindow
    /// How it ended.
    public let ended: RunEnding
    /// Why the broker is gone, if it is.
    public let failure: DriverFailure?
    /// What the broker said of itself at rest.
    public let accounts: BrokerAccounts
    /// What the clients recorded.
    let crew: Harvest
    /// What random decisions derived from.
    let seed: RunSeed
    /// How far apart the cores were before and after.
    public let placement: (before: PlacementReading, after: PlacementReading)
    /// What the process had used before and after.
    let usage: (before: ProcessUsage, after: ProcessUsage)

    /// The evidence of both sides, for the judge.
    public var evidence: Evidence {
        var evidence = Evidence(profile: profile)
        evidence.boundarySends = crew.crossings
        evidence.applicationSends = crew.sends
        evidence.deliveries = crew.deliveries
        evidence.orders = crew.orders
        evidence.effects = crew.effects
        evidence.expectations = plan.expectations
        evidence.accounts = accounts
        evidence.drain = ended.drain
        for strike in crew.strikes {
            let header = strike.subject.header
            let lane = LaneID(
                producer: header.producer,
                topic: strike.subject.topic,
                partition: header.partition
            )
            evidence.fired.fired(rule: strike.rule, lane: lane, n: header.n)
        }
        return evidence
    }
}

extension RunResult {
    /// How the history spells topics, groups, keys and rules.
    public var historyNames: HistoryNames {
        HistoryNames(
            topics: plan.topics.map(\.name),
            groups: plan.groups.map(\.name),
            keyNames: plan.keyNames,
            rules: plan.faults.map(\.name)
        )
    }

    /// The record that says that the run was drained; `nil` if it was not.
    public var drainRecord: HistoryRecord? {
        guard case .drained = ended.drain else { return nil }
        return HistoryRecord(.drain, .ok, side: .boundary, at: ended.end)
    }
}
