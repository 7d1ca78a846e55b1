import CGyreShims
import Clients
import Faults
import Histories
public import HistoryChecks
import LatencyMetrics
public import Messaging
public import Scenarios
import Workloads

/// One scenario, live: real threads, real time, one driver.
///
/// `conduct` does everything on the caller's thread but the clients' work, which has threads of its
/// own: producers' and consumers', never more busy ones than processors unless the scenario has one
/// of each and the machine only one processor.
public struct LiveRun<Driver: BrokerDriver> {
    let driver: Driver
    let plan: ScenarioPlan
    let options: RunOptions
    let clock = RunClock()
    let measured: MeasuredWindow
    let seed: RunSeed

    /// Prepares `plan` on `driver`; nothing is opened yet.
    public init(_ plan: ScenarioPlan, on driver: Driver, options: RunOptions) {
        self.driver = driver
        self.plan = plan
        self.options = options
        let begin = Instant(nanoseconds: plan.phases.warmup.wholeNanoseconds)
        let length = plan.phases.duration.wholeNanoseconds
        measured = MeasuredWindow(begin: begin, end: begin.advanced(byNanoseconds: length))
        seed = RunSeed(seed: plan.phases.seed)
    }

    /// Runs the scenario: warm-up, measurement, drain.
    ///
    /// Blocks for that long.
    ///
    /// - Throws: `RunError` when it could not begin. A broker that dies later ends the run, and
    ///   what was recorded until then is returned.
    public func conduct(_ signals: RunSignals) throws(RunError) -> RunResult {
        let placementBefore = PlacementProbe.read()
        let crew = try assemble(signals)
        let usageBefore = ProcessUsage.current()
        signals.holdConsumers(plan.backlogBytes > 0)
        clock.start()
        var threads: [JoinableThread] = []
        for worker in crew.workers {
            guard let thread = JoinableThread({ worker.run() }) else {
                signals.enter(.stopping)
                for thread in threads { thread.join() }
                throw .threads(crew.workers.count)
            }
            threads.append(thread)
        }
        let monitor = DrainMonitor(plan: plan, groups: crew.groups)
        let ended = conduct(crew, monitor, signals)
        for thread in threads { thread.join() }
        let accounts = crew.session.accounts
        crew.session.close()
        return RunResult(
            plan: plan,
            profile: crew.session.profile,
            measured: measured,
            ended: ended,
            failure: signals.driverFailure,
            accounts: accounts,
            crew: crew.harvest(),
            seed: seed,
            placement: (placementBefore, PlacementProbe.read()),
            usage: (usageBefore, ProcessUsage.current())
        )
    }

    /// Lets the clock pass through the phases; says how the run ended.
    private func conduct(
        _ crew: Crew,
        _ monitor: DrainMonitor,
        _ signals: RunSignals
    ) -> RunEnding {
        var monitor = monitor
        buildBacklog(crew, signals)
        let drainLimit = plan.phases.drain.wholeNanoseconds
        while clock.now < measured.end, !signals.isInterrupted, signals.driverFailure == nil {
            report(crew, clock.now < measured.begin ? .warmup : .measuring)
            pause(until: min(measured.end, clock.now.advanced(byNanoseconds: 50_000_000)))
        }
        let loadEnd = clock.now
        if signals.driverFailure == nil { signals.enter(.draining) }
        let limit = loadEnd.advanced(byNanoseconds: drainLimit)
        var status = DrainStatus.unfinished(reason: "the broker is gone")
        while signals.driverFailure == nil {
            pause(until: clock.now.advanced(byNanoseconds: 5_000_000))
            report(crew, .draining, end: limit)
            if let reached = monitor.status(crew: crew, limit: limit, at: clock.now) {
                status = reached
                break
            }
        }
        signals.enter(.stopping)
        return RunEnding(
            drain: status,
            loadEnd: min(loadEnd, measured.end),
            end: clock.now,
            wasInterrupted: signals.isInterrupted
        )
    }

    /// Holds consumers until as much has piled up as the plan wants, or as the rings take.
    private func buildBacklog(_ crew: Crew, _ signals: RunSignals) {
        guard plan.backlogBytes > 0 else { return }
        let largest = plan.topics.map(\.largestPayloadBytes).max() ?? 0
        let wanted = UInt64(plan.backlogBytes / Int64(max(1, largest)))
        var confirmed: UInt64 = 0
        var changed = clock.now
        while clock.now < measured.end, signals.driverFailure == nil, !signals.isInterrupted {
            report(crew, .warmup)
            pause(until: clock.now.advanced(byNanoseconds: 10_000_000))
            if crew.confirmed > confirmed {
                confirmed = crew.confirmed
                changed = clock.now
            }
            let hasStalled = clock.now.nanoseconds(since: changed) > 200_000_000
            if confirmed >= wanted || hasStalled { break }
        }
        signals.holdConsumers(false)
    }

    private func pause(until moment: Instant) {
        let wait = moment.nanoseconds(since: clock.now)
        guard wait > 0 else { return }
        gyre_park_nanoseconds(wait)
    }

    private func report(
        _ crew: Crew,
        _ phase: RunProgress.Phase,
        end: Instant? = nil
    ) {
        guard let progress = options.progress else { return }
        let phaseEnd = end ?? (phase == .warmup ? measured.begin : measured.end)
        progress(
            RunProgress(
                phase: phase,
                now: clock.now,
                phaseEnd: phaseEnd,
                confirmed: crew.confirmed,
                delivered: crew.delivered
            )
        )
    }
}

/// How a run ended.
public struct RunEnding: Sendable {
    /// Whether everything was drained.
    public var drain: DrainStatus
    /// When load really ended.
    public var loadEnd: Instant
    /// When everything ended.
    public var end: Instant
    /// Whether the user ended it.
    public var wasInterrupted: Bool
}
