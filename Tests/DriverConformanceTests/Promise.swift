import Messaging
import Testing

/// Something that a driver owes because it is a driver or because it declares it.
enum Promise: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case profileIsConsistent = "the profile agrees with itself"
    case confirmsOnce = "each crossing is confirmed once, under its number"
    case takesTheRestLater = "what finds no room is taken later, in order"
    case offsetsAreContiguous = "offsets of a partition have no gaps"
    case deliversIntact = "events of every size and key come back as they were sent"
    case deliversInOrder = "each partition is delivered in order, under its offsets"
    case everyGroupSeesAll = "every group sees every event"
    case membersShare = "the members of a group share the events"
    case threadsShare = "ends work on threads of their own"
    case ackIsFinal = "an acknowledged event is not delivered again"
    case nackWaits = "a refused event comes again after its delay, counted and flagged"
    case leaseEnds = "an unanswered event comes again after its lease, counted and flagged"
    case extendLengthens = "a lengthened lease ends later"
    case staleIsRefused = "a late answer is refused and touches nothing else"
    case secondAnswerIsRefused = "a second answer is refused and touches nothing else"
    case answersAreNumbered = "answers of all kinds are reported under their numbers"
    case refusalBlocksKey = "a refused event holds back its key, and only its key"
    case repeatIsStoredOnce = "a repeat inside the window is stored once"
    case oldRepeatIsRefused = "a repeat beyond the window is refused"
    case oldEpochIsRefused = "an older epoch is refused"
    case closeGivesBack = "a member that leaves gives back what it holds"
    case accountsAtRest = "nothing is queued or dropped after everything was answered"

    var testDescription: String { rawValue }

    /// What must be declared for it to be owed.
    var needs: Capabilities {
        switch self {
        case .profileIsConsistent, .deliversIntact, .everyGroupSeesAll, .membersShare: []
        case .takesTheRestLater, .confirmsOnce, .threadsShare: .confirm
        case .offsetsAreContiguous: [.confirm, .offsets]
        case .deliversInOrder: [.confirm, .offsets]
        case .ackIsFinal, .leaseEnds, .staleIsRefused, .accountsAtRest: .redelivery
        case .secondAnswerIsRefused: [.redelivery]
        case .nackWaits, .closeGivesBack, .answersAreNumbered: [.nack, .redelivery]
        case .extendLengthens: [.extend, .redelivery]
        case .refusalBlocksKey: [.nack, .keyOrder]
        case .repeatIsStoredOnce: [.dedup, .confirm, .offsets]
        case .oldRepeatIsRefused, .oldEpochIsRefused: [.dedup, .confirm]
        }
    }

    /// Whether it can be seen on deliveries only.
    var needsDelivery: Bool {
        switch self {
        case .profileIsConsistent, .confirmsOnce, .offsetsAreContiguous, .repeatIsStoredOnce,
            .oldRepeatIsRefused, .oldEpochIsRefused:
            false
        default: true
        }
    }

    /// What the tests of leases wait for; long enough for a slow machine to answer within.
    static let shortLease = Duration.milliseconds(400)

    /// The session that it is examined on.
    var plan: SessionPlan {
        var names = KeyNames()
        for pattern in Self.keyPatterns { _ = names.number(of: pattern) }
        var topic = TopicPlan(name: "orders", partitions: 1, largestPayloadBytes: 65536)
        var group = GroupPlan(name: "billing", topic: 0)
        var groups: [GroupPlan] = []
        switch self {
        case .takesTheRestLater, .threadsShare:
            topic.partitions = 2
            topic.capacity = 64
            group.prefetch = 64
        case .confirmsOnce, .offsetsAreContiguous, .deliversInOrder: topic.partitions = 3
        case .everyGroupSeesAll:
            groups = [GroupPlan(name: "shipping", topic: 0), GroupPlan(name: "audit", topic: 0)]
        case .membersShare:
            topic.partitions = 4
            group.members = 2
        case .closeGivesBack: group.members = 2
        case .answersAreNumbered: group.prefetch = 1024
        case .ackIsFinal, .leaseEnds, .extendLengthens, .staleIsRefused:
            group.leaseNanoseconds = Self.shortLease.wholeNanoseconds
        default: break
        }
        return SessionPlan(
            topics: [topic],
            groups: [group] + groups,
            producers: 4,
            keyNames: names,
            run: 4711
        )
    }

    /// Key names with everything that has to be escaped somewhere.
    static let keyPatterns = ["customer-%d", "the \"one\"\\\n\t", "grün/%d-é-\u{1F600}", "%d"]

    /// Examines it on a fresh session.
    func examine(_ rig: Rig<some BrokerSession>) throws {
        switch self {
        case .profileIsConsistent: try profileIsConsistent(rig)
        case .confirmsOnce: try confirmsOnce(rig)
        case .takesTheRestLater: try takesTheRestLater(rig)
        case .offsetsAreContiguous: try offsetsAreContiguous(rig)
        case .deliversIntact: try deliversIntact(rig)
        case .deliversInOrder: try deliversInOrder(rig)
        case .everyGroupSeesAll: try everyGroupSeesAll(rig)
        case .membersShare: try membersShare(rig)
        case .threadsShare: try threadsShare(rig)
        case .ackIsFinal: try ackIsFinal(rig)
        case .nackWaits: try nackWaits(rig)
        case .leaseEnds: try leaseEnds(rig)
        case .extendLengthens: try extendLengthens(rig)
        case .staleIsRefused: try staleIsRefused(rig)
        case .secondAnswerIsRefused: try secondAnswerIsRefused(rig)
        case .answersAreNumbered: try answersAreNumbered(rig)
        case .refusalBlocksKey: try refusalBlocksKey(rig)
        case .repeatIsStoredOnce: try repeatIsStoredOnce(rig)
        case .oldRepeatIsRefused: try oldRepeatIsRefused(rig)
        case .oldEpochIsRefused: try oldEpochIsRefused(rig)
        case .closeGivesBack: try closeGivesBack(rig)
        case .accountsAtRest: try accountsAtRest(rig)
        }
    }
}
