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

    /// How producers meet in a partition.
    public enum Intake: String, Hashable, Sendable, CaseIterable {
        /// A producer claims offsets for a whole run, fills them and publishes them.
        ///
        /// The fastest way; a producer that stops between claim and publish holds up the rest.
        case claims
        /// A producer appends event by event, and one that stops at any step holds up nobody.
        case lockFree = "lock-free"
    }

    private let intake: Intake

    /// Makes the driver.
    public init(intake: Intake = .claims) {
        self.intake = intake
    }

    /// Allocates every ring and shelf of the plan.
    ///
    /// - Throws: `DriverFailure.unavailable` when a topic has a capacity that no ring can have.
    public func open(_ plan: SessionPlan) throws(DriverFailure) -> RingSession {
        try RingSession(plan, intake)
    }
}
