import Clients
import Faults
import HistoryChecks
import LatencyMetrics
import Messaging
import Scenarios
import Synchronization
import Testing
import Workloads

@testable import Runs

@Suite("When a run counts as drained")
struct DrainMonitorTests {
    /// One producing and one consuming worker whose words a test sets, and a group without lease
    /// end in sight.
    private final class Rig {
        let session = QuietSession()
        let group: GroupState
        /// The workers whose clients all have their turn between two looks.
        lazy var askers = [producing, consuming]
        let producing = Rig.worker()
        let consuming = Rig.worker()
        let limit: Instant
        private var monitor: DrainMonitor
        private var now = 0.0

        init(
            lease: Duration = .seconds(1),
            drain: Duration = .seconds(60),
            limit: Double = 60_000,
            group: GroupState = Rig.group()
        ) throws {
            self.group = group
            self.limit = ms(limit)
            var plan = ScenarioPlan(name: "sample")
            plan.topics = [TopicPlan(name: "t")]
            plan.groups = [
                GroupPlan(name: "g", topic: 0, leaseNanoseconds: lease.wholeNanoseconds)
            ]
            plan.phases.drain = drain
            monitor = DrainMonitor(plan: plan, groups: [group])
            producing.producers = [try Self.producerSeat()]
            consuming.consumers = [Self.consumerSeat(group)]
            for worker in [producing, consuming] { settle(worker, true) }
        }

        func settle(_ worker: Worker, _ isSettled: Bool) {
            worker.progress.isSettled.store(isSettled, ordering: .releasing)
        }

        func deliver(_ count: UInt64) {
            consuming.progress.delivered.store(count, ordering: .relaxed)
        }

        /// Looks every `every` milliseconds up to `end`; says when it was over, and how.
        func look(until end: Double, every: Double = 5) -> (at: Double, DrainStatus)? {
            let crew = Crew(
                session: session,
                workers: [producing, consuming],
                groups: [group],
                orders: []
            )
            while now < end {
                now += every
                for worker in askers {
                    worker.progress.rounds.store(UInt64(now * 1000), ordering: .relaxed)
                }
                if let status = monitor.status(crew: crew, limit: limit, at: ms(now)) {
                    return (now, status)
                }
            }
            return nil
        }

        static func group(_ fill: (inout DeliveryLedger) -> Void = { _ in }) -> GroupState {
            var ledger = DeliveryLedger(
                group: 0,
                topic: 0,
                profile: PromiseProfile(capabilities: [.redelivery, .nack, .offsets]),
                rules: DeliveryRules(leaseNanoseconds: 1_000_000_000)
            )
            fill(&ledger)
            return GroupState(
                deliveries: ledger,
                effects: EffectLedger(group: 0, hash: nil, checksOrder: false),
                inbox: nil
            )
        }

        private static func worker() -> Worker {
            Worker(
                clock: RunClock(),
                signals: RunSignals(),
                metrics: metrics(),
                measured: window,
                keepsCore: false
            )
        }

        private static let window = MeasuredWindow(begin: .zero, end: .distantFuture)

        private static func metrics() -> WorkerMetrics {
            WorkerMetrics(groups: ["g"], openLoop: [], phases: [], lengthNanoseconds: 1)
        }

        private static func producerSeat() throws -> ProducerSeat {
            let settings = ProducerSettings(name: "p", number: 0, topic: 0)
            let seed = RunSeed(seed: 1)
            return ProducerSeat(
                ProducerClient(
                    settings: settings,
                    partitions: 1,
                    end: QuietProducer(),
                    time: RunClock(),
                    start: .zero,
                    window: window,
                    run: seed,
                    profile: PromiseProfile(capabilities: []),
                    faults: [],
                    pool: try PayloadPool(settings.payload, hash: seed.hash) { _ in [] },
                    metrics: metrics(),
                    recorder: HistoryTap(mode: .none, process: 0, clients: 1)
                )
            )
        }

