import DequeModule
public import Messaging

/// Receives through a session's program, with at most one request under way.
public final class SubprocessConsumer: ConsumerEnd {
    private let connection: Connection
    private let lane: ConsumerLane

    init(_ connection: Connection, lane: ConsumerLane) {
        self.connection = connection
        self.lane = lane
    }

    /// Appends what has arrived, and asks for more once all of it is handed out.
    ///
    /// What arrived before the session failed is still handed out, then the failure is thrown.
    public func receive(
        into deliveries: inout Batch<Delivery>,
        max: Int,
        at now: Instant
    )
        throws(DriverFailure)
    {
        try connection.locked { wire throws(DriverFailure) in
            wire.pump(at: now)
            if let failure = wire.failure, lane.inbox.isEmpty { throw failure }
            var left = min(max, deliveries.room)
            while left > 0, let next = lane.inbox.popFirst() {
                deliveries.append(next)
                left -= 1
            }
            if lane.inbox.isEmpty, left > 0 { wire.askForMore(lane, limit: left, at: now) }
        }
    }

    /// Sends the answers, those alike and consecutive in one request.
    ///
    /// An answer to a delivery that is no longer known is stale; one that the program has no
    /// request for is not sent, and its outcome stays open.
    public func settle(
        _ settlements: borrowing Batch<Settlement>,
        in range: Range<Int>,
        at now: Instant
    ) throws(DriverFailure) {
        try connection.locked { wire throws(DriverFailure) in
            if let failure = wire.failure { throw failure }
            var request: SettleRequest?
            for index in range { wire.add(settlements[index], of: lane, to: &request, at: now) }
            if let request { wire.send(request, of: lane) }
            wire.pump(at: now)
        }
    }

    /// Appends what has become known of answers.
    public func poll(
        into results: inout Batch<SettlementResult>,
        at now: Instant
    )
        throws(DriverFailure)
    {
        try connection.locked { wire throws(DriverFailure) in
            wire.pump(at: now)
            if let failure = wire.failure, lane.results.isEmpty { throw failure }
            while !results.isFull, let next = lane.results.popFirst() { results.append(next) }
        }
    }

    /// Refuses, without delay, whatever is unanswered; needs the program's `nack`.
    ///
    /// The protocol has no way to leave a group, so without it the leases run out by themselves.
    public func close(at now: Instant) {
        connection.locked { wire in
            guard !lane.isClosed else { return }
            lane.isClosed = true
            lane.inbox = []
            wire.giveBack(lane.book.giveBack(), of: lane)
            wire.pump(at: now)
        }
    }
}

extension Wire {
    /// The most deliveries in one reply.
    private static let mostDeliveries = 1024
    /// How long a reply may be planned to be; half of what is allowed.
    private static let plannedReply = 8 << 20
    /// What a delivery takes beside its body, in bytes.
    private static let deliveryOverhead = 1024
    /// The longest that a broker is asked to wait for events.
    private static let longestWait: Int64 = 100

    /// Sends a receive request if none is under way and it is time.
    fileprivate func askForMore(_ lane: ConsumerLane, limit: Int, at now: Instant) {
        lane.book.trim(at: now)
        guard failure == nil, !isClosed, !lane.isClosed, !lane.isReceiving,
            now >= lane.nextRequest, hasRoomToReceive, !lane.book.isFull
        else { return }
        let group = plan.groups[lane.group]
        let body = plan.topics[group.topic].largestPayloadBytes * 4 / 3 + Self.deliveryOverhead
        let limit = min(limit, Self.mostDeliveries, max(1, Self.plannedReply / body))
        // A long wait would blur the beginning of the lease, which is counted from the request.
        let wait =
            capabilities.contains(.longPoll)
            ? min(Self.longestWait, group.leaseNanoseconds / 4_000_000) : 0
        lane.isReceiving = true
        send(.receive(lane, limit: limit, invoked: now)) {
            $0.receive(lane.name, limit: limit, waitMilliseconds: Int(wait))
        }
        flush()
    }

    /// Adds one answer to `request`, or sends that off and begins another.
    fileprivate func add(
        _ settlement: Settlement,
        of lane: ConsumerLane,
        to request: inout SettleRequest?,
        at now: Instant
    ) {
        let number = lane.settlements
        lane.settlements += 1
        var single = SettleRequest(
            kind: settlement.kind,
            milliseconds: milliseconds(settlement.nanoseconds),
            first: number
        )
        guard capabilities.isSuperset(of: single.needs) else {
            return lane.report(number, 1, .indeterminate)
        }
        if settlement.kind == .commit {
            single.partition = settlement.partition
            single.offset = settlement.offset
        } else {
            guard let receipt = lane.book.receipt(of: settlement.receipt) else {
                return lane.report(number, 1, .staleReceipt)
            }
            single.receipts = [receipt]
            lane.note(settlement, at: now)
        }
        guard var open = request, open.takes(single) else {
            if let request { send(request, of: lane) }
            request = single
            return
        }
        request = nil
        open.receipts.append(contentsOf: single.receipts)
        request = open
    }
}

extension SettleRequest {
    /// Whether `other` says the same and comes right behind.
    fileprivate func takes(_ other: SettleRequest) -> Bool {
        kind == other.kind && kind != .commit && milliseconds == other.milliseconds
            && first + UInt64(count) == other.first && count < Self.largest
    }
}

extension ConsumerLane {
    /// Brings the book up to date with an answer.
    fileprivate func note(_ settlement: Settlement, at now: Instant) {
        switch settlement.kind {
        case .ack, .nack, .deadLetter: book.settle(settlement.receipt)
        case .extend:
            let end = now.advanced(byNanoseconds: settlement.nanoseconds)
            book.extend(settlement.receipt, to: end)
        case .commit: break
        }
    }
}
