import Messaging

/// One event that crossed to the broker and whose outcome is not known.
struct Crossing: BitwiseCopyable {
    /// The send it belongs to, which may be over.
    var ticket: SendTicket
    /// The event's number in its lane.
    var n: UInt64
    /// The event's partition.
    var partition: UInt16
    /// The client's attempt.
    var attempt: UInt8
    /// 0, or the number of the injected copy.
    var copy: UInt8
    /// The event.
    var id: EventID
}

extension Crossing {
    /// What is kept of an event that crosses on behalf of `ticket`.
    @inline(__always)
    init(_ header: EventHeader, _ ticket: SendTicket) {
        self.ticket = ticket
        n = header.n
        partition = header.partition
        attempt = header.attempt
        copy = header.copy
        id = header.id
    }
}

/// The crossings of one producer end by number, a window of fixed size over them.
///
/// Outcomes may come in any order, but no crossing may stay open while `capacity` later ones are
/// made: the owner stops publishing at that bound.
struct CrossingLog: ~Copyable {
    private var entries: ContiguousArray<Crossing>
    private var isOpen: ContiguousArray<Bool>
    private let mask: UInt64
    private var oldestOpen: UInt64 = 0

    /// The number of the next crossing.
    private(set) var next: UInt64 = 0

    /// - Precondition: `capacity` is a power of two.
    init(capacity: Int) {
        precondition(capacity.nonzeroBitCount == 1, "a crossing log's size is a power of two")
        let none = Crossing(
            ticket: SendTicket(slot: 0, generation: 0),
            n: 0,
            partition: 0,
            attempt: 0,
            copy: 0,
            id: EventID(rawValue: 0)
        )
        entries = ContiguousArray(repeating: none, count: capacity)
        isOpen = ContiguousArray(repeating: false, count: capacity)
        mask = UInt64(capacity - 1)
    }

    /// How many more crossings may be made now.
    var room: Int { entries.count - Int(truncatingIfNeeded: next &- oldestOpen) }

    /// Whether no crossing is open.
    var isSettled: Bool { oldestOpen == next }

    mutating func append(_ crossing: Crossing) {
        let index = Int(truncatingIfNeeded: next & mask)
        entries[index] = crossing
        isOpen[index] = true
        next &+= 1
    }

    /// Passes over `count` crossings whose outcome is known already, while none is open.
    mutating func skip(_ count: Int) {
        precondition(isSettled, "an open crossing must not be passed over")
        next &+= UInt64(truncatingIfNeeded: count)
        oldestOpen = next
    }

    /// The crossing `number`, closed by this call; `nil` if it was closed before or never made.
    mutating func close(_ number: UInt64) -> Crossing? {
        guard number >= oldestOpen, number < next else { return nil }
        let index = Int(truncatingIfNeeded: number & mask)
        guard isOpen[index] else { return nil }
        isOpen[index] = false
        while oldestOpen < next, !isOpen[Int(truncatingIfNeeded: oldestOpen & mask)] {
            oldestOpen &+= 1
        }
        return entries[index]
    }
}
