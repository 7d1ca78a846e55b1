import Messaging
import Workloads

/// Makes the events of one producer: identifiers, keys, partitions, bodies, digests.
///
/// A pure function of seed and event number, but for the partition of events without a key, which
/// changes with every batch (as Kafka's sticky partitioner does) so that batches stay whole.
struct EventFactory {
    private let settings: ProducerSettings
    private let run: UInt32
    private let digest: KeyedHash
    private let partitionHash: KeyedHash
    private let pool: PayloadPool
    private var keys: KeyGenerator
    private var nextSequence: UInt64 = 0
    private var nextN: ContiguousArray<UInt64>
    private var stickyPartition: Int
    private let hasKeys: Bool

    init(
        settings: ProducerSettings,
        partitions: Int,
        run: UInt32,
        hash: KeyedHash,
        digest: KeyedHash,
        pool: PayloadPool
    ) {
        self.settings = settings
        self.run = run
        self.digest = digest
        self.pool = pool
        // Not derived from the producer: a key belongs to one partition, whoever writes it.
        partitionHash = KeyedHash(seed: UInt64(settings.topic))
        keys = KeyGenerator(settings.keys, hash: hash.derived(for: 0x6B65_7973))
        hasKeys = settings.keys.shape != .none
        nextN = ContiguousArray(repeating: 0, count: partitions)
        stickyPartition = Int(settings.number) % partitions
    }

    /// How many events have been made for each partition.
    var made: ContiguousArray<UInt64> { nextN }

    /// Moves events without a key on to the next partition.
    mutating func beginBatch() {
        stickyPartition += 1
        if stickyPartition == nextN.count { stickyPartition = 0 }
    }

    /// Whether the events of a batch are consecutive ones of one partition: those without keys are.
    var makesRuns: Bool { !hasKeys }

    /// The next event, due at `due` and made at `now`.
    mutating func make(due: Instant, at now: Instant) -> OutboundEvent {
        let key = hasKeys ? keys.key(nextSequence) : .none
        let partition =
            hasKeys
            ? Self.partition(of: key, hash: partitionHash, count: nextN.count) : stickyPartition
        let n = nextN[partition]
        nextN[partition] &+= 1
        let event = event(nextSequence, key, partition: partition, n: n, due: due, at: now)
        nextSequence &+= 1
        return event
    }

    /// Appends the next `count` events, all due at `due` and made at `now`.
    mutating func append(
        _ count: Int,
        due: Instant,
        at now: Instant,
        to events: inout Batch<OutboundEvent>
    ) {
        guard makesRuns else {
            for _ in 0..<count { events.append(make(due: due, at: now)) }
            return
        }
        let partition = stickyPartition
        let n = nextN[partition]
        for step in 0..<UInt64(truncatingIfNeeded: count) {
            events.append(
                event(
                    nextSequence &+ step,
                    .none,
                    partition: partition,
                    n: n &+ step,
                    due: due,
                    at: now
                )
            )
        }
        nextN[partition] &+= UInt64(truncatingIfNeeded: count)
        nextSequence &+= UInt64(truncatingIfNeeded: count)
    }

    @inline(__always)
    private func event(
        _ sequence: UInt64,
        _ key: EventKey,
        partition: Int,
        n: UInt64,
        due: Instant,
        at now: Instant
    ) -> OutboundEvent {
        let body = pool.body(sequence)
        var header = EventHeader()
        header.id = EventID(producer: settings.number, epoch: 0, sequence: sequence)
        header.key = key
        header.n = n
        header.digest = digest.digest(id: header.id, key: key, body: body.digest)
        header.due = due
        header.sent = now
        header.run = run
        header.payloadBytes = UInt32(truncatingIfNeeded: body.payload.count)
        header.producer = settings.number
        header.partition = UInt16(truncatingIfNeeded: partition)
        return OutboundEvent(
            header: header,
            payload: body.payload,
            topic: settings.topic,
            isIdempotent: settings.isIdempotent
        )
    }

    // Static: the whole factory would be copied for a call in the middle of its own change.
    @inline(__always)
    private static func partition(of key: EventKey, hash: KeyedHash, count: Int) -> Int {
        guard count > 1 else { return 0 }
        let word = hash.hash(key.rawValue, 0)
        return Int(
            truncatingIfNeeded:
                word.multipliedFullWidth(by: UInt64(truncatingIfNeeded: count)).high
        )
    }
}
