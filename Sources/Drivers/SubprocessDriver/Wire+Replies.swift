import FoundationEssentials
import Messaging

extension Wire {
    /// How long a consumer waits after an empty reply, in nanoseconds.
    private static let idlePace: Int64 = 1_000_000
    /// How long it waits after an error.
    private static let errorPace: Int64 = 10_000_000

    /// Passes one line on to whom it concerns.
    func accept(_ line: Data, at now: Instant) throws(DriverFailure) {
        let reply = try parse(line)
        guard let request = requests.removeValue(forKey: reply.id) else {
            let isKnown = reply.id > 0 && reply.id < nextID
            throw .violation(
                isKnown ? "one reply to request \(reply.id), not two" : "the id of a request",
                line
            )
        }
        guard (reply.ok == nil) != (reply.error == nil) else {
            throw .violation("either `ok` or `error`", line)
        }
        switch request {
        case .open: try acceptOpen(reply, line)
        case .publish(let lane, let crossing, let partition):
            publishes -= 1
            try acceptPublish(reply, line, lane, crossing, partition)
        case .receive(let lane, let limit, let invoked):
            lane.isReceiving = false
            guard let refusal = reply.error else {
                guard case .deliveries(let events) = reply.ok else {
                    throw .violation("an array of deliveries", line)
                }
                return try acceptEvents(events, line, lane, limit, invoked, at: now)
            }
            try noteFailingReceive(lane, refusal, line, at: now)
        case .settle(let lane, let settlement):
            try acceptSettle(reply, line, lane, settlement)
        case .close: break
        }
    }

