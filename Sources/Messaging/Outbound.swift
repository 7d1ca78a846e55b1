/// Payload bytes that someone else keeps alive: a payload pool, a ring slot, a reply buffer.
///
/// On the way out the bytes live as long as the session. On the way in they are valid until the
/// next call of the consumer end; beyond it, while the delivery is unanswered and its lease not
/// over, `ConsumerEnd.payload(of:at:)` says where they lie (drivers without leases: not at all).
@safe
@frozen
public struct PayloadReference: BitwiseCopyable {
    @usableFromInline let base: UnsafeRawPointer?
    /// Length in bytes.
    public let count: Int

    /// Refers to `bytes`.
    ///
    /// - Safety: `bytes` stays readable and unchanged as the type's comment says.
    @inlinable
    @unsafe
    public init(_ bytes: UnsafeRawBufferPointer) {
        unsafe base = bytes.baseAddress
        count = bytes.count
    }

    /// No bytes.
    @inlinable
    public init() {
        // SAFETY: no bytes are ever read through a null base: `count` is 0.
        unsafe base = nil
        count = 0
    }

    /// The bytes themselves.
    ///
    /// - Safety: only while they are valid, see the type's comment.
    @inlinable
    @unsafe public var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base, count: count)
    }
}

/// One event on its way to the broker.
@frozen
public struct OutboundEvent: BitwiseCopyable {
    /// What travels beside the payload.
    public var header: EventHeader
    /// The body.
    public var payload: PayloadReference
    /// The topic's index in the session plan.
    public var topic: UInt16
    /// Whether (producer, epoch, n) may be used to recognise a repeat.
    public var isIdempotent: Bool

    /// Makes an event for `topic`; its partition is `header.partition`.
    @inlinable
    public init(
        header: EventHeader,
        payload: PayloadReference,
        topic: UInt16,
        isIdempotent: Bool = false
    ) {
        self.header = header
        self.payload = payload
        self.topic = topic
        self.isIdempotent = isIdempotent
    }
}

/// What became of something that crossed to the broker.
public enum CrossingOutcome: UInt8, Sendable, Hashable, BitwiseCopyable {
    /// The broker has it (Jepsen's *ok*).
    case confirmed
    /// It certainly had no effect (*fail*).
    case refused
    /// Nobody knows (*info*).
    case indeterminate
}

/// The outcome of a run of consecutive crossings of one producer end.
///
/// A crossing is one event taken by `publish`; an end numbers its crossings from 0.
@frozen
public struct Confirmation: BitwiseCopyable {
    /// The first crossing it speaks of.
    public var firstCrossing: UInt64
    /// How many consecutive crossings it speaks of.
    public var count: UInt32
    /// What became of all of them.
    public var outcome: CrossingOutcome
    /// Offset of the first; the others follow by ones.
    ///
    /// -1 where the driver shows none.
    public var firstOffset: Int64

    /// Makes a confirmation.
    @inlinable
    public init(
        firstCrossing: UInt64,
        count: UInt32,
        outcome: CrossingOutcome,
        firstOffset: Int64
    ) {
        self.firstCrossing = firstCrossing
        self.count = count
        self.outcome = outcome
        self.firstOffset = firstOffset
    }
}
