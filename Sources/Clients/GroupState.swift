import DequeModule
public import HistoryChecks
public import Messaging
import Synchronization

/// What the members of one consumer group share: inbox, attempts, blocked keys, and the ledgers.
///
/// Members may live on different threads; each takes the lock once per batch.
public final class GroupState: Sendable {
    /// What the lock guards.
    struct Shared: Sendable {
        var deliveries: DeliveryLedger
        var effects: EffectLedger
        var inbox: Inbox?
        var attempts = HandlerAttempts()
        /// `nil` where a refused event holds back nothing.
        var blocked: BlockedKeys?

        /// The handler sees `header` no more.
        mutating func conclude(_ header: EventHeader) {
            attempts.forget(header.id)
            blocked?.release(header)
        }
    }

    let shared: Mutex<Shared>
    /// The order of the topic that the group reads; `nil` where nobody asks for it.
    let order: TopicOrder?

    /// A group that has received nothing yet.
    ///
    /// - Parameters:
    ///   - deliveries: the broker's side of its deliveries.
    ///   - effects: the application's side of them.
    ///   - inbox: what it remembers.
    ///   - keyPatience: under `order: block-key`, how many nanoseconds the events of a key wait for
    ///     the overdue repetition of a refused one; `nil` if they do not wait.
    ///   - order: the order of the topic that it reads, if one order for all is asked for.
    public init(
        deliveries: DeliveryLedger,
        effects: EffectLedger,
        inbox: InboxSettings?,
        keyPatience: Int64? = nil,
        order: TopicOrder? = nil
    ) {
        self.order = order
        shared = Mutex(
            Shared(
                deliveries: deliveries,
                effects: effects,
                inbox: inbox.map(Inbox.init),
                blocked: keyPatience.map(BlockedKeys.init)
            )
        )
    }

    /// How many deliveries the broker still has to repeat, and when it could have all of them.
    public var outstanding: (count: Int, latest: Instant) {
        shared.withLock { $0.deliveries.outstanding }
    }

    /// The ledgers as they stand.
    public var ledgers: (deliveries: DeliveryLedger, effects: EffectLedger) {
        shared.withLock { ($0.deliveries, $0.effects) }
    }
}

/// A consumer group's memory of what it has applied, bounded by time and by number.
///
/// Past either bound the oldest mark is forgotten: a redelivery that comes later than that takes
/// effect again, as it would in the system that the scenario stands for.
struct Inbox: Sendable {
    private struct Mark {
        var id: EventID
        var time: Instant
    }

    private let settings: InboxSettings
    private var applied: EventIDTable
    private var marks: Deque<Mark> = []

    /// Room that is set aside at once, lest growing be seen in the latency of some event.
    private static let reservedMax = 1 << 20

    init(_ settings: InboxSettings) {
        self.settings = settings
        let reserved = min(settings.events, Self.reservedMax)
        applied = EventIDTable(capacity: reserved + 1)
        marks.reserveCapacity(reserved)
    }

    var isDurable: Bool { settings.isDurable }

    /// Whether `id` has been applied, as far as the inbox remembers at `now`.
    mutating func contains(_ id: EventID, at now: Instant) -> Bool {
        forget(at: now)
        return applied.contains(id)
    }

    /// Remembers that `id` was applied at `now`.
    mutating func mark(_ id: EventID, at now: Instant) {
        forget(at: now)
        guard applied.insert(id) else { return }
        marks.append(Mark(id: id, time: now))
        if marks.count > settings.events { forgetOldest() }
    }

    /// Remembers the events of `batch[range]` as far as they are new, and says how many are.
    mutating func markNew(
        _ batch: borrowing Batch<Delivery>,
        in range: Range<Int>,
        at now: Instant
    ) -> Int {
        for index in range {
            let id = batch[index].header.id
            guard !contains(id, at: now) else { return index &- range.lowerBound }
            mark(id, at: now)
        }
        return range.count
    }

    /// Loses everything, as an inbox in memory does when its process dies.
    mutating func removeAll() {
        applied.removeAll()
        marks.removeAll(keepingCapacity: true)
    }

    private mutating func forget(at now: Instant) {
        while let oldest = marks.first,
            now.nanoseconds(since: oldest.time) > settings.windowNanoseconds
        {
            forgetOldest()
        }
    }

    private mutating func forgetOldest() {
        guard let oldest = marks.popFirst() else { return }
        applied.remove(oldest.id)
    }
}

/// How often the handler has tried each event that it refused and will see again.
struct HandlerAttempts: Sendable {
    /// Beyond so many open events an event's attempts start again from 1.
    private static let limit = 1 << 20

    private var counts: [EventID: Int] = [:]

    /// Counts one more failed attempt of `id`, and says how many there are.
    mutating func fail(_ id: EventID) -> Int {
        guard counts.count < Self.limit || counts[id] != nil else { return 1 }
        counts[id, default: 0] += 1
        return counts[id, default: 1]
    }

    /// How many attempts of `id` have failed.
    func failures(of id: EventID) -> Int { counts[id] ?? 0 }

    /// The event will not be tried again.
    mutating func forget(_ id: EventID) {
        guard !counts.isEmpty else { return }
        counts[id] = nil
    }
}