    private func parse(_ line: Data) throws(DriverFailure) -> Reply {
        do {
            return try decoder.decode(Reply.self, from: line)
        } catch DecodingError.keyNotFound(let key, _) {
            throw .violation("a reply with `\(key.stringValue)`", line)
        } catch DecodingError.typeMismatch(_, let context) {
            throw .violation("another type\(Self.place(context))", line)
        } catch DecodingError.valueNotFound(_, let context) {
            throw .violation("a value other than null\(Self.place(context))", line)
        } catch DecodingError.dataCorrupted(let context) {
            // The decoder does not tell bad syntax from a number that no field can hold.
            throw .violation("a JSON object with values in range\(Self.place(context))", line)
        } catch {
            throw .violation("a JSON object", line)
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? "" : " at `\(path)`"
    }

    private func acceptOpen(_ reply: Reply, _ line: Data) throws(DriverFailure) {
        if let refusal = reply.error {
            throw .unavailable(
                what: "the broker program",
                remedy: "it refused to open: \(refusal.message ?? "no reason given")"
            )
        }
        guard case .fields(let fields) = reply.ok, let names = fields.capabilities else {
            throw .violation("a reply to `open` with `capabilities`", line)
        }
        isOpen = true
        for name in names {
            if let known = Capabilities.named.first(where: { $0.name == name }) {
                capabilities.insert(known.capability)
            } else {
                unknownCapabilities.append(name)
            }
        }
    }

    /// An event that the broker put into another partition, or does not say into which, is
    /// confirmed without an offset: the offset may belong to another one, and the delivery's
    /// partition will show the difference.
    private func acceptPublish(
        _ reply: Reply,
        _ line: Data,
        _ lane: ProducerLane,
        _ crossing: UInt64,
        _ asked: UInt16
    ) throws(DriverFailure) {
        if let refusal = reply.error {
            let outcome: CrossingOutcome = refusal.definite == true ? .refused : .indeterminate
            return lane.confirm(crossing, outcome, offset: -1)
        }
        guard case .fields(let fields) = reply.ok else {
            throw .violation("an object in reply to `publish`", line)
        }
        if let offset = fields.offset, offset < 0 {
            throw .violation("an offset of 0 or more", line)
        }
        guard capabilities.contains(.confirm) else {
            return lane.confirm(crossing, .indeterminate, offset: -1)
        }
        let isElsewhere = fields.partition.map { $0 != Int(asked) } ?? hasPartitions
        lane.confirm(crossing, .confirmed, offset: isElsewhere ? -1 : fields.offset ?? -1)
    }

    private func acceptEvents(
        _ events: [ReceivedEvent],
        _ line: Data,
        _ lane: ConsumerLane,
        _ limit: Int,
        _ invoked: Instant,
        at now: Instant
    ) throws(DriverFailure) {
        lane.failingSince = nil
        if events.isEmpty { lane.foundEmpty = invoked }
        guard events.count <= limit else {
            throw .violation("at most \(limit) deliveries, not \(events.count)", line)
        }
        lane.nextRequest = events.isEmpty ? now.advanced(byNanoseconds: Self.idlePace) : invoked
        if lane.isClosed { return giveBack(events.map(\.receipt), of: lane) }
        let lease =
            capabilities.contains(.redelivery) ? plan.groups[lane.group].leaseNanoseconds : 0
        for event in events {
            let delivery = try restore(event, line, invoked)
            lane.keep(delivery, event, leaseEnd: now.advanced(byNanoseconds: lease))
        }
    }

    /// The delivery without its receipt and body.
    private func restore(
        _ event: ReceivedEvent,
        _ line: Data,
        _ invoked: Instant
    )
        throws(DriverFailure) -> Delivery
    {
        guard let topic = plan.topics.firstIndex(where: { $0.name == event.topic }) else {
            throw .violation("a topic that was opened, not `\(event.topic)`", line)
        }
        let partitions = plan.topics[topic].partitions
        guard Int(event.partition) < partitions else {
            throw .violation("a partition below \(partitions), not \(event.partition)", line)
        }
        guard let offset = event.offset ?? (capabilities.contains(.offsets) ? nil : -1),
            offset >= 0 || event.offset == nil
        else {
            throw .violation("deliveries with an `offset` of 0 or more", line)
        }
        var header = EventHeader()
        header.due = invoked
        header.sent = invoked
        header.key = plan.keyNames.restored(event.key)
        header.payloadBytes = UInt32(clamping: event.payload.count)
        header.partition = event.partition
        let envelope = event.headers?.restore(&header, run: plan.run) ?? .unrecognised
        return Delivery(
            header: header,
            payload: PayloadReference(),
            receipt: 0,
            offset: offset,
            invoked: invoked,
            attempt: event.count,
            topic: UInt16(topic),
            partition: event.partition,
            isRedelivered: event.isRedelivered,
            envelope: envelope
        )
    }

    private func noteFailingReceive(
        _ lane: ConsumerLane,
        _ refusal: Reply.Refusal,
        _ line: Data,
        at now: Instant
    ) throws(DriverFailure) {
        lane.nextRequest = now.advanced(byNanoseconds: Self.errorPace)
        let since = lane.failingSince ?? now
        lane.failingSince = since
        if now.nanoseconds(since: since) > patience.limit {
            throw .violation("deliveries, after errors for too long", line)
        }
    }

    /// A broker that refuses several answers at once certainly took none: each half is tried
    /// again, until those that it takes are told from those that it does not.
    private func acceptSettle(
        _ reply: Reply,
        _ line: Data,
        _ lane: ConsumerLane,
        _ settlement: SettleRequest
    ) throws(DriverFailure) {
        if let refusal = reply.error {
            guard settlement.isReported else { return }
            guard refusal.definite == true else {
                return lane.report(settlement.first, settlement.count, .indeterminate)
            }
            guard settlement.count > 1 else {
                return lane.report(settlement.first, 1, .staleReceipt)
            }
            let (front, back) = settlement.halves()
            send(front, of: lane)
            return send(back, of: lane)
        }
        guard case .fields(let fields) = reply.ok else {
            throw .violation("an object in reply to `\(settlement.verb)`", line)
        }
        guard settlement.isReported else { return }
        guard let stale = fields.stale, !stale.isEmpty else {
            return lane.report(settlement.first, settlement.count, .settled)
        }
        let refused = Set(stale)
        for (index, receipt) in settlement.receipts.enumerated() {
            lane.report(
                settlement.first + UInt64(index),
                1,
                refused.contains(receipt) ? .staleReceipt : .settled
            )
        }
    }

    /// Returns deliveries at once, where the broker has a way to.
    func giveBack(_ receipts: [String], of lane: ConsumerLane) {
        guard capabilities.contains(.nack) else { return }
        for start in stride(from: 0, to: receipts.count, by: SettleRequest.largest) {
            let end = min(start + SettleRequest.largest, receipts.count)
            var request = SettleRequest(kind: .nack, milliseconds: 0, first: 0)
            request.receipts = Array(receipts[start..<end])
            request.isReported = false
            send(request, of: lane)
        }
    }
}