        private static func consumerSeat(_ group: GroupState) -> ConsumerSeat {
            ConsumerSeat(
                ConsumerClient(
                    settings: ConsumerSettings(name: "c", group: 0),
                    plan: GroupPlan(name: "g", topic: 0),
                    member: 0,
                    end: QuietConsumer(),
                    time: RunClock(),
                    group: group,
                    window: window,
                    run: RunSeed(seed: 1),
                    profile: PromiseProfile(capabilities: []),
                    faults: [],
                    deadLetters: nil,
                    metrics: metrics(),
                    recorder: HistoryTap(mode: .none, process: 0, clients: 1)
                )
            )
        }
    }

    /// One delivery that came at 0, unanswered or refused with a delay.
    private static func owing(refusedFor delay: Duration? = nil) -> GroupState {
        Rig.group { ledger in
            var batch = Batch<Delivery>(capacity: 1)
            batch.append(
                Delivery(
                    header: EventHeader(),
                    payload: PayloadReference(),
                    receipt: 0,
                    offset: 0,
                    invoked: .zero,
                    attempt: 1,
                    topic: 0,
                    partition: 0,
                    isRedelivered: false,
                    envelope: .intact
                )
            )
            ledger.delivered(batch, in: 0..<1, consumer: 0, returned: .zero)
            guard let delay else { return }
            ledger.settleInvoked(
                .nack,
                deliveries: 0..<1,
                nanoseconds: delay.wholeNanoseconds,
                at: .zero
            )
            ledger.settleEnded(.nack, deliveries: 0..<1, outcome: .settled, at: .zero)
        }
    }

    @Test("everybody idle, nothing queued and nothing owed: three looks are enough")
    func empty() throws {
        let rig = try Rig()
        let end = try #require(rig.look(until: 1000))
        #expect(end.at == 15)
        #expect(end.1 == .drained(at: ms(15)))
    }

    @Test("the looks must follow one another")
    func interruptedLooks() throws {
        let rig = try Rig()
        #expect(rig.look(until: 10) == nil)
        rig.settle(rig.consuming, false)
        #expect(rig.look(until: 15) == nil)
        rig.settle(rig.consuming, true)
        #expect(rig.look(until: 1000)?.at == 30)
    }

    @Test(
        "what is queued, or a broker that cannot say, makes it wait for half a second of quiet",
        arguments: [1, nil] as [Int64?]
    )
    func quiet(queued: Int64?) throws {
        let rig = try Rig()
        rig.session.queued = queued
        rig.settle(rig.consuming, false)
        #expect(rig.look(until: 300) == nil)
        rig.deliver(1)
        let end = try #require(rig.look(until: 5000))
        // The look that saw the delivery begins the quiet time.
        #expect(end.at == 805)
        #expect(end.1 == .drained(at: ms(805)))
    }

    @Test("time in which the looks themselves were held up is no quiet time")
    func heldUp() throws {
        let rig = try Rig()
        rig.session.queued = 1
        #expect(rig.look(until: 2400, every: 100) == nil)
        #expect(rig.look(until: 9000, every: 100)?.at == 2600, "25 looks after the first")
    }

    @Test("silence means nothing while some thread has not stepped all its members")
    func unasked() throws {
        let rig = try Rig()
        rig.session.queued = 1
        rig.askers = [rig.producing]
        #expect(rig.look(until: 5000) == nil)
        rig.askers = [rig.producing, rig.consuming]
        #expect(rig.look(until: 5010) != nil)
    }

    @Test("a broker that has not answered is not quiet")
    func unanswered() throws {
        let rig = try Rig(limit: 3000)
        rig.session.queued = nil
        rig.session.isFoundEmpty = false
        let end = try #require(rig.look(until: 9000))
        #expect(end.at == 3000)
        #expect(Self.reason(end.1) == "deliveries were still coming")
    }

    @Test("quiet begins with the last settled send; open sends are said to be the reason")
    func openSends() throws {
        let rig = try Rig(limit: 3000)
        rig.settle(rig.producing, false)
        #expect(rig.look(until: 2995) == nil)
        let end = try #require(rig.look(until: 9000))
        #expect(Self.reason(end.1) == "sends were still open")

        let other = try Rig()
        other.settle(other.producing, false)
        other.session.queued = 1
        #expect(other.look(until: 2000) == nil)
        other.settle(other.producing, true)
        #expect(other.look(until: 9000)?.at == 2500)
    }

