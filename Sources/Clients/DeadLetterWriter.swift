import DequeModule
public import Messaging

/// Publishes what cannot be handled to the dead-letter topic, before it is acknowledged.
///
/// A dead letter keeps the original's identifier, key, digest and body; reason and attempts are
/// added. One writer per member. Bounded by the member's prefetch: each entry is one delivery.
public final class DeadLetterWriter {
    /// How long to wait after the topic refused a dead letter.
    private static var retryNanoseconds: Int64 { 10_000_000 }

    private struct Entry {
        var handed: HandedDelivery
        var reason: DeadLetterReason
        var attempts: Int
    }

    private let end: any ProducerEnd
    private let topic: UInt16
    private let producer: UInt16
    private let digest: KeyedHash
    private var batch: Batch<OutboundEvent>
    private var confirmations: Batch<Confirmation>
    private var queue: Deque<Entry> = []
    private var open: [UInt64: Entry] = [:]
    private var nextCrossing: UInt64 = 0
    private var nextN: UInt64 = 0
    private var retryAt = Instant.zero

    /// A writer to `topic` under its own producer number; `digest` is that of the run.
    public init(end: any ProducerEnd, topic: UInt16, producer: UInt16, digest: KeyedHash) {
        self.end = end
        self.topic = topic
        self.producer = producer
        self.digest = digest
        batch = Batch(capacity: 1)
        confirmations = Batch(capacity: 64)
    }

    var isIdle: Bool { queue.isEmpty && open.isEmpty }

    /// Takes over a delivery that is to become a dead letter.
    func add(_ handed: HandedDelivery, reason: DeadLetterReason, attempts: Int) {
        queue.append(Entry(handed: handed, reason: reason, attempts: attempts))
    }

    /// Publishes what waits and returns the deliveries whose dead letter is confirmed.
    ///
    /// `body` says where the body of a delivery lies now; receiving may have moved it meanwhile.
    func step(
        at now: Instant,
        body: (Delivery) -> PayloadReference?
    ) throws(DriverFailure) -> [HandedDelivery] {
        while now >= retryAt, var entry = queue.first {
            if let payload = body(entry.handed.delivery) {
                entry.handed.delivery.payload = payload
            }
            guard isBodyIntact(entry.handed.delivery) else {
                queue.removeFirst()
                continue
            }
            batch.removeAll()
            batch.append(letter(for: entry))
            guard try end.publish(batch, in: 0..<1, at: now) == 1 else { break }
            queue.removeFirst()
            open[nextCrossing] = entry
            nextCrossing += 1
            nextN += 1
        }
        return try takeConfirmations(at: now)
    }

    /// Forgets what is under way, as a crash does; the broker will deliver it again.
    func removeAll() {
        queue.removeAll()
        open.removeAll()
    }

    /// A lease that ran out while the letter waited may have given the body's memory to another
    /// event; the event itself comes again.
    private func isBodyIntact(_ delivery: Delivery) -> Bool {
        let header = delivery.header
        // SAFETY: slot memory stays readable for the session, whatever event it holds by now.
        let body = unsafe KeyedHash.digest(ofBody: delivery.payload.bytes)
        return digest.digest(id: header.id, key: header.key, body: body) == header.digest
    }

    private func takeConfirmations(
        at now: Instant
    ) throws(DriverFailure) -> [HandedDelivery] {
        guard !open.isEmpty else { return [] }
        confirmations.removeAll()
        try end.poll(into: &confirmations, at: now)
        var written: [HandedDelivery] = []
        for index in 0..<confirmations.count {
            let confirmation = confirmations[index]
            for step in 0..<UInt64(confirmation.count) {
                let crossing = confirmation.firstCrossing + step
                guard let entry = open.removeValue(forKey: crossing) else { continue }
                if confirmation.outcome == .confirmed {
                    written.append(entry.handed)
                } else {
                    queue.append(entry)
                    retryAt = now.advanced(byNanoseconds: Self.retryNanoseconds)
                }
            }
        }
        return written
    }

    private func letter(for entry: Entry) -> OutboundEvent {
        var header = entry.handed.delivery.header
        header.n = nextN
        header.producer = producer
        header.partition = 0
        header.attempt = 1
        header.copy = 0
        header.deadLetterReason = entry.reason.rawValue
        header.deadLetterAttempts = UInt8(clamping: entry.attempts)
        return OutboundEvent(
            header: header,
            payload: entry.handed.delivery.payload,
            topic: topic
        )
    }
}
