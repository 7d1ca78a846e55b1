/// Which threads a trial has, and who hands items to whom.
public enum RingTopology: String, CaseIterable, Hashable, Sendable {
    case oneToOne = "1p1c"
    case twoToOne = "2p1c"
    case oneToTwo = "1p2c"
    case twoToTwo = "2p2c"
    case threeToOne = "3p1c"
    /// A producer and three consumers, each of which sees an item after the one before it.
    case pipeline
    /// A producer and three consumers, all of which see every item.
    case multicast
    /// A producer, two consumers that see every item, and a third that sees it after both.
    case diamond

    /// Threads that publish what they made.
    public var producers: Int {
        switch self {
        case .oneToOne, .oneToTwo, .pipeline, .multicast, .diamond: 1
        case .twoToOne, .twoToTwo: 2
        case .threeToOne: 3
        }
    }

    /// Threads that take.
    public var consumers: Int {
        switch self {
        case .oneToOne, .twoToOne, .threeToOne: 1
        case .oneToTwo, .twoToTwo: 2
        case .pipeline, .multicast, .diamond: 3
        }
    }

    /// All threads.
    public var threads: Int { producers + consumers }

    /// Whether consumers share the items, each of which goes to one of them.
    var sharesItems: Bool { self == .oneToTwo || self == .twoToTwo }
}
