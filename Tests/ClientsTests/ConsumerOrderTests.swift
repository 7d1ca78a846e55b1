import Faults
import Histories
import HistoryChecks
import Messaging
import Testing
import Workloads

@testable import Clients

@Suite("A consumer that keeps the order of keys")
struct ConsumerOrderTests {
    /// Refuses the first attempt of events of key 1 that the selection takes.
    private static func rig(
        order: RedeliveryOrder = .blockKey,
        faults: [FaultRule] = [],
        wait: Duration = .milliseconds(50),
        _ select: @escaping (inout FaultSelector) -> Void = { $0.nth = 1 }
    ) -> ConsumerRig {
        let fails = FaultKind.fail(isPoison: false, afterEffect: false)
        return ConsumerRig(
            order: order,
            faults: [rule(fails, at: .process, select)] + faults,
            history: .full
        ) {
            $0.retry = RetryPolicy(attempts: 3, backoff: .fixed(wait))
            $0.processing = .fixed(.milliseconds(2))
        }
    }

    @Test("hands later events of a refused one's key back untried, with the wait that is left")
    func handsBack() throws {
        let rig = Self.rig()
        for (n, key) in [(0, 1), (1, 1), (2, 2), (3, 0), (4, 1)] as [(UInt64, UInt64)] {
            rig.offer(n, key: key)
        }
        try rig.run(0, 10)
        #expect(rig.refused == [0, 1, 4])
        #expect(rig.delays == [50, 50, 46], "1 at once, 4 when 2 and 3 were done")
        #expect(rig.acknowledged == [2, 3])
        #expect(rig.numbers(.handle) == [0, 2, 3], "handed back untried")
        for n in [0, 1, 4] as [UInt64] { rig.offer(n, key: 1, attempt: 2) }
        try rig.run(60, 70)
        #expect(rig.numbers(.apply) == [2, 3, 0, 1, 4])
        #expect(rig.refused == [0, 1, 4] && rig.acknowledged == [2, 3, 0, 1, 4])
    }

    @Test("lets everything overtake where the order is not kept")
    func pass() throws {
        let rig = Self.rig(order: .pass)
        for n in 0..<3 as Range<UInt64> { rig.offer(n, key: 1) }
        try rig.run(0, 10)
        #expect(rig.refused == [0] && rig.acknowledged == [1, 2])
    }

    @Test("knows keys apart by producer and partition")
    func lines() throws {
        let rig = Self.rig {
            $0.producers = 0..<1
            $0.partition = 0
        }
        rig.offer(0, key: 1)
        rig.offer(5, key: 1, producer: 1)
        rig.offer(6, key: 1, partition: 1)
        try rig.run(0, 10)
        #expect(rig.refused == [0] && rig.acknowledged == [5, 6])
    }

    @Test("keeps an event back until the earlier ones are through, whichever comes first")
    func earlierNotBack() throws {
        let rig = Self.rig()
        for n in 0..<3 as Range<UInt64> { rig.offer(n, key: 1) }
        try rig.run(0, 10)
        // The broker gives 2 before 0 and 1, as one may whose refusals are lost or reordered.
        rig.offer(2, key: 1, attempt: 2)
        try rig.step(52)
        #expect(rig.refused == [0, 1, 2, 2])
        #expect(rig.delays.last == 1, "0 is due now; ask again a little later")
        rig.offer(1, key: 1, attempt: 2)
        try rig.step(60)
        #expect(rig.refused.last == 1)
        rig.offer(0, key: 1, attempt: 2)
        try rig.run(70, 72)
        rig.offer(2, key: 1, attempt: 3)
        try rig.step(73)
        #expect(rig.refused.last == 2, "1 is still missing")
        rig.offer(1, key: 1, attempt: 3)
        rig.offer(2, key: 1, attempt: 4)
        try rig.run(74, 80)
        #expect(rig.numbers(.apply) == [0, 1, 2])
    }

    @Test("keeps them back although the refusal itself was lost")
    func lostRefusal() throws {
        let lost = FaultRule(name: "lost", kind: .drop, site: .ack)
        let rig = Self.rig(faults: [lost])
        for n in 0..<2 as Range<UInt64> { rig.offer(n, key: 1) }
        try rig.run(0, 10)
        #expect(rig.end.settled.isEmpty)
        rig.client.beginDrain(at: ms(100))
        rig.offer(1, key: 1, attempt: 2)
        try rig.step(500)
        #expect(rig.refused == [1] && rig.numbers(.apply).isEmpty)
        rig.offer(0, key: 1, attempt: 2)
        rig.offer(1, key: 1, attempt: 3)
        try rig.run(1000, 1010)
        #expect(rig.numbers(.apply) == [0, 1])
    }

    @Test("gives a key free when its missing event is overdue by the patience, not before")
    func patience() throws {
        let rig = Self.rig()
        for n in 0..<2 as Range<UInt64> { rig.offer(n, key: 1) }
        try rig.run(0, 10)
        // Refused at 2 ms, due at 52 ms, patience 1 s.
        rig.offer(1, key: 1, attempt: 2)
        try rig.step(1051.9)
        #expect(rig.refused == [0, 1, 1])
        rig.offer(1, key: 1, attempt: 3)
        try rig.run(1052, 1056)
        #expect(rig.refused == [0, 1, 1] && rig.acknowledged == [1])
    }

