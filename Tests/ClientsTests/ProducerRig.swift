import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging
import Workloads

@testable import Clients

func metrics() -> WorkerMetrics {
    WorkerMetrics(
        groups: ["group"],
        openLoop: [true],
        phases: [LatencyPhase(name: "measured", start: 0, end: .max)],
        lengthNanoseconds: 1_000_000_000
    )
}

let wholeRun = MeasuredWindow(begin: .zero, end: .distantFuture)

/// A rule for all items of a site, unless `select` narrows it.
func rule(
    _ kind: FaultKind,
    at site: FaultSite?,
    _ select: (inout FaultSelector) -> Void = { _ in }
) -> FaultRule {
    var selector = FaultSelector()
    select(&selector)
    return FaultRule(name: "rule", kind: kind, site: site, selector: selector)
}

/// One producer between a scripted end and a manual clock.
final class ProducerRig {
    typealias Client = ProducerClient

    let clock = ManualClock()
    let end = ScriptedProducerEnd()
    var client: Client

    init(
        number: UInt16 = 0,
        partitions: Int = 1,
        window: MeasuredWindow = wholeRun,
        faults: [FaultRule] = [],
        deduplicationWindow: Int = 1024,
        _ configure: (inout ProducerSettings) -> Void = { _ in }
    ) throws {
        var settings = ProducerSettings(name: "producer", number: number, topic: 0)
        settings.payload = .fixed(bytes: 16)
        settings.confirmTimeoutNanoseconds = 100_000_000
        settings.inFlight = 8
        configure(&settings)
        let run = RunSeed(seed: 1)
        let pool = try PayloadPool(settings.payload, hash: run.hash) { _ in [] }
        client = ProducerClient(
            settings: settings,
            partitions: partitions,
            end: end,
            time: clock,
            start: .zero,
            window: window,
            run: run,
            profile: PromiseProfile(
                capabilities: [.confirm, .dedup],
                deduplicationWindow: deduplicationWindow
            ),
            faults: faults,
            pool: pool,
            metrics: metrics(),
            recorder: HistoryTap(mode: .none, process: 0, clients: 1)
        )
    }

    /// One step at `now`.
    @discardableResult
    func step(_ now: Instant) throws -> Bool {
        clock.now = now
        return try client.step()
    }

    /// Steps each millisecond after `start` up to `end`.
    func run(_ start: Int, _ end: Int) throws {
        for moment in start...end { try step(ms(Double(moment))) }
    }

    var counts: ProducerCounts { client.counts }

    /// The numbers of the events that crossed, in order.
    var crossed: [UInt64] { end.headers.map(\.n) }

    var attempts: [UInt8] { end.headers.map(\.attempt) }
}

/// One event, and the next a long time after.
func single(_ settings: inout ProducerSettings) {
    settings.arrivals = .constant(perSecond: 0.001)
}
