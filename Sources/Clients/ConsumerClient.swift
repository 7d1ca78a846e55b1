import DequeModule
public import Faults
import HistoryChecks
import LatencyMetrics
public import Messaging
import Synchronization
import Workloads

/// A delivery on its way to the handler.
struct HandedDelivery {
    var delivery: Delivery
    /// The ledger's ordinal of the delivery.
    var ordinal: UInt64
    /// 0, or the number of the injected copy.
    var copy: UInt8
    /// When the handler could begin at the earliest.
    var arrived: Instant
}

/// One member of a consumer group: receiving, handling, the inbox, answering.
///
/// A state machine around one driver end; whoever owns it calls `step` again and again, on one
/// thread. Deliveries pass the deliver site on their way to the handler and answers the ack site on
/// their way back. A handler's processing time is simulated: the member answers that much later and
/// handles one event at a time, but burns no processor.
///
/// Bounded: at most `prefetch` deliveries wait inside the member.
public struct ConsumerClient: ~Copyable {
    /// Deliveries that are received at once.
    public static var batchCapacity: Int { 64 }

    /// How the group works.
    public let settings: ConsumerSettings
    let plan: GroupPlan
    let member: UInt16
    let end: any ConsumerEnd
    let time: any TimeSource
    let group: GroupState
    let window: MeasuredWindow
    let run: RunSeed
    let hash: KeyedHash
    let metrics: WorkerMetrics
    let profile: PromiseProfile
    let sampler: DurationSampler
    var deliveries: Batch<Delivery>
    var pending: Deque<HandedDelivery> = []
    var busyUntil = Instant.zero
    var downUntil: Instant?
    var pausedUntil: Instant?
    var answers: AnswerQueue
    var results: Batch<SettlementResult>
    let deadLetters: DeadLetterWriter?
    var deliverFaults: FaultSiteLayer<HandedDelivery>?
    var ackFaults: FaultSiteLayer<Answer>?
    var handlerFaults: HandlerFaults?
    var memberFaults: MemberFaults?
    var passedDeliveries: ContiguousArray<HandedDelivery> = []
    var passedAnswers: ContiguousArray<Answer> = []
    var droppedFirst: Set<EventID> = []
    var state = StateDigest()

    /// What the member did.
    public internal(set) var counts = ConsumerCounts()
    /// Which events were struck by faults here.
    public internal(set) var strikes: [FaultStrike] = []
    /// What happened last.
    public internal(set) var recorder: HistoryTap

    /// Member number `member` of the group that `plan` and `settings` describe.
    public init(
        settings: ConsumerSettings,
        plan: GroupPlan,
        member: UInt16,
        end: any ConsumerEnd,
        time: any TimeSource,
        group: GroupState,
        window: MeasuredWindow,
        run: RunSeed,
        profile: PromiseProfile,
        faults: [FaultRule],
        deadLetters: DeadLetterWriter?,
        metrics: WorkerMetrics,
        recorder: consuming HistoryTap
    ) {
        self.settings = settings
        self.plan = plan
        self.member = member
        self.end = end
        self.time = time
        self.group = group
        self.window = window
        self.metrics = metrics
        self.run = run
        self.profile = profile
        hash = run.hash.derived(for: 0x636F_6E73 << 16 | UInt64(settings.group))
        sampler = DurationSampler(settings.processing, hash: hash.derived(for: 0x7072_6F63))
        deliveries = Batch(capacity: Self.batchCapacity)
        answers = AnswerQueue(capacity: 4 * Self.batchCapacity)
        results = Batch(capacity: 64)
        self.deadLetters = deadLetters
        self.recorder = recorder
        let arming = FaultWindow(begin: window.begin, end: window.end)
        deliverFaults = FaultSiteLayer(
            site: .deliver,
            rules: faults,
            hash: run.hash,
            window: arming
        )
        ackFaults = FaultSiteLayer(site: .ack, rules: faults, hash: run.hash, window: arming)
        handlerFaults = HandlerFaults(rules: faults, hash: run.hash, window: arming)
        memberFaults = MemberFaults(
            rules: faults,
            group: settings.group,
            member: member,
            window: arming
        )
    }

    /// Does what can be done now, and says whether that was anything.
    public mutating func step() throws(DriverFailure) -> Bool {
        let now = time.now
        metrics.moveTo(now)
        guard !isPaused(at: now) else { return false }
        if let until = downUntil {
            guard now >= until else { return false }
            downUntil = nil
            end.restart(at: now)
        }
        var hasWorked = try takeResults(at: now)
        releaseHeld(at: now)
        if waiting < plan.prefetch { hasWorked = try receive(at: now) || hasWorked }
        // An answer on receipt is given before the handler runs: a crash cannot take it back.
        if settings.ack != .afterProcessing, !answers.isEmpty { try sendAnswers(at: time.now) }
        if !pending.isEmpty { hasWorked = workOff(at: time.now) || hasWorked }
        if try stepDeadLetters(at: now) { hasWorked = true }
        if !answers.isEmpty {
            try sendAnswers(at: time.now)
            hasWorked = true
        }
        return hasWorked
    }

    /// Whether the member stands still; what it holds, it keeps.
    private mutating func isPaused(at now: Instant) -> Bool {
        if let length = memberFaults?.pause(at: now) {
            pausedUntil = now.advanced(byNanoseconds: length)
        }
        guard let until = pausedUntil else { return false }
        if now >= until { pausedUntil = nil }
        return now < until
    }

    /// Deliveries inside the member that its handler has not finished.
    var waiting: Int { pending.count + (deliverFaults?.heldCount ?? 0) }

    /// When something inside the member is due; the broker may have something at any time.
    public var nextWake: Instant {
        if let pausedUntil { return pausedUntil }
        if let downUntil { return downUntil }
        let held = min(
            deliverFaults?.nextRelease ?? .distantFuture,
            ackFaults?.nextRelease ?? .distantFuture
        )
        guard let next = pending.first else { return held }
        return min(held, max(next.arrived, busyUntil))
    }

    /// Faults are over; what is open goes on.
    public mutating func beginDrain(at now: Instant) {
        deliverFaults?.disarm(at: now)
        ackFaults?.disarm(at: now)
        handlerFaults?.disarm(at: now)
        memberFaults?.disarm(at: now)
    }

    /// Whether nothing waits inside the member.
    public var isIdle: Bool {
        guard downUntil == nil, pausedUntil == nil else { return false }
        guard waiting == 0, answers.isSettled else { return false }
        guard (ackFaults?.heldCount ?? 0) == 0, passedAnswers.isEmpty else { return false }
        return deadLetters?.isIdle ?? true
    }

    /// Leaves the group.
    ///
    /// The client is not used afterwards.
    public mutating func finish(at now: Instant) {
        group.shared.withLock { shared in
            shared.deliveries.closed(consumer: member, at: now)
            if var sum = shared.effects.handlerState {
                sum.add(state)
                shared.effects.handlerState = sum
            } else {
                shared.effects.handlerState = state
            }
        }
        end.close(at: now)
    }

    /// Hands the records that are still buffered to the sink of the full history.
    public mutating func flushRecords() {
        recorder.flush()
    }

    /// What each fault rule counted on this member's sites.
    public var faultCounts: [[FaultCounts]] {
        [deliverFaults?.counts, ackFaults?.counts, handlerFaults?.counts, memberFaults?.counts]
            .compactMap(\.self)
    }
}
