import Faults
import Messaging
import Testing
import Workloads

@testable import Clients
@testable import HistoryChecks

@Suite("A handler that hangs, a member that pauses, a member that is slow")
struct ConsumerStandstillTests {
    @Test("a hung handler has no effect and gives no answer; the redelivery is handled")
    func hang() throws {
        let rig = ConsumerRig(faults: [rule(.hang, at: .process) { $0.attempt = 1 }])
        rig.offer(0)
        try rig.run(0, 2)
        #expect(rig.counts.handled == 1 && rig.counts.applied == 0)
        #expect(rig.end.settled.isEmpty)
        #expect(rig.isIdle, "nothing moves until the lease is over")
        #expect(rig.group.outstanding.count == 1)
        #expect(rig.group.outstanding.latest == ms(1000))
        rig.offer(0, attempt: 2)
        try rig.step(1001)
        #expect(rig.acknowledged == [0] && rig.counts.applied == 1)
        #expect(rig.fired == 1)
    }

    @Test("later events of a hung one's key are handed back untried, other keys go on")
    func hungKey() throws {
        let hang = rule(.hang, at: .process) { $0.every = 1 }
        let rig = ConsumerRig(order: .blockKey, faults: [hang]) { _ in }
        rig.offer(0, key: 1)
        rig.offer(1, key: 1, attempt: 2)
        rig.offer(2, key: 2, attempt: 2)
        try rig.run(0, 1)
        #expect(rig.refused == [1] && rig.acknowledged == [2])
        rig.offer(0, key: 1, attempt: 2)
        rig.offer(1, key: 1, attempt: 3)
        try rig.step(1001)
        #expect(rig.acknowledged == [2, 0, 1])
    }

    private static func selected(from: Double, for length: Double? = nil) -> FaultSelector {
        var selector = FaultSelector()
        selector.group = 0
        selector.member = 0
        selector.from = .microseconds(Int(from * 1000))
        selector.length = length.map { .microseconds(Int($0 * 1000)) }
        return selector
    }

    private static func member(_ kind: FaultKind, _ selector: FaultSelector) -> FaultRule {
        FaultRule(name: "rule", kind: kind, site: nil, selector: selector)
    }

    @Test("a paused member neither receives nor answers, and loses nothing")
    func pause() throws {
        let pause = Self.member(.pause(.milliseconds(20)), Self.selected(from: 5))
        let rig = ConsumerRig(faults: [pause]) { $0.processing = .fixed(.milliseconds(3)) }
        try rig.step(0)
        rig.offer(0)
        try rig.step(4)
        for moment in 5..<25 {
            if moment == 6 { rig.offer(1) }
            #expect(try !rig.step(Double(moment)))
            #expect(rig.counts.delivered == 1 && rig.end.settled.isEmpty)
            #expect(rig.client.nextWake == ms(25) && !rig.isIdle)
        }
        try rig.run(25, 32)
        #expect(rig.acknowledged == [0, 1])
        #expect(rig.fired == 1, "once")
        #expect(rig.isIdle)
    }

    @Test("another member goes on meanwhile")
    func other() throws {
        let pause = Self.member(.pause(.milliseconds(20)), Self.selected(from: 0))
        let rig = ConsumerRig(member: 1, faults: [pause])
        rig.offer(0)
        try rig.step(1)
        #expect(rig.acknowledged == [0] && rig.client.faultCounts.isEmpty)
    }

    @Test("a slow member takes so much longer over each event while the rule is armed")
    func slow() throws {
        let slow = Self.member(.slow(.milliseconds(10)), Self.selected(from: 0, for: 15))
        let rig = ConsumerRig(faults: [slow])
        for n in 0..<4 as Range<UInt64> { rig.offer(n) }
        try rig.run(0, 9)
        #expect(rig.acknowledged == [])
        try rig.step(10)
        #expect(rig.acknowledged == [0])
        try rig.run(11, 20)
        // The third began at 20 ms, when the rule was over.
        #expect(rig.acknowledged == [0, 1, 2, 3])
        #expect(rig.fired == 2)
    }

    @Test("draining begins without pauses")
    func drained() throws {
        let pause = Self.member(.pause(.milliseconds(20)), Self.selected(from: 5))
        let rig = ConsumerRig(faults: [pause])
        try rig.step(0)
        rig.client.beginDrain(at: ms(2))
        rig.offer(0)
        try rig.step(10)
        #expect(rig.acknowledged == [0] && rig.fired == 0)
    }
}
