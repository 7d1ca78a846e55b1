internal import EmbeddedBroker
public import Messaging
internal import RingCore

/// The embedded broker as a driver: everything happens in this process, nothing is set up.
public struct RingDriver: BrokerDriver {
    /// The name users select it by.
    public static var name: String { "ring" }

    /// What every session of it promises.
    ///
    /// No dead letters: the client publishes them itself.
    public static var profile: PromiseProfile {
        PromiseProfile(
            capabilities: [
                .confirm, .nack, .redelivery, .offsets, .extend, .dedup, .keyOrder,
            ],
            fencesReceipts: true,
            deduplicationWindow: 1024,
            isOrdered: true
        )
    }

    /// Makes the driver; it has no settings of its own.
    public init() {}

    /// Allocates every ring and shelf of the plan.
    ///
    /// - Throws: `DriverFailure.unavailable` when a topic has a capacity that no ring can have.
    public func open(_ plan: SessionPlan) throws(DriverFailure) -> RingSession {
        try RingSession(plan)
    }
}
