import Clients
import Faults
import Histories
public import HistoryChecks
import Messaging
import Scenarios

/// What the judge says of one run, with witnesses and with the reach of every fault.
public struct RunFindings {
    /// The verdict on each guarantee.
    public let checks: [CheckResult]
    /// What each fault rule counted, by index in the scenario.
    let faults: [FaultCounts]
    /// Effective strikes of each rule whose event came out as if nothing had happened.
    let masked: [UInt64]
    /// Rules that fired less often than they must for the run to prove anything.
    let vacuous: [FaultRule]

    /// The most records that prove one anomaly.
    private static let witnessesMax = 32

    /// Judges `result`.
    public init(_ result: RunResult) {
        var checks = Judgement.judge(result.evidence)
        for index in checks.indices {
            checks[index] = Self.withWitnesses(checks[index], result.crew.flights)
        }
        self.checks = checks
        let rules = result.plan.faults
        faults =
            result.crew.faults.isEmpty
            ? rules.map { _ in FaultCounts() } : result.crew.faults
        masked = Self.masked(result, checks, faults)
        vacuous = zip(rules, faults).filter { $0.minFired > $1.fired }.map(\.0)
    }

    /// How many cases the violated checks of `name` count, required or not.
    func count(of guarantee: Guarantee, named names: Set<String>? = nil) -> UInt64 {
        checks.filter { $0.guarantee == guarantee }.reduce(0) { sum, check in
            guard case .violated(let anomalies, let total) = check.verdict else { return sum }
            guard let names else { return sum + total }
            return sum
                + anomalies.filter { names.contains($0.name) }.reduce(0) { $0 + $1.count }
        }
    }

    private static func withWitnesses(
        _ check: CheckResult,
        _ flights: [FlightRecorder]
    ) -> CheckResult {
        guard case .violated(var anomalies, let total) = check.verdict else { return check }
        for index in anomalies.indices {
            guard let lane = anomalies[index].lane, anomalies[index].witnesses.isEmpty else {
                continue
            }
            var places = [EventPlace(lane: lane, n: anomalies[index].n)]
            if let rival = anomalies[index].rival { places.append(rival) }
            let found = places.flatMap { place in
                flights.flatMap { $0.records(of: place.lane, n: place.n) }
            }
            anomalies[index].witnesses = Array(
                found.sorted { $0.time < $1.time }.prefix(witnessesMax)
            )
        }
        var checked = check
        checked.verdict = .violated(anomalies: anomalies, total: total)
        return checked
    }

    /// A strike is masked when its event appears in no anomaly of the application's side.
    private static func masked(
        _ result: RunResult,
        _ checks: [CheckResult],
        _ counts: [FaultCounts]
    ) -> [UInt64] {
        var harmed: [LaneID: [Range<UInt64>]] = [:]
        for anomaly in checks.flatMap(\.anomalies) where anomaly.side == .application {
            guard let lane = anomaly.lane else { continue }
            harmed[lane, default: []].append(anomaly.n..<anomaly.n + max(1, anomaly.count))
        }
        var unmasked = Array(repeating: UInt64(0), count: counts.count)
        for strike in result.crew.strikes {
            let header = strike.subject.header
            let lane = LaneID(
                producer: header.producer,
                topic: strike.subject.topic,
                partition: header.partition
            )
            if harmed[lane]?.contains(where: { $0.contains(header.n) }) == true {
                unmasked[strike.rule] += 1
            }
        }
        return zip(result.plan.faults.indices, counts).map { rule, count in
            // What costs time alone is felt, not absorbed.
            switch result.plan.faults[rule].kind {
            case .delay, .pause, .slow: return 0
            case .drop, .duplicate, .fail, .hang, .crash: break
            }
            return count.effective - min(count.effective, unmasked[rule])
        }
    }
}
