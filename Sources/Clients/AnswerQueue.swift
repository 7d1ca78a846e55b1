import Messaging

/// A handler's answer to one delivery.
struct Answer {
    var settlement: Settlement
    /// The ledger's ordinal of the delivery.
    var ordinal: UInt64
    /// What the delivery was of, for the ack site's rules.
    var delivery: Delivery
}

/// The answers of one member: those that wait to be sent, and those whose result is open.
///
/// Bounded: `capacity` unsent answers, and results of the last sixteen times as many; results of
/// even older answers are not looked at any more.
struct AnswerQueue: ~Copyable {
    private(set) var settlements: Batch<Settlement>
    private(set) var ordinals: Batch<UInt64>
    private let resultCapacity: Int
    private var sentOrdinals: ContiguousArray<UInt64>
    private var sentKinds: ContiguousArray<Settlement.Kind>
    private var nextSent: UInt64 = 0
    private var openResults: Int = 0

    /// - Precondition: `capacity` is a power of two.
    init(capacity: Int) {
        precondition(capacity.nonzeroBitCount == 1, "an answer queue's size is a power of two")
        resultCapacity = 16 * capacity
        settlements = Batch(capacity: capacity)
        ordinals = Batch(capacity: capacity)
        sentOrdinals = ContiguousArray(repeating: 0, count: resultCapacity)
        sentKinds = ContiguousArray(repeating: .ack, count: resultCapacity)
    }

    var isEmpty: Bool { settlements.isEmpty }
    var isFull: Bool { settlements.isFull }
    var room: Int { settlements.room }
    var count: Int { settlements.count }

    /// Whether every answer was sent and its result is known.
    var isSettled: Bool { settlements.isEmpty && openResults == 0 }

    mutating func append(_ settlement: Settlement, ordinal: UInt64) {
        settlements.append(settlement)
        ordinals.append(ordinal)
    }

    /// Forgets the unsent answers, as a crash does.
    mutating func removeUnsent() {
        settlements.removeAll()
        ordinals.removeAll()
    }

    /// All waiting answers were taken by the driver.
    mutating func markSent() {
        for index in 0..<settlements.count {
            let slot = Int(truncatingIfNeeded: nextSent) & (resultCapacity - 1)
            sentOrdinals[slot] = ordinals[index]
            sentKinds[slot] = settlements[index].kind
            nextSent &+= 1
        }
        openResults += settlements.count
        removeUnsent()
    }

    /// The delivery and the kind of sent answer `number`, or `nil` if that is too long ago.
    mutating func close(_ number: UInt64) -> (ordinal: UInt64, kind: Settlement.Kind)? {
        openResults = max(0, openResults - 1)
        guard number < nextSent, nextSent - number <= UInt64(resultCapacity) else {
            return nil
        }
        let slot = Int(truncatingIfNeeded: number) & (resultCapacity - 1)
        return (sentOrdinals[slot], sentKinds[slot])
    }
}
