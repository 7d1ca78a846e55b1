public import Faults
import Histories
public import HistoryChecks
public import Messaging
public import Workloads

/// One logical producer: pacing, in-flight limit, confirmation time-outs, retries.
///
/// A state machine around one driver end. It neither waits nor reads a clock by itself: whoever
/// owns it calls `step` again and again, on one thread. Every message has two sides: *send* is
/// what the producer believes, *crossing* what passed the publish site to the broker.
///
/// Calls to the end are per batch, so that the end may be of any type at no cost that counts, while
/// everything per event is compiled for the one type it has.
///
/// Bounded: `inFlight` open sends, four times as many open crossings, and the broker's window for
/// idempotent sends; at each bound nothing new is sent until something is known.
public struct ProducerClient: ~Copyable {
    /// Events that are made and published at once.
    public static var batchCapacity: Int { 64 }

    /// How often open sends are looked over for time-outs and due retries.
    private static var scanIntervalNanoseconds: Int64 { 1_000_000 }

    let settings: ProducerSettings
    let end: any ProducerEnd
    let time: any TimeSource
    let window: MeasuredWindow
    let hash: KeyedHash
    let metrics: WorkerMetrics
    /// The order of the topic; `nil` where nobody asks for it.
    let order: TopicOrder?
    let lateAfterNanoseconds: Int64
    let isOpenLoop: Bool
    var factory: EventFactory
    var pacer: Pacer
    var sends: InFlightTable
    var repeatWindow: RepeatWindow?
    var log: CrossingLog
    var staged: Batch<OutboundEvent>
    var stagedTickets: Batch<SendTicket>
    var confirmations: Batch<Confirmation>
    var publishFaults: FaultSiteLayer<StagedEvent>?
    var confirmFaults: FaultSiteLayer<ConfirmedCrossing>?
    var passedEvents: ContiguousArray<StagedEvent> = []
    var passedConfirms: ContiguousArray<ConfirmedCrossing> = []
    var isProducing = true
    var confirmedRun = LaneRun()
    var confirmedLatency = LatencyRun()
    var unreported = 0
    var nextScan = Instant.zero

    /// What the producer did.
    public internal(set) var counts = ProducerCounts()
    /// The application's side of its sends.
    public internal(set) var sendLedger: SendLedger
    /// The broker's side of them.
    public internal(set) var crossingLedger: SendLedger
    /// Which of its events were struck by faults.
    public internal(set) var strikes: [FaultStrike] = []
    /// What happened last.
    public internal(set) var recorder: HistoryTap

    /// A producer that begins its schedule at `start`.
    public init(
        settings: ProducerSettings,
        partitions: Int,
        end: any ProducerEnd,
        time: any TimeSource,
        start: Instant,
        window: MeasuredWindow,
        run: RunSeed,
        profile: PromiseProfile,
        faults: [FaultRule],
        pool: PayloadPool,
        metrics: WorkerMetrics,
        recorder: consuming HistoryTap,
        order: TopicOrder? = nil
    ) {
        self.settings = settings
        self.order = order
        self.end = end
        self.time = time
        self.window = window
        self.metrics = metrics
        hash = run.hash.derived(for: 0x7072_6F64 << 16 | UInt64(settings.number))
        factory = EventFactory(
            settings: settings,
            partitions: partitions,
            run: run.number,
            hash: hash,
            digest: run.digest,
            pool: pool
        )
        pacer = Pacer(arrivals: settings.arrivals, start: start, hash: hash.derived(for: 0x7061))
        sends = InFlightTable(capacity: settings.inFlight)
        if settings.isIdempotent {
            repeatWindow = RepeatWindow(
                width: profile.deduplicationWindow,
                partitions: partitions
            )
        }
        var crossings = 4 * max(settings.inFlight, Self.batchCapacity)
        if crossings.nonzeroBitCount != 1 {
            crossings = 1 << (Int.bitWidth - crossings.leadingZeroBitCount)
        }
        log = CrossingLog(capacity: crossings)
        let largestCopies = faults.map(\.extraCopies).reduce(1, +)
        staged = Batch(capacity: Self.batchCapacity * largestCopies)
        stagedTickets = Batch(capacity: Self.batchCapacity * largestCopies)
        confirmations = Batch(capacity: 64)
        let arming = FaultWindow(begin: window.begin, end: window.end)
        publishFaults = FaultSiteLayer(
            site: .publish,
            rules: faults,
            hash: run.hash,
            window: arming
        )
        confirmFaults = FaultSiteLayer(
            site: .confirm,
            rules: faults,
            hash: run.hash,
            window: arming
        )
        sendLedger = SendLedger(side: .application, isIdempotent: settings.isIdempotent)
        crossingLedger = SendLedger(side: .boundary, isIdempotent: settings.isIdempotent)
        self.recorder = recorder
        isOpenLoop = settings.arrivals.isOpenLoop
        lateAfterNanoseconds = Self.lateness(settings.arrivals)
    }

