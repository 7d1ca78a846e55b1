import Messaging
import Testing
import Workloads

@testable import Faults

@Suite("What a rule fires on")
struct DecisionTests {
    private static func fired(
        _ rules: [FaultRule],
        seed: UInt64 = 7,
        over count: UInt64 = 2000,
        attempt: UInt8 = 1
    ) throws -> [Set<UInt64>] {
        var passage = try #require(Passage(rules, seed: seed))
        var struck = rules.map { _ in Set<UInt64>() }
        for n in 0..<count {
            passage.pass(outbound(n, attempt: attempt))
            for strike in passage.layer.takeStrikes() {
                struck[strike.rule].insert(strike.subject.header.n)
            }
        }
        return struck
    }

    @Test("equal seeds decide alike, other seeds otherwise")
    func seeds() throws {
        let some = rule(.drop) { $0.probability = 0.1 }
        let first = try Self.fired([some], seed: 1)
        #expect(try Self.fired([some], seed: 1) == first)
        #expect(try Self.fired([some], seed: 2) != first)
        #expect((120...280).contains(first[0].count), "about a tenth of 2000")
    }

    @Test("removing a rule leaves the decisions of the others as they were")
    func independence() throws {
        let first = rule(.duplicate(extra: 1), "first") { $0.probability = 0.3 }
        let second = rule(.duplicate(extra: 1), "second") { $0.probability = 0.3 }
        let both = try Self.fired([first, second])
        #expect(try Self.fired([second])[0] == both[1])
        #expect(try Self.fired([first])[0] == both[0])
        #expect(both[0] != both[1], "each rule draws for itself")
    }

    @Test("a probability draws anew at each attempt")
    func attempts() throws {
        let some = rule(.drop) { $0.probability = 0.5 }
        let first = try Self.fired([some], attempt: 1)[0]
        let second = try Self.fired([some], attempt: 2)[0]
        #expect((300...700).contains(first.intersection(second).count), "about a quarter of 2000")
    }

    @Test("a probability draws anew for each copy and each group")
    func copiesAndGroups() {
        let decision = FaultDecision(
            rule: rule(.drop) { $0.probability = 0.5 },
            number: 0,
            hash: KeyedHash(seed: 3),
            window: always
        )
        let events = (0..<400).map { UInt64($0) }
        let original = events.map { decision.fires(on: outbound($0)) }
        #expect(events.map { decision.fires(on: outbound($0, copy: 1)) } != original)
        let group = events.map { decision.fires(on: inbound($0, group: 0)) }
        #expect(events.map { decision.fires(on: inbound($0, group: 1)) } != group)
        #expect(events.map { decision.fires(on: inbound($0, group: 0, member: 3)) } == group)
    }

    @Test("every counts the event's own number, at its first passage alone")
    func every() {
        let decision = FaultDecision(
            rule: rule(.drop) { $0.every = 3 },
            number: 0,
            hash: KeyedHash(seed: 3),
            window: always
        )
        #expect(
            (UInt64(0)..<7).map { decision.fires(on: outbound($0)) } == [
                false, false, true, false, false, true, false,
            ]
        )
        #expect(!decision.fires(on: outbound(2, attempt: 2)))
        #expect(!decision.fires(on: outbound(2, copy: 1)))
        #expect(!decision.fires(on: inbound(2, attempt: 2)))
        let second = FaultDecision(
            rule: rule(.drop) {
                $0.every = 3
                $0.attempt = 2
            },
            number: 0,
            hash: KeyedHash(seed: 3),
            window: always
        )
        #expect(second.fires(on: outbound(2, attempt: 2)), "that attempt was asked for")
    }

    @Test("nth strikes one arrival of each lane")
    func nth() throws {
        var passage = try #require(Passage([rule(.drop) { $0.nth = 2 }]))
        for n in UInt64(0)..<4 {
            passage.pass(outbound(n), lane: 0)
            passage.pass(outbound(n + 10), lane: 1)
        }
        #expect(passage.out == [0, 10, 2, 12, 3, 13])
    }

    @Test("a delay is the same for the same event, whenever it comes")
    func delays() {
        let delay = FaultKind.delay(.exponential(mean: .milliseconds(5)), order: .overtake)
        let decision = FaultDecision(
            rule: rule(delay),
            number: 0,
            hash: KeyedHash(seed: 3),
            window: always
        )
        let lengths = (UInt64(0)..<500).map { decision.delayNanoseconds(outbound($0)) }
        #expect(lengths == (UInt64(0)..<500).map { decision.delayNanoseconds(outbound($0)) })
        let mean = lengths.reduce(0, +) / 500
        #expect((4_000_000...6_000_000).contains(mean))
        #expect(Set(lengths).count > 490)
    }

    struct Selection: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var select: @Sendable (inout FaultSelector) -> Void
        var taken: FaultSubject
        var left: FaultSubject
    }

    private static let key = EventKey(pattern: 0, index: 5)

    private static let selections: [Selection] = [
        Selection(
            testDescription: "topic",
            select: { $0.topic = 1 },
            taken: outbound(0, topic: 1),
            left: outbound(0)
        ),
        Selection(
            testDescription: "partition",
            select: { $0.partition = 2 },
            taken: outbound(0, partition: 2),
            left: outbound(0, partition: 1)
        ),
        Selection(
            testDescription: "key",
            select: { $0.key = key },
            taken: outbound(0, key: key),
            left: outbound(0, key: EventKey(pattern: 0, index: 6))
        ),
        Selection(
            testDescription: "producers",
            select: { $0.producers = 1..<3 },
            taken: outbound(0, producer: 2),
            left: outbound(0, producer: 3)
        ),
        Selection(
            testDescription: "group",
            select: { $0.group = 1 },
            taken: inbound(0, group: 1),
            left: inbound(0, group: 0)
        ),
        Selection(
            testDescription: "member",
            select: { $0.member = 1 },
            taken: inbound(0, member: 1),
            left: inbound(0, member: 0)
        ),
        Selection(
            testDescription: "attempt at the producer",
            select: { $0.attempt = 2 },
            taken: outbound(0, attempt: 2),
            left: outbound(0)
        ),
        Selection(
            testDescription: "attempt at the broker",
            select: { $0.attempt = 2 },
            taken: inbound(0, attempt: 2),
            left: inbound(0, attempt: 3)
        ),
    ]

    @Test("a selection takes what it names and leaves the rest", arguments: selections)
    func selection(_ selection: Selection) {
        let decision = FaultDecision(
            rule: rule(.drop, at: .publish, selection.select),
            number: 0,
            hash: KeyedHash(seed: 3),
            window: always
        )
        #expect(decision.isEligible(selection.taken))
        #expect(!decision.isEligible(selection.left))
    }
}

