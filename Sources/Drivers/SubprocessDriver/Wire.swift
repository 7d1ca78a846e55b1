import DequeModule
import FoundationEssentials
import Messaging

/// The conversation with the program: what it is owed and what it owes.
///
/// Never waits but in `awaitReplies`. Bounds: `mostInFlight` requests without a reply, of which
/// `mostPublishes` are events, so that confirmations held back by a full broker never keep
/// consumers from emptying it; `mostUnwritten` bytes that the pipe has not taken.
final class Wire {
    /// The protocol's bound on requests without a reply.
    static let mostInFlight = 1024
    /// The share of them that events may take.
    static let mostPublishes = 768
    /// Beyond this no event and no receive request is accepted.
    static let mostUnwritten = 1 << 20
    /// The longest line that a broker may write, unless the plan's payloads need more.
    static let longestLine = 16 << 20

    /// A request that has no reply yet.
    enum Request {
        case open
        case publish(ProducerLane, crossing: UInt64, partition: UInt16)
        case receive(ConsumerLane, limit: Int, invoked: Instant)
        case settle(ConsumerLane, SettleRequest)
        case close
    }

    /// What the session is about.
    let plan: SessionPlan
    /// Whether any topic has more partitions than one.
    let hasPartitions: Bool
    /// What the broker declares.
    var capabilities: Capabilities = []
    /// Whether the broker is being told to end.
    var isClosing = false
    /// Whether the broker has answered `open`.
    var isOpen = false
    /// The names that it declares and Gyre does not know.
    var unknownCapabilities: [String] = []
    /// Why the conversation is over, if it is.
    private(set) var failure: DriverFailure?
    /// Whether it was ended by us.
    private(set) var isClosed = false

    let child: ChildProcess
    let decoder = JSONDecoder()
    var patience: Patience
    var text = RequestText()
    var written = 0
    var unwritten = Deque<(id: UInt64, end: Int)>()
    var arrived: LineSplitter
    /// Where bytes are read to, as much as a pipe holds.
    var scratch = [UInt8](repeating: 0, count: 1 << 16)
    var requests: [UInt64: Request] = [:]
    var nextID: UInt64 = 1
    var publishes = 0
    /// The members, as far as they were made.
    var members: [ConsumerLane] = []
    private var backlog = Deque<(ConsumerLane, SettleRequest)>()
    var silentSince: ContinuousClock.Instant?

    /// Begins a conversation with `child`.
    init(child: ChildProcess, plan: SessionPlan, patienceNanoseconds: Int64) {
        self.child = child
        self.plan = plan
        hasPartitions = plan.topics.contains { $0.partitions > 1 }
        patience = Patience(limit: patienceNanoseconds)
        let largest = plan.topics.map(\.largestPayloadBytes).max() ?? 0
        arrived = LineSplitter(limit: max(Self.longestLine, 2 * largest + 65536))
    }

    /// Whether one more event may be sent.
    var hasRoomToPublish: Bool {
        publishes < Self.mostPublishes && hasRoom && text.bytes.count - written < Self.mostUnwritten
    }

    /// Whether one more receive request may be sent.
    var hasRoomToReceive: Bool {
        hasRoom && backlog.isEmpty && text.bytes.count - written < Self.mostUnwritten
    }

    /// Whether the conversation is sound and the only replies that are due carry deliveries.
    var owesOnlyDeliveries: Bool {
        failure == nil && backlog.isEmpty
            && requests.values.allSatisfy { if case .receive = $0 { true } else { false } }
    }

    private var hasRoom: Bool { requests.count < Self.mostInFlight }

    /// Queues one request; `body` writes its members but for the identifier.
    func send(_ request: Request, _ body: (inout RequestText) -> Void) {
        guard failure == nil, !isClosed else { return }
        text.raw("{")
        text.member("id", nextID)
        body(&text)
        text.raw("}\n")
        unwritten.append((nextID, text.bytes.count))
        requests[nextID] = request
        if case .publish = request { publishes += 1 }
        nextID += 1
    }

    /// Queues answers to deliveries, which are always taken; they wait here while there is no room.
    func send(_ settlement: SettleRequest, of lane: ConsumerLane) {
        backlog.append((lane, settlement))
        sendBacklog()
    }

    func sendBacklog() {
        while hasRoom, let (lane, settlement) = backlog.popFirst() {
            send(.settle(lane, settlement)) { $0.settle(settlement, of: lane.name) }
        }
    }

    /// Writes what fits, and passes on what has arrived; a failure is kept in `failure`.
    func pump(at now: Instant) {
        guard failure == nil, !isClosed else { return }
        patience.visit(at: now)
        do throws(DriverFailure) {
            flush()
            try drain(at: now)
            sendBacklog()
            flush()
            try judgePatience()
        } catch {
            fail(error)
        }
    }

    /// Ends the conversation for a reason; the first reason stands.
    func fail(_ reason: DriverFailure) {
        if failure == nil { failure = reason }
    }

    /// Writes and reads until every request has its reply, the broker ends, or time is up.
    func awaitReplies(within limit: Duration) {
        let deadline = ContinuousClock.now + limit
        while failure == nil, !requests.isEmpty || !backlog.isEmpty {
            let left = ContinuousClock.now.duration(to: deadline).wholeNanoseconds / 1_000_000
            guard left > 0 else { return }
            flush()
            // A program that does not know `close` may still end when its input does.
            if isClosing, unwritten.isEmpty { child.closeInput() }
            // Nothing tells when a program ends that has closed its output: look every 10 ms.
            let hasOutput = silentSince == nil
            child.wait(
                forReading: hasOutput,
                forWriting: !unwritten.isEmpty,
                milliseconds: Int(min(left, hasOutput ? 1000 : 10))
            )
            do throws(DriverFailure) {
                try drain(at: Instant(nanoseconds: .min))
                sendBacklog()
            } catch {
                fail(error)
            }
        }
    }

    /// Says farewell and ends the program; blocks for 3.5 s at most.
    func close() {
        guard !isClosed else { return }
        let deadline = ContinuousClock.now + .seconds(2)
        if failure == nil {
            if !backlog.isEmpty { awaitReplies(within: .seconds(1)) }
            isClosing = true
            send(.close) { $0.raw("\"op\":\"close\"") }
            awaitReplies(within: .seconds(2))
        }
        let left = failure == nil ? ContinuousClock.now.duration(to: deadline) : .zero
        child.end(patienceMilliseconds: Int(max(0, left.wholeNanoseconds / 1_000_000)))
        isClosed = true
        requests = [:]
        backlog = []
    }
}
