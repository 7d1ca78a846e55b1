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

    /// The next event, due at `due` and made at `now`.
    mutating func make(due: Instant, at now: Instant) -> OutboundEvent {
        let sequence = nextSequence
        nextSequence &+= 1
        let payload = pool.reference(sequence)
        var header = EventHeader()
        header.id = EventID(producer: settings.number, epoch: 0, sequence: sequence)
        if hasKeys { header.key = keys.key(sequence) }
        let partition = hasKeys ? partition(of: header.key) : stickyPartition
        header.n = nextN[partition]
        nextN[partition] &+= 1
        // SAFETY: the pool's bodies live as long as the pool, which this value holds.
        header.digest = unsafe digest.digest(
            id: header.id,
            key: header.key,
            payload: payload.bytes
        )
        header.due = due
        header.sent = now
        header.run = run
        header.payloadBytes = UInt32(truncatingIfNeeded: payload.count)
        header.producer = settings.number
        header.partition = UInt16(truncatingIfNeeded: partition)
        return OutboundEvent(
            header: header,
            payload: payload,
            topic: settings.topic,
            isIdempotent: settings.isIdempotent
        )
    }

    private func partition(of key: EventKey) -> Int {
        guard nextN.count > 1 else { return 0 }
        let word = partitionHash.hash(key.rawValue, 0)
        return Int(
            truncatingIfNeeded:
                word.multipliedFullWidth(by: UInt64(truncatingIfNeeded: nextN.count)).high
        )
    }
}
