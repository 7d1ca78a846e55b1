/// How much of our own metadata came back with a delivery.
public enum Envelope: UInt8, Sendable, Hashable, BitwiseCopyable {
    /// Header complete, payload as long as it says, digest right.
    case intact
    /// Header complete, but the digest over identifier, key and payload differs.
    case corrupted
    /// No or unreadable `gyre-*` headers: nothing that this run has sent.
    case unrecognised
    /// The headers of another run.
    case foreign
}

/// One event as the broker handed it out, once.
@frozen
public struct Delivery: BitwiseCopyable {
    /// The event's own header, as it came back.
    public var header: EventHeader
    /// The body; see `PayloadReference` for how long it is valid.
    public var payload: PayloadReference
    /// What to answer with; meaningful to the driver alone.
    public var receipt: UInt64
    /// The broker's position of the event in its partition, or -1.
    public var offset: Int64
    /// When the request that brought it was issued: the lease cannot have begun earlier.
    public var invoked: Instant
    /// The broker's count of deliveries of this stored event to this group, from 1.
    ///
    /// 0 if unsaid, `notACount` where what it said cannot be one.
    public var attempt: UInt32
    /// The topic's index in the session plan.
    public var topic: UInt16
    /// The partition that the broker says it came from.
    public var partition: UInt16
    /// The broker's own flag.
    public var isRedelivered: Bool
    /// Filled by the driver as `.intact`, `.unrecognised` or `.foreign`; the client checks the
    /// digest.
    public var envelope: Envelope

    /// The attempt of a delivery whose broker claims to count from 0.
    @inlinable
    public static var notACount: UInt32 { .max }

    /// Makes a delivery.
    @inlinable
    public init(
        header: EventHeader,
        payload: PayloadReference,
        receipt: UInt64,
        offset: Int64,
        invoked: Instant,
        attempt: UInt32,
        topic: UInt16,
        partition: UInt16,
        isRedelivered: Bool,
        envelope: Envelope
    ) {
        self.header = header
        self.payload = payload
        self.receipt = receipt
        self.offset = offset
        self.invoked = invoked
        self.attempt = attempt
        self.topic = topic
        self.partition = partition
        self.isRedelivered = isRedelivered
        self.envelope = envelope
    }
}

/// A consumer's answer to a delivery.
@frozen
public struct Settlement: BitwiseCopyable {
    /// What the consumer says.
    @frozen
    public enum Kind: UInt8, Sendable, Hashable, BitwiseCopyable {
        /// Done: never deliver it to this group again.
        case ack
        /// Not done: deliver it again, not before `nanoseconds` from now.
        case nack
        /// Still at work: the lease ends `nanoseconds` from now.
        case extend
        /// Every offset of the partition below `offset` is done.
        case commit
        /// Move it to the dead letters (drivers that declare `deadLetter`).
        case deadLetter
    }

    /// What the consumer says.
    public var kind: Kind
    /// From the delivery.
    public var receipt: UInt64
    /// From the delivery; for `commit` the next offset to read.
    public var offset: Int64
    /// Delay of a nack or new length of a lease; else 0.
    public var nanoseconds: Int64
    /// From the delivery.
    public var topic: UInt16
    /// From the delivery.
    public var partition: UInt16

    /// Makes an answer to `delivery`.
    @inlinable
    public init(_ kind: Kind, of delivery: Delivery, nanoseconds: Int64 = 0) {
        self.kind = kind
        receipt = delivery.receipt
        offset = delivery.offset
        self.nanoseconds = nanoseconds
        topic = delivery.topic
        partition = delivery.partition
    }
}

/// The outcome of a run of consecutive settlements of one consumer end.
///
/// An end numbers the settlements that it took from 0.
@frozen
public struct SettlementResult: BitwiseCopyable {
    /// What became of a settlement.
    public enum Outcome: UInt8, Sendable, Hashable, BitwiseCopyable {
        /// The broker has taken it.
        case settled
        /// Refused: the lease was over, or it was settled before. Nothing else was touched.
        case staleReceipt
        /// Nobody knows.
        case indeterminate
    }

    /// The first settlement it speaks of.
    public var first: UInt64
    /// How many consecutive ones it speaks of.
    public var count: UInt32
    /// What became of all of them.
    public var outcome: Outcome

    /// Makes a result.
    @inlinable
    public init(first: UInt64, count: UInt32, outcome: Outcome) {
        self.first = first
        self.count = count
        self.outcome = outcome
    }
}