    @Test("gives a key free when its event was given up or moved to the dead letters")
    func givenUp() throws {
        for hasDeadLetters in [false, true] {
            let fails = FaultKind.fail(isPoison: false, afterEffect: false)
            let rig = ConsumerRig(
                order: .blockKey,
                faults: [rule(fails, at: .process) { $0.producers = 0..<1 }]
            ) {
                $0.retry = RetryPolicy(attempts: 2, backoff: .none)
                guard hasDeadLetters else { return }
                $0.deadLetterTopic = ConsumerRig.deadLetterTopic
                $0.deadLetterProducer = ConsumerRig.deadLetterProducer
            }
            rig.deadEnd.answersAll = .confirmed
            rig.offer(0, key: 1)
            try rig.step(0)
            for n in 0..<2 as Range<UInt64> { rig.offer(n, key: 1, attempt: 2) }
            try rig.run(1, 3)
            #expect(rig.refused == [0, 1] && rig.acknowledged == [0])
            #expect(rig.counts.handled == 3, "1 was tried, and not handed back")
        }
    }

    @Test("gives a key free when its event comes back broken")
    func broken() throws {
        let rig = Self.rig()
        for n in 0..<2 as Range<UInt64> { rig.offer(n, key: 1) }
        try rig.run(0, 10)
        rig.offer(0, key: 1, attempt: 2) { $0.header.digest ^= 1 }
        rig.offer(1, key: 1, attempt: 2)
        try rig.run(60, 70)
        #expect(rig.acknowledged == [0, 1] && rig.numbers(.apply) == [1])
    }

    @Test("an event that took effect and was refused holds back nothing once it is recognised")
    func recognised() throws {
        let fails = FaultKind.fail(isPoison: false, afterEffect: true)
        let rig = ConsumerRig(
            order: .blockKey,
            faults: [rule(fails, at: .process) { $0.nth = 1 }],
            inbox: inbox()
        ) { $0.retry = RetryPolicy(attempts: 3, backoff: .fixed(.milliseconds(50))) }
        for n in 0..<2 as Range<UInt64> { rig.offer(n, key: 1) }
        try rig.step(0)
        #expect(rig.refused == [0, 1] && rig.counts.applied == 1)
        for n in 0..<2 as Range<UInt64> { rig.offer(n, key: 1, attempt: 2) }
        try rig.step(50)
        #expect(rig.counts.recognised == 1 && rig.acknowledged == [0, 1])
        #expect(rig.refused == [0, 1])
    }
}

@Suite("Keys that wait for a missing event")
struct BlockedKeysTests {
    private static func header(
        _ n: UInt64,
        key: UInt64 = 1,
        producer: UInt16 = 0,
        partition: UInt16 = 0
    ) -> EventHeader {
        var header = EventHeader()
        header.n = n
        header.key = key == 0 ? .none : EventKey(pattern: 0, index: key)
        header.producer = producer
        header.partition = partition
        return header
    }

    private static func waits(
        _ blocked: inout BlockedKeys,
        _ n: UInt64,
        at now: Double
    ) -> Double? {
        blocked.wait(of: header(n), at: ms(now)).map { Double($0) / 1e6 }
    }

    @Test("an event waits for the earliest missing one before it, never for itself or a later one")
    func earliest() {
        var blocked = BlockedKeys(patienceNanoseconds: 100_000_000)
        for n in [7, 3, 5] as [UInt64] { blocked.block(Self.header(n), until: ms(Double(n))) }
        let waits = (2...8).map { Self.waits(&blocked, $0, at: 0) }
        #expect(waits == [nil, nil, 3, 3, 3, 3, 3])
        blocked.release(Self.header(3))
        let later = (4...8).map { Self.waits(&blocked, $0, at: 0) }
        #expect(later == [nil, nil, 5, 5, 5])
        blocked.release(Self.header(7))
        blocked.release(Self.header(5))
        let free = Self.waits(&blocked, 8, at: 0)
        #expect(free == nil)
    }

    @Test("refused again, it is due later")
    func again() {
        var blocked = BlockedKeys(patienceNanoseconds: 100_000_000)
        blocked.block(Self.header(1), until: ms(10))
        blocked.block(Self.header(1), until: ms(30))
        var wait = Self.waits(&blocked, 2, at: 5)
        #expect(wait == 25)
        blocked.release(Self.header(1))
        wait = Self.waits(&blocked, 2, at: 5)
        #expect(wait == nil, "it stands there once")
    }

    @Test("a key whose first missing event is overdue is held back no more")
    func overdue() {
        var blocked = BlockedKeys(patienceNanoseconds: 100_000_000)
        blocked.block(Self.header(1), until: ms(10))
        blocked.block(Self.header(2), until: ms(60))
        let waits = [109.5, 110, 159.5, 160].map { Self.waits(&blocked, 3, at: $0) }
        #expect(waits == [1, nil, nil, nil])
        blocked.block(Self.header(4), until: ms(200))
        let later = Self.waits(&blocked, 5, at: 190)
        #expect(later == nil, "the broker has kept it waiting too long once")
    }

    @Test("other keys, producers and partitions go on, and so do events without a key")
    func others() {
        var blocked = BlockedKeys(patienceNanoseconds: 100_000_000)
        blocked.block(Self.header(1), until: ms(10))
        blocked.block(Self.header(1, key: 0), until: ms(10))
        for other in [
            Self.header(2, key: 2), Self.header(2, producer: 1), Self.header(2, partition: 1),
            Self.header(2, key: 0),
        ] {
            let wait = blocked.wait(of: other, at: ms(0))
            #expect(wait == nil)
            blocked.release(other)
        }
        let wait = Self.waits(&blocked, 2, at: 0)
        #expect(wait == 10)
    }
}
