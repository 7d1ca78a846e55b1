/// What a driver can do.
///
/// Names are those of the subprocess protocol.
public struct Capabilities: OptionSet, Hashable, Sendable {
    /// One bit per capability.
    public let rawValue: UInt16

    /// Wraps a set of bits.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Says for each published event what became of it.
    public static let confirm = Capabilities(rawValue: 1 << 0)
    /// Takes a refusal, with a delay.
    public static let nack = Capabilities(rawValue: 1 << 1)
    /// Delivers again what was not answered within its lease.
    public static let redelivery = Capabilities(rawValue: 1 << 2)
    /// Shows each event's offset.
    public static let offsets = Capabilities(rawValue: 1 << 3)
    /// Can lengthen a lease.
    public static let extend = Capabilities(rawValue: 1 << 4)
    /// Keeps a committed position per group and partition.
    public static let commit = Capabilities(rawValue: 1 << 5)
    /// Moves an event to the dead letters by itself.
    public static let deadLetter = Capabilities(rawValue: 1 << 6)
    /// Stores a repeat of (producer, epoch, sequence) once.
    public static let dedup = Capabilities(rawValue: 1 << 7)
    /// Keeps the order of each key of each producer.
    public static let keyOrder = Capabilities(rawValue: 1 << 8)
    /// May answer a receive late.
    public static let longPoll = Capabilities(rawValue: 1 << 9)

    /// Every capability with its name, in the order of the protocol.
    public static let named: [(name: String, capability: Capabilities)] = [
        ("confirm", .confirm), ("nack", .nack), ("redelivery", .redelivery),
        ("offsets", .offsets), ("extend", .extend), ("commit", .commit),
        ("dead-letter", .deadLetter), ("dedup", .dedup), ("key-order", .keyOrder),
        ("long-poll", .longPoll),
    ]

    /// The names of the capabilities in the set.
    public var names: [String] {
        Self.named.filter { contains($0.capability) }.map(\.name)
    }
}

/// What a driver promises by default: what a broker verdict may hold against it.
public struct PromiseProfile: Hashable, Sendable {
    /// What it can do.
    public var capabilities: Capabilities
    /// Whether it may deliver again without a reason, as Amazon SQS standard queues may.
    public var allowsSpuriousRedelivery: Bool
    /// Whether a late answer is refused and touches nobody else's lease.
    public var fencesReceipts: Bool
    /// Repeats of a sequence number are recognised this many numbers back; 0 for never.
    public var deduplicationWindow: Int
    /// Whether deliveries of a partition come in one order, the order of crossing.
    public var isOrdered: Bool

    /// Makes a profile.
    public init(
        capabilities: Capabilities,
        allowsSpuriousRedelivery: Bool = false,
        fencesReceipts: Bool = true,
        deduplicationWindow: Int = 0,
        isOrdered: Bool = true
    ) {
        self.capabilities = capabilities
        self.allowsSpuriousRedelivery = allowsSpuriousRedelivery
        self.fencesReceipts = fencesReceipts
        self.deduplicationWindow = deduplicationWindow
        self.isOrdered = isOrdered
    }
}
