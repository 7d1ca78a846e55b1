public import Messaging

/// Confirms every event at once and keeps none: the floor under every other driver's figures.
///
/// What a run over it costs is the harness on the publishing side: pacing, keys, payload digests,
/// retry state, fault rules and samples. Nothing is ever delivered, so each verdict about
/// delivery is *unknown*, and rightly.
public struct NullDriver: BrokerDriver {
    /// The name users select it by.
    public static let name = "null"

    /// Makes the driver; it has no settings.
    public init() {}

    /// Opens at once.
    public func open(_ plan: SessionPlan) -> NullSession { NullSession() }
}

/// A session to nowhere.
public final class NullSession: BrokerSession {
    /// Confirms, and promises nothing else.
    public let profile = PromiseProfile(capabilities: .confirm, isOrdered: false)

    /// Nothing is kept, so nothing is queued, and it was not an overflow that dropped it.
    public let accounts = BrokerAccounts(declaredDrops: 0, queued: 0)

    /// An end that takes whatever it is offered.
    public func makeProducer(_ producer: UInt16, topic: UInt16) -> NullProducer { NullProducer() }

    /// An end that never receives.
    public func makeConsumer(group: UInt16, member: UInt16) -> NullConsumer { NullConsumer() }

    /// Does nothing.
    public func close() {}
}

/// Takes every event and counts it.
public final class NullProducer: ProducerEnd {
    private var crossings: UInt64 = 0
    private var confirmed: UInt64 = 0

    /// Takes all of `events[range]`.
    public func publish(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>,
        at now: Instant
    ) -> Int {
        crossings &+= UInt64(range.count)
        return range.count
    }

    /// Confirms in one piece what was taken since the last call.
    public func poll(into confirmations: inout Batch<Confirmation>, at now: Instant) {
        guard confirmed < crossings, !confirmations.isFull else { return }
        let count = UInt32(clamping: crossings &- confirmed)
        confirmations.append(
            Confirmation(
                firstCrossing: confirmed,
                count: count,
                outcome: .confirmed,
                firstOffset: -1
            )
        )
        confirmed &+= UInt64(count)
    }

    /// Does nothing: what was taken is still confirmed.
    public func close() {}
}

/// Receives nothing, so it has nothing to answer.
public final class NullConsumer: ConsumerEnd {
    private var settlements: UInt64 = 0
    private var answered: UInt64 = 0

    /// Appends nothing.
    public func receive(into deliveries: inout Batch<Delivery>, max: Int, at now: Instant) {}

    /// Counts answers to deliveries that it cannot have made.
    public func settle(
        _ answers: borrowing Batch<Settlement>,
        in range: Range<Int>,
        at now: Instant
    ) {
        settlements &+= UInt64(range.count)
    }

    /// Refuses each of them.
    public func poll(into results: inout Batch<SettlementResult>, at now: Instant) {
        guard answered < settlements, !results.isFull else { return }
        let count = UInt32(clamping: settlements &- answered)
        results.append(
            SettlementResult(first: answered, count: count, outcome: .staleReceipt)
        )
        answered &+= UInt64(count)
    }

    /// Does nothing.
    public func close(at now: Instant) {}
}
