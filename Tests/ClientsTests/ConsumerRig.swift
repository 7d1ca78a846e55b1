import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging
import Synchronization
import Workloads

@testable import Clients

/// One group member between a scripted end and a manual clock.
///
/// A delivery's offset is its event's number; a body is sixteen bytes of that number.
@safe
final class ConsumerRig {
    static let deadLetterTopic: UInt16 = 1
    static let deadLetterProducer: UInt16 = 7

    let clock = ManualClock()
    let end = ScriptedConsumerEnd()
    let deadEnd = ScriptedProducerEnd()
    let group: GroupState
    let worker = metrics()
    let seed = RunSeed(seed: 1)
    var client: ConsumerClient
    private let history = HistoryLog()
    private var nextReceipt: UInt64 = 1
    private let bodies = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 16 * bodiesMax,
        alignment: 16
    )

    private static let bodiesMax = 1024

    init(
        member: UInt16 = 0,
        prefetch: Int = 64,
        order: RedeliveryOrder = .pass,
        window: MeasuredWindow = wholeRun,
        faults: [FaultRule] = [],
        inbox: InboxSettings? = nil,
        capabilities: Capabilities = [.confirm, .nack, .redelivery, .offsets],
        history mode: HistoryTap.Mode = .none,
        sharing other: ConsumerRig? = nil,
        _ configure: (inout ConsumerSettings) -> Void = { _ in }
    ) {
        var settings = ConsumerSettings(name: "consumer", group: 0)
        settings.inbox = inbox
        configure(&settings)
        let profile = PromiseProfile(capabilities: capabilities)
        let digest = seed.digest
        let plan = GroupPlan(
            name: "group",
            topic: 0,
            members: 2,
            leaseNanoseconds: 1_000_000_000,
            prefetch: prefetch,
            order: order
        )
        group =
            other?.group
            ?? GroupState(
                deliveries: DeliveryLedger(
                    group: 0,
                    topic: 0,
                    profile: profile,
                    rules: DeliveryRules(leaseNanoseconds: plan.leaseNanoseconds)
                ),
                effects: EffectLedger(group: 0, hash: digest, checksOrder: true),
                inbox: settings.inbox,
                keyPatience: order == .blockKey ? 1_000_000_000 : nil
            )
        var writer: DeadLetterWriter?
        if let topic = settings.deadLetterTopic {
            writer = DeadLetterWriter(
                end: deadEnd,
                topic: topic,
                producer: Self.deadLetterProducer,
                digest: digest
            )
        }
        let log = history
        client = ConsumerClient(
            settings: settings,
            plan: plan,
            member: member,
            end: end,
            time: clock,
            group: group,
            window: window,
            run: seed,
            profile: profile,
            faults: faults,
            deadLetters: writer,
            metrics: worker,
            recorder: HistoryTap(mode: mode, process: 3, clients: 1) { log.add($0) }
        )
    }

    // SAFETY: allocated with this rig, freed once.
    deinit { unsafe bodies.deallocate() }

    /// What the broker would hand out; changed by `edit`, and in the queue of the end.
    @discardableResult
    func offer(
        _ n: UInt64,
        key: UInt64 = 0,
        attempt: UInt32 = 1,
        producer: UInt16 = 0,
        partition: UInt16 = 0,
        _ edit: (inout Delivery) -> Void = { _ in }
    ) -> Delivery {
        var header = EventHeader()
        let sequence = UInt64(partition) << 32 | n
        header.id = EventID(producer: producer, epoch: 0, sequence: sequence)
        header.n = n
        header.producer = producer
        header.partition = partition
        header.payloadBytes = 16
        header.run = seed.number
        if key > 0 { header.key = EventKey(pattern: 0, index: key) }
        let payload = body(n)
        // SAFETY: the body belongs to this rig.
        let digest = unsafe KeyedHash.digest(ofBody: payload.bytes)
        header.digest = seed.digest.digest(id: header.id, key: header.key, body: digest)
        var delivery = Delivery(
            header: header,
            payload: payload,
            receipt: nextReceipt,
            offset: Int64(n),
            invoked: .zero,
            attempt: attempt,
            topic: 0,
            partition: partition,
            isRedelivered: attempt > 1,
            envelope: .intact
        )
        nextReceipt += 1
        edit(&delivery)
        end.queue.append(delivery)
        return delivery
    }

    /// The body that event `n` has.
    func body(_ n: UInt64) -> PayloadReference {
        let first = 16 * (Int(n) % Self.bodiesMax)
        // SAFETY: the slice lies within the allocation, which outlives the client.
        let slot = unsafe UnsafeMutableRawBufferPointer(rebasing: bodies[first..<first + 16])
        // SAFETY: as above.
        for place in 0..<16 { unsafe slot[place] = UInt8(truncatingIfNeeded: n) }
        // SAFETY: as above.
        return unsafe PayloadReference(UnsafeRawBufferPointer(slot))
    }

    /// One step at `moment`, in milliseconds.
    @discardableResult
    func step(_ moment: Double) throws -> Bool {
        clock.now = ms(moment)
        return try client.step()
    }

    /// Steps each millisecond from `start` to `end`.
    func run(_ start: Int, _ end: Int) throws {
        for moment in start...end { try step(Double(moment)) }
    }

    var counts: ConsumerCounts { client.counts }

    var isIdle: Bool { client.isIdle }

    var acknowledged: [Int64] { end.offsets(.ack) }

    var refused: [Int64] { end.offsets(.nack) }

    /// The delays of the refusals, in milliseconds.
    var delays: [Double] {
        end.settled.filter { $0.kind == .nack }.map { Double($0.nanoseconds) / 1e6 }
    }

    /// Events of partition 0 of producer 0 that took effect, and how often in all.
    var effects: EffectLedger { group.ledgers.effects }

    /// How often the first rule fired.
    var fired: UInt64 {
        client.faultCounts.reduce(0) { $0 + $1[0].fired }
    }

    /// Everything on record so far; needs history mode `full`.
    var records: [HistoryRecord] {
        client.flushRecords()
        return history.records
    }

    /// The numbers of the events on record as `kind`, in order.
    func numbers(_ kind: HistoryRecord.Kind) -> [UInt64] {
        records.filter { $0.kind == kind }.map(\.n)
    }

    /// The histogram of one kind of latency, in the measured phase.
    func latency(_ stage: LatencyStage, _ kind: LatencyKind) -> HistogramSnapshot? {
        worker.histograms().first { $0.stage == stage && $0.kind == kind }?.histogram
    }
}

extension ConsumerRig: CustomReflectable {
    /// Empty: a failed expectation shows what it was asked of, and clients cannot be copied.
    var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// The records that a client gave away.
private final class HistoryLog: Sendable {
    private let stored = Mutex<[HistoryRecord]>([])

    var records: [HistoryRecord] { stored.withLock { $0 } }

    func add(_ slice: ArraySlice<HistoryRecord>) {
        stored.withLock { $0.append(contentsOf: slice) }
    }
}

/// An inbox that remembers enough for every test that does not ask for less.
func inbox(
    _ events: Int = 1000,
    milliseconds: Int64 = 10_000,
    isDurable: Bool = true
) -> InboxSettings {
    InboxSettings(
        windowNanoseconds: milliseconds * 1_000_000,
        events: events,
        isDurable: isDurable
    )
}