@Suite("Faults inside a handler")
struct HandlerFaultTests {
    private static func faults(
        _ rules: [FaultRule],
        window: FaultWindow = always
    ) throws -> HandlerFaults {
        try #require(HandlerFaults(rules: rules, hash: KeyedHash(seed: 5), window: window))
    }

    private static func fail(poison: Bool = false, after: Bool = false) -> FaultKind {
        .fail(isPoison: poison, afterEffect: after)
    }

    @Test("a member without handler faults has none")
    func none() {
        let rules = [rule(.drop, at: .deliver)]
        #expect(HandlerFaults(rules: rules, hash: KeyedHash(seed: 5), window: always) == nil)
    }

    @Test("a poisonous event fails at every attempt, even while draining")
    func poison() throws {
        let bad = rule(Self.fail(poison: true), at: .process) { $0.probability = 0.2 }
        var faults = try Self.faults([bad], window: FaultWindow(begin: .zero, end: ms(10)))
        let first = (0..<200).map { faults.fate(of: inbound($0), at: ms(1)) }
        #expect(first.contains(.fails))
        #expect(first.contains(.succeeds))
        for attempt in 2...5 {
            let again = (0..<200).map {
                faults.fate(of: inbound($0, attempt: UInt32(attempt)), at: ms(Double(attempt)))
            }
            #expect(again == first)
        }
        faults.disarm(at: ms(6))
        #expect((0..<200).map { faults.fate(of: inbound($0), at: ms(20)) } == first)
    }

    @Test("poison by number fails at every attempt")
    func poisonEvery() throws {
        let bad = rule(Self.fail(poison: true), at: .process) { $0.every = 4 }
        var faults = try Self.faults([bad])
        #expect(faults.fate(of: inbound(3), at: ms(1)) == .fails)
        #expect(faults.fate(of: inbound(3, attempt: 9), at: ms(1)) == .fails)
        #expect(faults.fate(of: inbound(4), at: ms(1)) == .succeeds)
    }

    @Test("an ordinary failure draws anew and ends with draining")
    func transient() throws {
        let some = rule(Self.fail(after: true), at: .process) { $0.probability = 0.5 }
        var faults = try Self.faults([some])
        let first = (0..<200).map { faults.fate(of: inbound($0), at: ms(1)) }
        let second = (0..<200).map { faults.fate(of: inbound($0, attempt: 2), at: ms(1)) }
        #expect(first != second)
        #expect(first.contains(.failsAfterEffect))
        faults.disarm(at: ms(2))
        #expect((0..<200).allSatisfy { faults.fate(of: inbound($0), at: ms(2)) == .succeeds })
    }

    @Test("a member crashes once, at its first event after the given time")
    func crash() throws {
        let kind = FaultKind.crash(at: .afterApply, restartAfter: .milliseconds(7))
        let once = rule(kind, at: nil) {
            $0.from = .milliseconds(10)
            $0.member = 1
        }
        var faults = try Self.faults([once])
        #expect(faults.fate(of: inbound(0, member: 1), at: ms(9)) == .succeeds)
        #expect(faults.fate(of: inbound(1, member: 0), at: ms(11)) == .succeeds)
        #expect(
            faults.fate(of: inbound(2, member: 1), at: ms(12))
                == .crashes(at: .afterApply, restartAfterNanoseconds: 7_000_000)
        )
        #expect(faults.fate(of: inbound(3, member: 1), at: ms(13)) == .succeeds)
        #expect(faults.counts[0].fired == 1)
        #expect(faults.takeStrikes().map(\.subject.header.n) == [2])
    }

    @Test("nth strikes one arrival of each partition")
    func nth() throws {
        var faults = try Self.faults([rule(Self.fail(), at: .process) { $0.nth = 3 }])
        let fates = (0..<6).map { faults.fate(of: inbound($0), at: ms(1)) }
        #expect(fates == [.succeeds, .succeeds, .fails, .succeeds, .succeeds, .succeeds])
        let others = (0..<3).map { faults.fate(of: inbound($0, partition: 1), at: ms(1)) }
        #expect(others == [.succeeds, .succeeds, .fails])
    }

    @Test("the first rule that fires decides")
    func precedence() throws {
        let first = rule(Self.fail(), "first", at: .process) { $0.every = 2 }
        let second = rule(Self.fail(after: true), "second", at: .process)
        var faults = try Self.faults([first, second])
        #expect(faults.fate(of: inbound(0), at: ms(1)) == .failsAfterEffect)
        #expect(faults.fate(of: inbound(1), at: ms(1)) == .fails)
        #expect(faults.counts.map(\.fired) == [1, 1])
    }
}
