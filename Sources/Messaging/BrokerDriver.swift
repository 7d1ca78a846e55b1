/// Why a session could not be opened or went on no longer.
///
/// Always exit code 3.
public enum DriverFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Something that the driver needs is not here: what, and how to get it.
    case unavailable(what: String, remedy: String)
    /// The broker went away unasked.
    case brokerDied(String)
    /// The broker did not answer in time.
    case unanswered(request: String, seconds: Int)
    /// The broker said something that the protocol does not allow.
    case protocolViolation(expected: String, received: String)

    /// One sentence: what happened and what to do.
    public var description: String {
        switch self {
        case .unavailable(let what, let remedy): "\(what) is not available: \(remedy)"
        case .brokerDied(let how): "the broker died: \(how)"
        case .unanswered(let request, let seconds):
            "the broker left a request unanswered for \(seconds) s: \(request)"
        case .protocolViolation(let expected, let received):
            "the broker broke the protocol: expected \(expected), received: \(received)"
        }
    }
}

/// A way to a broker.
///
/// One value per kind; it holds the settings, a session holds the state.
public protocol BrokerDriver: Sendable {
    /// What one open connection to the broker is.
    associatedtype Session: BrokerSession

    /// The name users select it by.
    static var name: String { get }

    /// Connects, and creates the plan's topics and groups. May block for seconds.
    func open(_ plan: SessionPlan) throws(DriverFailure) -> Session
}

/// An open connection: hands out ends, each of which belongs to one worker thread.
public protocol BrokerSession: AnyObject, Sendable {
    /// What publishes.
    associatedtype Producer: ProducerEnd
    /// What receives.
    associatedtype Consumer: ConsumerEnd

    /// What this session promises; known only once it is open.
    var profile: PromiseProfile { get }

    /// The publishing end of producer number `producer` on `topic`. Called once per pair.
    func makeProducer(_ producer: UInt16, topic: UInt16) throws(DriverFailure) -> Producer

    /// The receiving end of member `member` of group number `group`. Called once per member.
    func makeConsumer(group: UInt16, member: UInt16) throws(DriverFailure) -> Consumer

    /// Facts that only the broker knows, read at rest for the conservation check.
    var accounts: BrokerAccounts { get }

    /// Whether every member has asked for events after `moment`, and was told that there are none.
    ///
    /// A broker that has not answered yet may still hold something: silence is not emptiness.
    func wasFoundEmpty(since moment: Instant) -> Bool

    /// Ends the session. May block for seconds; idempotent.
    func close()
}

extension BrokerSession {
    /// For drivers whose `receive` answers at once: an empty one is an answer.
    public func wasFoundEmpty(since moment: Instant) -> Bool { true }
}

/// What a broker declares about itself at rest.
///
/// `nil` where it cannot say.
public struct BrokerAccounts: Hashable, Sendable {
    /// Events that a declared overflow policy threw away, over all groups.
    public var declaredDrops: Int64?
    /// Events that still wait to be delivered, over all groups.
    public var queued: Int64?

    /// Makes accounts.
    public init(declaredDrops: Int64? = nil, queued: Int64? = nil) {
        self.declaredDrops = declaredDrops
        self.queued = queued
    }
}

/// Where one worker thread publishes.
///
/// Never blocks.
public protocol ProducerEnd: AnyObject {
    /// Offers `events[range]`, in order, and says how many were taken from the front.
    ///
    /// Fewer than offered means *full*: the rest stays the caller's, who tries again later. Each
    /// taken event is the next crossing of this end. The payload outlives the session.
    func publish(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>,
        at now: Instant
    ) throws(DriverFailure) -> Int

    /// Appends what has become known of crossings, in any order, while there is room.
    func poll(
        into confirmations: inout Batch<Confirmation>,
        at now: Instant
    )
        throws(DriverFailure)

    /// No more will be published. Confirmations still come.
    func close()
}

/// Where one worker thread receives and answers.
///
/// Never blocks.
public protocol ConsumerEnd: AnyObject {
    /// Appends up to `max` deliveries that are at hand.
    func receive(
        into deliveries: inout Batch<Delivery>,
        max: Int,
        at now: Instant
    )
        throws(DriverFailure)

    /// Takes all of `settlements[range]`; each is the next settlement of this end.
    func settle(
        _ settlements: borrowing Batch<Settlement>,
        in range: Range<Int>,
        at now: Instant
    ) throws(DriverFailure)

    /// Appends what has become known of settlements while there is room.
    func poll(
        into results: inout Batch<SettlementResult>,
        at now: Instant
    )
        throws(DriverFailure)

    /// Where the body of an unanswered delivery lies now, or `nil` if the delivery is over.
    ///
    /// A later call of this end may have moved it: whoever keeps a delivery across a `receive` or
    /// an `extend` asks again before it reads.
    func payload(of delivery: Delivery, at now: Instant) -> PayloadReference?

    /// The member crashed and begins anew, knowing nothing of what it was handed before.
    ///
    /// Its leases run out by themselves. A broker that keeps the order of keys hands out nothing
    /// that would overtake what they cover.
    func restart(at now: Instant)

    /// Leaves the group and gives back what is unanswered, at once.
    func close(at now: Instant)
}

extension ConsumerEnd {
    /// For drivers that never move a body: where it was when it was delivered.
    public func payload(of delivery: Delivery, at now: Instant) -> PayloadReference? {
        delivery.payload
    }

    /// For drivers whose brokers are told nothing by a consumer that is back.
    public func restart(at now: Instant) {}
}
