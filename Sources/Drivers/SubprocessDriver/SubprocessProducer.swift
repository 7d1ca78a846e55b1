import DequeModule
public import Messaging

/// Publishes through a session's program.
public final class SubprocessProducer: ProducerEnd {
    private let connection: Connection
    private let lane: ProducerLane

    init(_ connection: Connection, lane: ProducerLane) {
        self.connection = connection
        self.lane = lane
    }

    /// Sends what finds room among the requests in flight.
    public func publish(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>,
        at now: Instant
    ) throws(DriverFailure) -> Int {
        try connection.locked { wire throws(DriverFailure) in
            if let failure = wire.failure { throw failure }
            var taken = 0
            for index in range {
                guard wire.hasRoomToPublish, !wire.isClosed else { break }
                wire.publish(events[index], from: lane)
                taken += 1
            }
            wire.pump(at: now)
            return taken
        }
    }

    /// Appends what the program has confirmed, refused or left open.
    ///
    /// What it answered before the session failed is still handed out, then the failure is thrown.
    public func poll(
        into confirmations: inout Batch<Confirmation>,
        at now: Instant
    )
        throws(DriverFailure)
    {
        try connection.locked { wire throws(DriverFailure) in
            wire.pump(at: now)
            if let failure = wire.failure, lane.confirmations.isEmpty { throw failure }
            while !confirmations.isFull, let next = lane.confirmations.popFirst() {
                confirmations.append(next)
            }
        }
    }

    /// Does nothing: confirmations still come.
    public func close() {}
}

extension Wire {
    /// Sends one event as the next crossing of `lane`.
    fileprivate func publish(_ event: OutboundEvent, from lane: ProducerLane) {
        let crossing = lane.crossings
        lane.crossings += 1
        send(.publish(lane, crossing: crossing, partition: event.header.partition)) {
            $0.publish(event, plan: plan)
        }
    }
}
