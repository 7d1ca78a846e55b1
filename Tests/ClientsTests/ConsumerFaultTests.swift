import Faults
import Histories
import LatencyMetrics
import Messaging
import Testing
import Workloads

@testable import Clients
@testable import HistoryChecks

@Suite("Faults between the broker and a handler")
struct DeliverFaultTests {
    @Test("a dropped delivery is neither handled nor answered; its redelivery is the first seen")
    func drop() throws {
        let rig = ConsumerRig(faults: [rule(.drop, at: .deliver) { $0.attempt = 1 }])
        rig.offer(0)
        try rig.run(0, 1)
        #expect(rig.counts.delivered == 1 && rig.counts.handled == 0)
        #expect(rig.end.settled.isEmpty && rig.isIdle)
        #expect(rig.group.outstanding.count == 1)
        #expect(rig.group.outstanding.latest == ms(1000), "when its lease is over")
        rig.offer(0, attempt: 2)
        rig.offer(1, attempt: 2)
        try rig.step(5)
        #expect(rig.acknowledged == [0, 1])
        #expect(rig.latency(.endToEnd, .response)?.total == 1, "of 1 the first was not dropped")
        rig.offer(0, attempt: 3)
        try rig.step(6)
        #expect(rig.latency(.endToEnd, .response)?.total == 1)
    }

    @Test("what is dropped counts as taken where deliveries are not answered at all")
    func dropWithoutAnswers() throws {
        let rig = ConsumerRig(faults: [rule(.drop, at: .deliver)]) { $0.ack = .never }
        rig.offer(0)
        try rig.run(0, 1)
        #expect(rig.acknowledged == [0] && rig.counts.handled == 0)
    }

    @Test("what is dropped is not answered on receipt")
    func dropOnReceive() throws {
        let rig = ConsumerRig(faults: [rule(.drop, at: .deliver)]) { $0.ack = .onReceive }
        rig.offer(0)
        try rig.run(0, 1)
        #expect(rig.end.settled.isEmpty)
    }

    @Test("injected copies are handled but never answered", arguments: [false, true])
    func duplicate(isKept: Bool) throws {
        let rig = ConsumerRig(
            faults: [rule(.duplicate(extra: 2), at: .deliver)],
            inbox: isKept ? inbox() : nil
        )
        rig.offer(0)
        rig.offer(1)
        try rig.run(0, 1)
        #expect(rig.counts.handled == 6)
        #expect(rig.counts.applied == (isKept ? 2 : 6))
        #expect(rig.counts.recognised == (isKept ? 4 : 0))
        #expect(rig.acknowledged == [0, 1])
        #expect(rig.latency(.endToEnd, .response)?.total == 2)
        #expect(rig.counts.handledInWindow == 2)
    }

    @Test("a copy that fails is no attempt, and one that is broken is given up once")
    func failedCopies() throws {
        let rig = ConsumerRig(faults: [
            rule(.duplicate(extra: 3), at: .deliver),
            FaultRule(
                name: "fails",
                kind: .fail(isPoison: false, afterEffect: false),
                site: .process
            ),
        ]) {
            $0.retry = RetryPolicy(attempts: 2, backoff: .none)
            $0.deadLetterTopic = ConsumerRig.deadLetterTopic
            $0.deadLetterProducer = ConsumerRig.deadLetterProducer
        }
        rig.offer(0)
        rig.offer(1) { $0.header.digest ^= 1 }
        try rig.run(0, 1)
        #expect(rig.refused == [0] && rig.deadEnd.published.isEmpty, "one attempt of two")
        #expect(rig.acknowledged == [1])
        #expect(rig.counts.handled == 8 && rig.counts.givenUp == 1)
    }

    @Test("a delayed delivery reaches the handler later, and fills its place until then")
    func delay() throws {
        let slow = FaultKind.delay(.fixed(.milliseconds(10)), order: .overtake)
        let rig = ConsumerRig(prefetch: 2, faults: [rule(slow, at: .deliver) { $0.nth = 1 }]) {
            $0.processing = .fixed(.milliseconds(3))
        }
        for n in 0..<3 as Range<UInt64> { rig.offer(n) }
        try rig.step(0)
        #expect(rig.end.asked == [2])
        try rig.run(1, 9)
        #expect(rig.acknowledged == [1, 2])
        #expect(!rig.isIdle)
        #expect(rig.client.nextWake == ms(10))
        try rig.run(10, 13)
        #expect(rig.acknowledged == [1, 2, 0])
        #expect(rig.end.times.last == ms(13), "processing begins when it arrives")
        #expect(rig.latency(.endToEnd, .response)?.highest == 13_000_000)
    }

    @Test("no fault strikes once draining began; what is held still comes")
    func drain() throws {
        let slow = FaultKind.delay(.fixed(.milliseconds(10)), order: .hold)
        let rig = ConsumerRig(faults: [rule(slow, at: .deliver), rule(.drop, at: .ack)])
        rig.offer(0)
        try rig.step(0)
        rig.client.beginDrain(at: ms(1))
        rig.offer(1, partition: 1)
        try rig.step(2)
        #expect(rig.acknowledged == [1])
        try rig.step(10)
        #expect(rig.acknowledged == [1, 0])
        #expect(rig.client.strikes.count == 1)
    }
}