    /// Does what can be done now, and says whether that was anything.
    public mutating func step() throws(DriverFailure) -> Bool {
        defer { if unreported > 0 { flushConfirmed(at: time.now) } }
        let now = time.now
        metrics.moveTo(now)
        var hasWorked = false
        if now >= nextScan {
            wakeDue(at: now)
            releaseHeld(at: now)
            nextScan = now.advanced(byNanoseconds: Self.scanIntervalNanoseconds)
        }
        if staged.isEmpty, isProducing {
            if canProduceWhole { return try produceWhole(at: now) || hasWorked }
            produce(at: now)
        }
        if !staged.isEmpty { hasWorked = try publish(at: now) }
        if !log.isSettled { hasWorked = try takeConfirmations() || hasWorked }
        return hasWorked
    }

    /// When `step` has something to do again, as far as the producer itself knows.
    public var nextWake: Instant {
        if !staged.isEmpty || !log.isSettled { return .zero }
        if isProducing, !sends.isFull { return min(pacer.nextDue ?? .zero, nextHousekeeping) }
        return nextHousekeeping
    }

    private var nextHousekeeping: Instant {
        sends.count == 0 && heldCount == 0 ? .distantFuture : nextScan
    }

    var heldCount: Int { (publishFaults?.heldCount ?? 0) + (confirmFaults?.heldCount ?? 0) }

    /// Makes no new events; what is open goes on, unharmed by faults.
    public mutating func beginDrain(at now: Instant) {
        isProducing = false
        publishFaults?.disarm(at: now)
        confirmFaults?.disarm(at: now)
    }

    /// Whether the fate of every event it made is known or given up.
    public var isSettled: Bool {
        !isProducing && sends.count == 0 && staged.isEmpty && heldCount == 0
            && passedEvents.isEmpty
    }

    /// Counts what is still open as unknown.
    ///
    /// The client is not used afterwards.
    public mutating func finish(at now: Instant) {
        for ticket in sends.due(at: .distantFuture) {
            conclude(ticket, sends[ticket], as: .indeterminate, at: now)
        }
        flushConfirmed(at: now)
        end.close()
    }

    /// Hands the records that are still buffered to the sink of the full history.
    public mutating func flushRecords() {
        recorder.flush()
    }

    /// What each fault rule counted on this producer's sites.
    public var faultCounts: [[FaultCounts]] {
        [publishFaults?.counts, confirmFaults?.counts].compactMap(\.self)
    }

    /// A send is late when it misses its time by 1 ms or ten intervals, whichever is more.
    private static func lateness(_ arrivals: ArrivalProcess) -> Int64 {
        let perSecond: Double =
            switch arrivals {
            case .closedLoop: 0
            case .constant(let rate), .poisson(let rate): rate
            case .stages(let stages): stages.map(\.perSecond).min() ?? 0
            }
        guard perSecond > 0 else { return .max }
        return max(1_000_000, Int64(min(10 / perSecond, 3_600) * 1e9))
    }
}

extension FaultRule {
    /// How many copies of one item the rule can add.
    var extraCopies: Int {
        if case .duplicate(let extra) = kind { return extra }
        return 0
    }
}
