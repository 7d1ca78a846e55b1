import Messaging

@testable import HistoryChecks

/// One way in which the modelled broker or its application goes wrong.
enum Flaw: String, CaseIterable, Sendable {
    case none
    case invents, corrupts, deliversRefused, loses, storesTwice, forgetsAck, redeliversEarly
    case deliversToTwo, neverRedelivers, repeatsAttempt, skipsAttempt, exceedsLimit, hidesFlag
    case ignoresDelay, reorders, misroutes, confirmsElsewhere, appliesTwice, missesApply
    case appliesOutOfOrder

    /// What must be found, or `nil` for a broker that keeps its promises.
    var guarantee: Guarantee? {
        switch self {
        case .none: nil
        case .invents: .a1
        case .corrupts: .a2
        case .deliversRefused: .a3
        case .loses: .a4
        case .storesTwice: .a6
        case .forgetsAck: .a7
        case .redeliversEarly: .a7
        case .deliversToTwo: .a18
        case .neverRedelivers: .a20
        case .repeatsAttempt, .skipsAttempt, .exceedsLimit: .a21
        case .hidesFlag: .a22
        case .ignoresDelay: .a23
        case .reorders: .a11
        case .misroutes: .a38
        case .confirmsElsewhere: .a26
        case .appliesTwice: .a8
        case .missesApply: .a8
        case .appliesOutOfOrder: .a34
        }
    }
}

/// Small, repeatable random numbers.
struct Dice {
    var state: UInt64
    let hash: KeyedHash

    init(seed: UInt64) {
        state = 0
        hash = KeyedHash(seed: seed)
    }

    mutating func roll(_ sides: UInt64) -> UInt64 {
        state += 1
        return hash.hash(state, 7) % sides
    }

    mutating func chance(_ oneIn: UInt64) -> Bool { roll(oneIn) == 0 }
}
