import Messaging

/// Our metadata as it travels outside: strings, under names that begin with `gyre-`.
///
/// `run`, `id` and `n` identify an event, without them it is not recognised as ours. The rest may
/// be missing: times then are those of the request, the producer that of the identifier. The seal
/// covers what the digest does not, so that a changed header is noticed.
struct GyreHeaders: Decodable {
    private enum CodingKeys: String, CodingKey {
        case run = "gyre-run"
        case id = "gyre-id"
        case n = "gyre-n"
        case digest = "gyre-digest"
        case due = "gyre-due"
        case sent = "gyre-sent"
        case producer = "gyre-producer"
        case partition = "gyre-partition"
        case attempt = "gyre-attempt"
        case copy = "gyre-copy"
        case reason = "gyre-dead-letter-reason"
        case attempts = "gyre-dead-letter-attempts"
        case seal = "gyre-seal"
    }

    private var run, id, n, digest, due, sent, producer, partition: String?
    private var attempt, copy, reason, attempts, seal: String?

    /// Fills in what came back, and says how much of it there was.
    ///
    /// A missing digest becomes 0, which the client then finds to differ.
    func restore(_ header: inout EventHeader, run expected: UInt32) -> Envelope {
        guard let run = run.flatMap({ UInt32($0) }),
            let id = id.flatMap({ UInt64($0, radix: 16) }), let n = n.flatMap({ UInt64($0) })
        else { return .unrecognised }
        header.run = run
        header.id = EventID(rawValue: id)
        header.n = n
        guard let producer = Self.parse(producer, otherwise: header.id.producer),
            let partition = Self.parse(partition, otherwise: header.partition)
        else { return .unrecognised }
        header.producer = producer
        header.partition = partition
        header.digest = digest.flatMap { UInt64($0, radix: 16) } ?? 0
        if let due = due.flatMap({ Int64($0) }) { header.due = Instant(nanoseconds: due) }
        if let sent = sent.flatMap({ Int64($0) }) { header.sent = Instant(nanoseconds: sent) }
        header.attempt = attempt.flatMap { UInt8($0) } ?? 1
        header.copy = copy.flatMap { UInt8($0) } ?? 0
        header.deadLetterReason = reason.flatMap { UInt8($0) } ?? 0
        header.deadLetterAttempts = attempts.flatMap { UInt8($0) } ?? 0
        let isSealed = seal.map { UInt64($0, radix: 16) == header.seal } ?? true
        // Of no run whatever is headers that nobody has written so.
        guard run == expected else { return isSealed ? .foreign : .unrecognised }
        return isSealed ? .intact : .corrupted
    }

    private static func parse(_ text: String?, otherwise: UInt16) -> UInt16? {
        guard let text else { return otherwise }
        return UInt16(text)
    }
}

extension RequestText {
    /// Adds the members of the `headers` object.
    mutating func headers(_ header: EventHeader) {
        self.header("gyre-run", header.run)
        self.header("gyre-id", hexadecimal: header.id.rawValue)
        self.header("gyre-n", header.n)
        self.header("gyre-digest", hexadecimal: header.digest)
        self.header("gyre-due", header.due.nanoseconds)
        self.header("gyre-sent", header.sent.nanoseconds)
        self.header("gyre-producer", header.producer)
        self.header("gyre-partition", header.partition)
        self.header("gyre-attempt", header.attempt)
        if header.copy != 0 { self.header("gyre-copy", header.copy) }
        self.header("gyre-seal", hexadecimal: header.seal)
        guard header.deadLetterReason != 0 else { return }
        self.header("gyre-dead-letter-reason", header.deadLetterReason)
        self.header("gyre-dead-letter-attempts", header.deadLetterAttempts)
    }
}

extension EventHeader {
    /// A hash of everything in the header that a broker has no reason to change.
    ///
    /// The reason and attempts of dead letters are left out: brokers may write their own.
    fileprivate var seal: UInt64 {
        let hash = KeyedHash(seed: 0x7365_616C)
        let place = UInt64(run) << 32 | UInt64(producer) << 16 | UInt64(partition)
        let times = hash.hash(
            UInt64(bitPattern: due.nanoseconds),
            UInt64(bitPattern: sent.nanoseconds)
        )
        let event = hash.hash(id.rawValue, n, digest)
        return hash.hash(place, UInt64(attempt) << 8 | UInt64(copy), hash.hash(times, event))
    }
}

extension KeyNames {
    /// The key that a broker's text stands for.
    ///
    /// A text that no pattern makes becomes a key that no pattern has, so that the digest differs.
    func restored(_ text: String?) -> EventKey {
        guard let text else { return .none }
        if let known = key(named: text) { return known }
        var folded: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a, 64 bits
        for byte in text.utf8 { folded = (folded ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return EventKey(rawValue: folded | 1 << 63)
    }
}
