import Messaging

/// A send whose fate is open.
struct InFlightSend: BitwiseCopyable {
    enum State: UInt8, BitwiseCopyable {
        case free
        case awaitingConfirmation
        case awaitingRetry
    }

    var header: EventHeader
    var payload: PayloadReference
    /// When the present attempt is given up, or the next one is due.
    var wakeAt: Instant
    /// Attempts of which the broker said that they certainly had no effect.
    var refusals: UInt16
    /// Injected copies that go to the broker beside the attempts.
    var copies: UInt16 = 0
    var state: State
    /// Tells a late confirmation of an earlier tenant of this slot from one of this tenant.
    var generation: UInt32
}

/// Names one tenant of one slot.
struct SendTicket: Equatable, BitwiseCopyable {
    var slot: UInt32
    var generation: UInt32
}

/// The sends of one producer whose fate is open; at most as many as the in-flight limit.
///
/// Nothing is allocated after `init`; take and release cost a few nanoseconds.
struct InFlightTable: ~Copyable {
    private var sends: ContiguousArray<InFlightSend>
    private var freeSlots: ContiguousArray<UInt32>
    private var freeCount: Int

    init(capacity: Int) {
        let free = InFlightSend(
            header: EventHeader(),
            payload: PayloadReference(),
            wakeAt: .distantFuture,
            refusals: 0,
            state: .free,
            generation: 0
        )
        sends = ContiguousArray(repeating: free, count: capacity)
        freeSlots = ContiguousArray((0..<UInt32(capacity)).reversed())
        freeCount = capacity
    }

    var count: Int { sends.count - freeCount }
    var isFull: Bool { freeCount == 0 }
    var room: Int { freeCount }

    /// A slot for a new send; the table must not be full.
    mutating func take(
        _ header: EventHeader,
        payload: PayloadReference,
        wakeAt: Instant
    ) -> SendTicket {
        freeCount &-= 1
        let slot = freeSlots[freeCount]
        let index = Int(truncatingIfNeeded: slot)
        let generation = sends[index].generation &+ 1
        sends[index] = InFlightSend(
            header: header,
            payload: payload,
            wakeAt: wakeAt,
            refusals: 0,
            state: .awaitingConfirmation,
            generation: generation
        )
        return SendTicket(slot: slot, generation: generation)
    }

    mutating func release(_ ticket: SendTicket) {
        sends[Int(truncatingIfNeeded: ticket.slot)].state = .free
        freeSlots[freeCount] = ticket.slot
        freeCount &+= 1
    }

    /// Whether the tenant that `ticket` names still waits.
    func isOpen(_ ticket: SendTicket) -> Bool {
        let send = sends[Int(truncatingIfNeeded: ticket.slot)]
        return send.generation == ticket.generation && send.state != .free
    }

    subscript(ticket: SendTicket) -> InFlightSend {
        get { sends[Int(truncatingIfNeeded: ticket.slot)] }
        set { sends[Int(truncatingIfNeeded: ticket.slot)] = newValue }
    }

    /// Shows the header of every open send.
    ///
    /// O(capacity).
    func forEachOpen(_ body: (EventHeader) -> Void) {
        guard count > 0 else { return }
        for send in sends where send.state != .free { body(send.header) }
    }

    /// The open sends whose wake time has come, oldest slot first.
    ///
    /// O(capacity): call it seldom.
    func due(at now: Instant) -> [SendTicket] {
        sends.indices.compactMap { index in
            let send = sends[index]
            guard send.state != .free, send.wakeAt <= now else { return nil }
            return SendTicket(slot: UInt32(index), generation: send.generation)
        }
    }
}