@Suite("Faults between a handler and the broker")
struct AckFaultTests {
    @Test("a dropped answer never crosses, whatever it says")
    func drop() throws {
        let rig = ConsumerRig(
            faults: [
                rule(.drop, at: .ack),
                FaultRule(
                    name: "fails",
                    kind: .fail(isPoison: false, afterEffect: false),
                    site: .process
                ),
            ],
            history: .full
        ) { $0.retry = RetryPolicy(attempts: 9, backoff: .none) }
        rig.offer(0)
        rig.offer(1) { $0.envelope = .foreign }
        try rig.run(0, 1)
        #expect(rig.end.settled.isEmpty && rig.isIdle)
        #expect(rig.numbers(.settle) == [0, 1], "the handler believes that it has answered")
        #expect(rig.numbers(.nack).isEmpty && rig.numbers(.ack).isEmpty)
        #expect(rig.group.outstanding.count == 1)
    }

    @Test("a duplicated answer crosses again with the same receipt")
    func duplicate() throws {
        let rig = ConsumerRig(faults: [rule(.duplicate(extra: 1), at: .ack)])
        let delivery = rig.offer(3)
        try rig.run(0, 1)
        #expect(rig.end.settled.map(\.receipt) == [delivery.receipt, delivery.receipt])
        #expect(rig.counts.applied == 1)
    }

    @Test("a delayed answer crosses later, and until then the member is not idle")
    func delay() throws {
        let slow = FaultKind.delay(.fixed(.milliseconds(10)), order: .overtake)
        let rig = ConsumerRig(faults: [rule(slow, at: .ack) { $0.nth = 1 }])
        for n in 0..<2 as Range<UInt64> { rig.offer(n) }
        try rig.run(0, 9)
        #expect(rig.acknowledged == [1])
        #expect(!rig.isIdle && rig.client.nextWake == ms(10))
        try rig.run(10, 11)
        #expect(rig.acknowledged == [1, 0] && rig.isIdle)
        #expect(rig.end.times == [ms(0), ms(10)])
    }

    @Test("a fault of one member is not one of the other")
    func member() throws {
        let drop = rule(.drop, at: .ack) { $0.member = 1 }
        let one = ConsumerRig(faults: [drop])
        let other = ConsumerRig(member: 1, faults: [drop], sharing: one)
        for rig in [one, other] {
            rig.offer(rig === one ? 0 : 1)
            try rig.run(0, 1)
        }
        #expect(one.acknowledged == [0] && other.acknowledged.isEmpty)
        #expect(other.client.strikes.map(\.subject.member) == [1])
    }
}

@Suite("A consumer that crashes")
struct ConsumerCrashTests {
    /// Events 0 and 1 answered, 2 handled but not yet answered, 3 crashes, 4 waits.
    private static func rig(
        _ point: CrashPoint,
        isDurable: Bool,
        _ configure: (inout ConsumerSettings) -> Void = { _ in }
    ) throws -> ConsumerRig {
        let crash = rule(.crash(at: point, restartAfter: .milliseconds(20)), at: nil) {
            $0.from = .milliseconds(1)
        }
        let slow = FaultRule(
            name: "slow",
            kind: .delay(.fixed(.milliseconds(50)), order: .overtake),
            site: .deliver,
            selector: selecting { $0.partition = 9 }
        )
        let rig = ConsumerRig(
            faults: [crash, slow],
            inbox: inbox(isDurable: isDurable),
            configure
        )
        rig.offer(0)
        rig.offer(1)
        try rig.step(0)
        rig.offer(7, partition: 9)
        try rig.step(0.5)
        return rig
    }

    private static func selecting(_ edit: (inout FaultSelector) -> Void) -> FaultSelector {
        var selector = FaultSelector()
        edit(&selector)
        return selector
    }

    private static let cases: [(CrashPoint, isDurable: Bool)] = CrashPoint.allCases.flatMap {
        [($0, true), ($0, false)]
    }

    @Test(
        "loses what waits and what it did not answer; nothing happens while it is down",
        arguments: cases
    )
    func memory(point: CrashPoint, isDurable: Bool) throws {
        let rig = try Self.rig(point, isDurable: isDurable)
        for n in 3..<5 as Range<UInt64> { rig.offer(n) }
        try rig.step(1)
        let isApplied = point != .beforeApply
        #expect(rig.acknowledged == [0, 1])
        #expect(rig.counts.crashes == 1 && rig.fired == 1)
        #expect(rig.counts.applied == (isApplied ? 3 : 2))
        #expect(rig.client.nextWake == ms(21))
        #expect(!rig.isIdle)
        let asked = rig.end.asked.count
        for n in 3..<5 as Range<UInt64> { rig.offer(n, attempt: 2) }
        rig.offer(1, attempt: 2)
        try rig.run(2, 20)
        #expect(rig.end.asked.count == asked && rig.end.restarts.isEmpty)
        #expect(rig.end.settled.count == 2)
        try rig.run(21, 60)
        #expect(rig.end.restarts == [ms(21)])
        #expect(rig.acknowledged == [0, 1, 3, 4, 1])
        #expect(rig.counts.handled == 3 + 3, "neither the waiting nor the held one came back")
        let again = isDurable ? 0 : isApplied ? 2 : 1 as UInt64
        #expect(rig.counts.applied == 4 + again, "an inbox in memory has forgotten everything")
        #expect(rig.counts.recognised == (isDurable ? isApplied ? 2 : 1 : 0))
        #expect(rig.counts.crashes == 1, "once")
    }

