public import Messaging

/// Drives any program that speaks the subprocess protocol: one JSON object a line, requests on its
/// standard input, replies on its standard output.
///
/// The program runs in a process group of its own and is ended with the session. Opening the
/// first session makes this process ignore SIGPIPE for good, so that a program that dies shows as
/// `DriverFailure.brokerDied`. The program's standard error is ours.
public struct SubprocessDriver: BrokerDriver {
    /// The name users select it by.
    public static let name = "subprocess"

    /// The program, looked up in `PATH`, and its arguments.
    public var command: [String]
    /// Variables that are added to this process's own.
    public var environment: [String: String]
    /// Where the program runs; `nil` for where this process does.
    public var workingDirectory: String?
    /// Passed to the program as `config`, over what the session plan says.
    public var config: [String: ConfigValue]
    /// How long the program may leave a request unanswered.
    public var answerTimeout: Duration

    /// Makes a driver; nothing is started before `open`.
    public init(
        command: [String],
        environment: [String: String] = [:],
        workingDirectory: String? = nil,
        config: [String: ConfigValue] = [:],
        answerTimeout: Duration = .seconds(5)
    ) {
        self.command = command
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.config = config
        self.answerTimeout = answerTimeout
    }

    /// Starts the program and waits for its answer to `open`.
    public func open(_ plan: SessionPlan) throws(DriverFailure) -> SubprocessSession {
        let child = try ChildProcess(
            command: command,
            environment: environment,
            workingDirectory: workingDirectory
        )
        let wire = Wire(
            child: child,
            plan: plan,
            patienceNanoseconds: answerTimeout.wholeNanoseconds
        )
        wire.send(.open) { $0.open(plan, config: config) }
        wire.awaitReplies(within: answerTimeout)
        if wire.failure == nil, !wire.isOpen {
            let seconds = Int((answerTimeout.wholeNanoseconds + 999_999_999) / 1_000_000_000)
            wire.fail(.unanswered(request: "open", seconds: seconds))
        }
        if let failure = wire.failure {
            wire.close()
            throw failure
        }
        return SubprocessSession(wire, plan: plan)
    }
}

/// A conversation with a running program.
public final class SubprocessSession: BrokerSession {
    /// What the program's capabilities amount to.
    public let profile: PromiseProfile
    /// Capabilities that the program declares and Gyre does not know; they are ignored.
    public let unknownCapabilities: [String]
    /// The protocol has no question for this.
    public let accounts = BrokerAccounts()

    private let connection: Connection
    private let plan: SessionPlan

    init(_ wire: Wire, plan: SessionPlan) {
        let capabilities = wire.capabilities
        profile = PromiseProfile(
            capabilities: capabilities,
            deduplicationWindow: capabilities.contains(.dedup) ? 1024 : 0,
            isOrdered: capabilities.contains(.keyOrder)
        )
        unknownCapabilities = wire.unknownCapabilities
        connection = Connection(wire)
        self.plan = plan
    }

    /// The publishing end of one producer on one topic.
    public func makeProducer(_ producer: UInt16, topic: UInt16) -> SubprocessProducer {
        precondition(Int(topic) < plan.topics.count, "no topic has number \(topic)")
        return SubprocessProducer(connection, lane: ProducerLane())
    }

    /// The receiving end of one member of a group.
    public func makeConsumer(group: UInt16, member: UInt16) -> SubprocessConsumer {
        let planned = plan.groups[Int(group)]
        let name = MemberName(
            group: planned.name,
            topic: plan.topics[planned.topic].name,
            number: member
        )
        let lane = ConsumerLane(group: Int(group), name: name)
        connection.locked { $0.members.append(lane) }
        return SubprocessConsumer(connection, lane: lane)
    }

    /// Whether the program has answered every member's request of after `moment` with no events.
    ///
    /// Never while it owes a reply to an event or an answer: what comes of them is not known.
    public func wasFoundEmpty(since moment: Instant) -> Bool {
        connection.locked { wire in
            wire.owesOnlyDeliveries
                && wire.members.allSatisfy { $0.isClosed || $0.foundEmpty >= moment }
        }
    }

    /// Asks the program to end, and sees to it that it does: 2 s to obey, 0.5 s after SIGTERM.
    public func close() {
        connection.locked { $0.close() }
    }
}
