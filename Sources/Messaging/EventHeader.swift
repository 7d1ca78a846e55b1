/// What travels beside every payload: exactly 64 bytes, one cache line.
///
/// In the embedded broker it is copied as it is; outside it becomes the `gyre-*` headers. No fault
/// touches it, so loss and duplication can be decided even for a corrupted body.
@frozen
public struct EventHeader: Hashable, Sendable, BitwiseCopyable {
    /// The logical event.
    public var id: EventID
    /// Dense sequence per (`producer`, `partition`), from 0, fixed at the first attempt.
    public var n: UInt64
    /// The event's key, or `.none`.
    public var key: EventKey
    /// `KeyedHash.digest` over identifier, key and payload.
    public var digest: UInt64
    /// When the producer's schedule wanted the event sent; equals `sent` in a closed loop.
    public var due: Instant
    /// When the first attempt was handed to the client.
    public var sent: Instant
    /// The run; deliveries of another run are *foreign*.
    public var run: UInt32
    /// Length of the payload.
    public var payloadBytes: UInt32
    /// The writer of this lane: owner of `n`.
    ///
    /// Equals `id.producer` but for dead letters.
    public var producer: UInt16
    /// The partition that the producer chose; `n` is dense within it.
    public var partition: UInt16
    /// The client's attempt, from 1.
    public var attempt: UInt8
    /// 0 for the original, else the number of the injected copy.
    public var copy: UInt8
    /// 0, or why this event is a dead letter (`DeadLetterReason`).
    public var deadLetterReason: UInt8
    /// How many handler attempts a dead letter had; 255 stands for more.
    public var deadLetterAttempts: UInt8

    /// A header with every field zero.
    @inlinable
    public init() {
        id = EventID(rawValue: 0)
        n = 0
        key = .none
        digest = 0
        due = .zero
        sent = .zero
        run = 0
        payloadBytes = 0
        producer = 0
        partition = 0
        attempt = 1
        copy = 0
        deadLetterReason = 0
        deadLetterAttempts = 0
    }
}

/// Why an event went to the dead letters.
public enum DeadLetterReason: UInt8, Sendable {
    /// Every handler attempt that the retry policy allows failed.
    case attemptsExhausted = 1
    /// The handler called the failure permanent.
    case permanentFailure = 2
    /// The broker's own limit on deliveries was reached.
    case deliveriesExhausted = 3
}