    @Test("deliveries until the end are said to be the reason")
    func stillDelivering() throws {
        let rig = try Rig(limit: 3000)
        rig.session.queued = 1
        var end: (at: Double, DrainStatus)?
        for count in 1...30 as ClosedRange<UInt64> {
            rig.deliver(count)
            end = rig.look(until: Double(count) * 100)
            if count < 30 { #expect(end == nil) }
        }
        #expect(Self.reason(try #require(end).1) == "deliveries were still coming")
    }

    @Test("a delivery that may come again keeps it waiting for a lease after it could have come")
    func owed() throws {
        // Its lease of 1 s is over at 1000; patience is the lease of the plan.
        #expect(try Rig(lease: .seconds(1), group: Self.owing()).look(until: 9000)?.at == 2000)
        #expect(try Rig(lease: .seconds(3), group: Self.owing()).look(until: 9000)?.at == 4000)
        #expect(
            try Rig(lease: .milliseconds(1), group: Self.owing()).look(until: 9000)?.at == 1500,
            "never less than half a second"
        )
        #expect(
            try Rig(lease: .seconds(30), drain: .seconds(4), group: Self.owing())
                .look(until: 9000)?.at == 3000,
            "never more than half of the drain"
        )
        let refused = Self.owing(refusedFor: .seconds(2))
        #expect(try Rig(lease: .seconds(1), group: refused).look(until: 9000)?.at == 3000)
    }

    @Test("at the end of the drain, half a second after it was due is long enough")
    func lastLook() throws {
        let late = try Rig(lease: .seconds(5), limit: 1500, group: Self.owing())
        let end = try #require(late.look(until: 9000))
        #expect(end.at == 1500 && end.1 == .drained(at: ms(1500)))
        let early = try Rig(lease: .seconds(5), limit: 1495, group: Self.owing())
        let other = try #require(early.look(until: 9000))
        #expect(
            Self.reason(other.1) == "leases or delays of unfinished deliveries were still running"
        )
    }

    private static func reason(_ status: DrainStatus) -> String? {
        guard case .unfinished(let reason) = status else { return nil }
        let tail = " at the end of `run.drain`; make it longer"
        return reason.hasSuffix(tail) ? String(reason.dropLast(tail.count)) : reason
    }
}

/// A session in which nothing happens.
private final class QuietSession: BrokerSession {
    private let queuedWord = Mutex<Int64?>(0)
    private let emptyWord = Atomic(true)

    var queued: Int64? {
        get { queuedWord.withLock { $0 } }
        set { queuedWord.withLock { $0 = newValue } }
    }
    var isFoundEmpty: Bool {
        get { emptyWord.load(ordering: .relaxed) }
        set { emptyWord.store(newValue, ordering: .relaxed) }
    }

    var profile: PromiseProfile { PromiseProfile(capabilities: []) }
    var accounts: BrokerAccounts { BrokerAccounts(queued: queued) }

    func makeProducer(_ producer: UInt16, topic: UInt16) -> QuietProducer { QuietProducer() }
    func makeConsumer(group: UInt16, member: UInt16) -> QuietConsumer { QuietConsumer() }
    func wasFoundEmpty(since moment: Instant) -> Bool { isFoundEmpty }
    func close() {}
}

private final class QuietProducer: ProducerEnd {
    func publish(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>,
        at now: Instant
    ) -> Int { 0 }
    func poll(into confirmations: inout Batch<Messaging.Confirmation>, at now: Instant) {}
    func close() {}
}

private final class QuietConsumer: ConsumerEnd {
    func receive(into deliveries: inout Batch<Delivery>, max: Int, at now: Instant) {}
    func settle(_ settlements: borrowing Batch<Settlement>, in range: Range<Int>, at now: Instant) {
    }
    func poll(into results: inout Batch<SettlementResult>, at now: Instant) {}
    func close(at now: Instant) {}
}
