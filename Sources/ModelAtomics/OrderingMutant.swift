public import RingCore

/// What a ring asks of one of its shared words.
public enum CellOperation: String, Sendable {
    /// A load that orders nothing else.
    case loadRelaxed
    /// A load that sees what came before the release it reads from.
    case loadAcquire
    /// A store that orders nothing else.
    case storeRelaxed
    /// A store that hands over what came before it.
    case storeRelease
    /// A conditional exchange that orders nothing else and may fail for no reason.
    case exchangeRelaxed
    /// A conditional exchange that acquires.
    case exchangeAcquire
    /// A conditional exchange that releases.
    case exchangeRelease
    /// An addition that orders nothing else.
    case addRelaxed

    /// The ways in which less could be asked.
    public var weakenings: [Weakening] {
        switch self {
        case .loadRelaxed, .storeRelaxed: []
        case .loadAcquire, .storeRelease: [.relaxed]
        case .exchangeRelaxed, .addRelaxed: [.inTwoSteps]
        case .exchangeAcquire, .exchangeRelease: [.relaxed, .inTwoSteps]
        }
    }
}

/// Less than what a ring asks for.
public enum Weakening: String, Sendable {
    /// Without the acquire or the release.
    case relaxed
    /// A load and a store, with a gap between.
    case inTwoSteps
}

/// One place in a ring that asks for an ordering: which word, what, within which call.
public struct OrderingSite: Hashable, Sendable, CustomStringConvertible {
    /// The word's role; slots of a ring share one.
    public var word: String
    /// What is asked of the word.
    public var operation: CellOperation
    /// The ring's call that asks.
    public var call: String

    /// Names a place.
    public init(word: String, operation: CellOperation, call: String) {
        self.word = word
        self.operation = operation
        self.call = call
    }

    /// The place in words.
    public var description: String { "\(call): \(word) \(operation.rawValue)" }
}

/// A ring that asks for less at one place, and is otherwise unchanged.
public struct OrderingMutant: Hashable, Sendable, CustomStringConvertible {
    /// Where.
    public var site: OrderingSite
    /// How.
    public var weakening: Weakening

    /// Names a mutant.
    public init(site: OrderingSite, weakening: Weakening) {
        self.site = site
        self.weakening = weakening
    }

    /// The mutant's name.
    public var description: String { "\(site) \(weakening.rawValue)" }
}

extension RingCellRole {
    /// The role without a slot's index: all slots' words have the same protocol.
    public var word: String {
        switch self {
        case .availability: "availability"
        case .turn: "turn"
        case .place: "place"
        case .spare: "spare"
        case .gate(let group): "gate \(group)"
        case .token(let index): "token \(index)"
        case .published: "published"
        case .claimed: "claimed"
        case .tail: "tail"
        case .head: "head"
        }
    }
}
