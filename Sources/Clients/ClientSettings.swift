public import Messaging
public import Workloads

/// When a producer counts an event as sent.
public enum ConfirmMode: String, Hashable, Sendable, CaseIterable {
    /// When the broker has confirmed it.
    case each
    /// When it was handed over.
    case none
}

/// How one logical producer works.
public struct ProducerSettings: Hashable, Sendable {
    /// Its declared name; members of one declaration share it.
    public var name: String
    /// Its number in the session, unique: the producer part of its event identifiers.
    public var number: UInt16
    /// Index of the topic it sends to.
    public var topic: UInt16
    /// When its events are due.
    public var arrivals: ArrivalProcess
    /// What its bodies are.
    public var payload: PayloadSource
    /// What its keys are.
    public var keys: KeyDistribution
    /// When it counts an event as sent.
    public var confirm: ConfirmMode
    /// How long it waits for a confirmation.
    public var confirmTimeoutNanoseconds: Int64
    /// How many events may be unconfirmed at once.
    public var inFlight: Int
    /// What it does when a send fails or times out.
    public var retry: RetryPolicy
    /// Whether the broker may recognise its repeats.
    public var isIdempotent: Bool

    /// A closed-loop producer with the defaults of the scenario format.
    public init(name: String, number: UInt16, topic: UInt16) {
        self.name = name
        self.number = number
        self.topic = topic
        arrivals = .closedLoop
        payload = .fixed(bytes: 256)
        keys = KeyDistribution(.none)
        confirm = .each
        confirmTimeoutNanoseconds = 1_000_000_000
        inFlight = 1024
        retry = .never
        isIdempotent = false
    }
}

/// When a consumer answers.
public enum AckMode: String, Hashable, Sendable, CaseIterable {
    /// Before the handler runs.
    case onReceive = "on-receive"
    /// After the handler succeeded.
    case afterProcessing = "after-processing"
    /// Not at all.
    case never
}

/// A consumer group's memory of what it has applied.
public struct InboxSettings: Hashable, Sendable {
    /// How long it remembers, in nanoseconds.
    public var windowNanoseconds: Int64
    /// How many events it remembers.
    public var events: Int
    /// Whether it survives a crash of its member.
    public var isDurable: Bool

    /// Makes settings.
    public init(windowNanoseconds: Int64, events: Int, isDurable: Bool) {
        self.windowNanoseconds = windowNanoseconds
        self.events = events
        self.isDurable = isDurable
    }
}

/// How the members of one consumer group work.
public struct ConsumerSettings: Hashable, Sendable {
    /// The declared name.
    public var name: String
    /// Index of the group in the session plan, which says topic, members, lease, prefetch, order.
    public var group: UInt16
    /// When it answers.
    public var ack: AckMode
    /// How long its handler takes.
    public var processing: DurationDistribution
    /// What it remembers; `nil` for nothing.
    public var inbox: InboxSettings?
    /// Handler attempts, the first included; `never` gives an event up at its first refusal.
    public var retry: RetryPolicy
    /// Topic index of its dead letters.
    public var deadLetterTopic: UInt16?
    /// The producer number under which it writes dead letters; set with `deadLetterTopic`.
    public var deadLetterProducer: UInt16?

    /// A consumer with the defaults of the scenario format.
    public init(name: String, group: UInt16) {
        self.name = name
        self.group = group
        ack = .afterProcessing
        processing = .none
        retry = .never
    }
}
