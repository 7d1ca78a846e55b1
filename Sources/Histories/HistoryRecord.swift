public import Messaging

/// Which of the two truths about a message a record tells.
public enum HistorySide: UInt8, Sendable, Hashable, BitwiseCopyable, CaseIterable {
    /// What the user's system saw: sends, handles, applies, settlements.
    case application
    /// What crossed to the broker and back.
    case boundary

    /// The letter that histories use.
    public var letter: String { self == .application ? "P" : "B" }
}

/// One thing that happened, as plain words.
///
/// Fields that a kind has no use for are zero. `n` and `count` make a range where one record
/// stands for several consecutive events of a lane.
public struct HistoryRecord: Sendable, Hashable, BitwiseCopyable {
    /// What happened.
    public enum Kind: UInt8, Sendable, Hashable, BitwiseCopyable, CaseIterable {
        case send, handle, apply, settle
        case publish, receive, deliver, ack, nack, extend, commit, deadLetter
        case rebalance, crash, drain, fault

        /// The `f` of the history format.
        public var name: String { self == .deadLetter ? "dead-letter" : String(describing: self) }
    }

    /// Which end of an operation it is.
    public enum Phase: UInt8, Sendable, Hashable, BitwiseCopyable, CaseIterable {
        case invoke, ok, fail, info

        /// The `type` of the history format.
        public var name: String { String(describing: self) }
    }

    /// What happened.
    public var kind: Kind
    /// Which end of it.
    public var phase: Phase
    /// Which truth it tells.
    public var side: HistorySide
    /// The broker's flag of a delivery.
    public var isRedelivered: Bool
    /// How much of the metadata came back with a delivery.
    public var envelope: Envelope
    /// The client's attempt of a publish, from 1.
    public var copy: UInt8
    /// When.
    public var time: Instant
    /// When the request behind it was issued: for a delivery, its receive.
    public var invoked: Instant
    /// The logical process (worker) that did it.
    public var process: UInt32
    /// The client's attempt of a publish or the broker's count of deliveries; 0 if unsaid.
    public var attempt: UInt32
    /// The group's index.
    public var group: UInt16
    /// The member within the group.
    public var consumer: UInt16
    /// The events' lane; for a delivery the partition is what the header says.
    public var lane: LaneID
    /// The partition that the broker says a delivery came from.
    public var partition: UInt16
    /// The number of the fault rule.
    public var rule: UInt16
    /// The first event of the range.
    public var n: UInt64
    /// How many consecutive events it speaks of.
    public var count: UInt32
    /// Length of the payload.
    public var payloadBytes: UInt32
    /// The key.
    public var key: EventKey
    /// The first event's identifier.
    public var id: EventID
    /// The first event's offset, or -1.
    public var offset: Int64
    /// The first delivery's ordinal within its group, or the receipt that stands for
    /// it; `.max` for none.
    public var delivery: UInt64
    /// A nack's delay or an extension's length, in nanoseconds.
    public var nanoseconds: Int64
    /// The payload's digest.
    public var digest: UInt64

    /// A record of `kind` with everything else empty.
    public init(_ kind: Kind, _ phase: Phase, side: HistorySide, at time: Instant) {
        self.kind = kind
        self.phase = phase
        self.side = side
        self.time = time
        isRedelivered = false
        envelope = .intact
        copy = 0
        invoked = time
        process = 0
        attempt = 0
        group = 0
        consumer = 0
        lane = LaneID(producer: 0, topic: 0, partition: 0)
        partition = 0
        rule = 0
        n = 0
        count = 1
        payloadBytes = 0
        key = .none
        id = EventID(rawValue: 0)
        offset = -1
        delivery = .max
        nanoseconds = 0
        digest = 0
    }
}