    @Test("answers of the same pass that were not sent yet are lost", arguments: [false, true])
    func unsentAnswers(isOnReceipt: Bool) throws {
        let crash = rule(.crash(at: .beforeAck, restartAfter: .milliseconds(5)), at: nil) {
            $0.every = 3
        }
        let rig = ConsumerRig(faults: [crash]) {
            if isOnReceipt { $0.ack = .onReceive }
        }
        for n in 0..<4 as Range<UInt64> { rig.offer(n) }
        try rig.run(0, 20)
        #expect(rig.counts.applied == 3, "the one behind the crash is lost")
        #expect(rig.acknowledged == (isOnReceipt ? [0, 1, 2, 3] : []))
        #expect(rig.group.outstanding.count == (isOnReceipt ? 0 : 4))
        #expect(rig.end.restarts == [ms(5)] && rig.isIdle)
        guard !isOnReceipt else { return }
        #expect(rig.group.outstanding.latest == ms(1000), "leases run out by themselves")
        for n in 0..<4 as Range<UInt64> { rig.offer(n, attempt: 2) }
        try rig.step(30)
        let deliveries = rig.group.ledgers.deliveries
        #expect(deliveries.findings.total(.a7) == 0, "a broker may notice the crash sooner")
    }

    @Test("answers on receipt that the driver had no room for yet are not lost")
    func answersOnReceipt() throws {
        let rig = ConsumerRig(faults: [
            rule(.crash(at: .beforeApply, restartAfter: .milliseconds(5)), at: nil),
            FaultRule(name: "often", kind: .duplicate(extra: 9), site: .ack),
        ]) { $0.ack = .onReceive }
        for n in 0..<64 as Range<UInt64> { rig.offer(n) }
        try rig.run(0, 20)
        #expect(rig.counts.crashes == 1 && rig.counts.applied == 0)
        #expect(rig.acknowledged.count == 640)
    }

    @Test("answers and deliveries that the fault layer holds are lost as well")
    func held() throws {
        let slow = FaultKind.delay(.fixed(.milliseconds(50)), order: .overtake)
        let rig = ConsumerRig(faults: [
            rule(.crash(at: .beforeApply, restartAfter: .milliseconds(5)), at: nil) {
                $0.every = 2
            },
            FaultRule(name: "slow", kind: slow, site: .ack),
        ])
        rig.offer(0)
        rig.offer(1)
        try rig.run(0, 100)
        #expect(rig.counts.applied == 1 && rig.end.settled.isEmpty)
        #expect(rig.isIdle)
    }

    @Test("dead letters under way are forgotten; the event comes again")
    func deadLetters() throws {
        let rig = ConsumerRig(faults: [
            rule(.fail(isPoison: false, afterEffect: false), at: .process) { $0.nth = 1 },
            FaultRule(
                name: "crash",
                kind: .crash(at: .beforeApply, restartAfter: .milliseconds(5)),
                site: nil,
                selector: Self.selecting { $0.nth = 1 }
            ),
        ]) {
            $0.deadLetterTopic = ConsumerRig.deadLetterTopic
            $0.deadLetterProducer = ConsumerRig.deadLetterProducer
        }
        rig.offer(0)
        try rig.step(0)
        #expect(rig.deadEnd.published.count == 1)
        rig.offer(1)
        try rig.step(1)
        #expect(rig.counts.crashes == 1)
        rig.deadEnd.answer(0, .confirmed)
        try rig.run(2, 10)
        #expect(rig.acknowledged.isEmpty && rig.counts.deadLettered == 0)
        #expect(rig.isIdle)
    }

    @Test("the group keeps counting handler attempts across it")
    func attempts() throws {
        let rig = ConsumerRig(faults: [
            rule(.fail(isPoison: false, afterEffect: false), at: .process) { $0.partition = 0 },
            FaultRule(
                name: "crash",
                kind: .crash(at: .beforeApply, restartAfter: .milliseconds(5)),
                site: nil,
                selector: Self.selecting { $0.partition = 1 }
            ),
        ]) { $0.retry = RetryPolicy(attempts: 2, backoff: .none) }
        rig.offer(0)
        try rig.step(0)
        rig.offer(1, partition: 1)
        try rig.step(1)
        rig.offer(0, attempt: 2)
        try rig.run(6, 7)
        #expect(rig.refused == [0] && rig.acknowledged == [0])
        #expect(rig.counts.givenUp == 1)
    }
}
