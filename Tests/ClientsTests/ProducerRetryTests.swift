import HistoryChecks
import Messaging
import Testing
import Workloads

@testable import Clients

@Suite("How a producer learns what became of its sends")
struct ProducerRetryTests {
    private static func rig(
        attempts: Int,
        backoff: Backoff = .fixed(.milliseconds(20))
    ) throws -> ProducerRig {
        try ProducerRig {
            single(&$0)
            $0.retry = RetryPolicy(attempts: attempts, backoff: backoff)
            $0.isIdempotent = true
        }
    }

    @Test("no answer in time: the next attempt after the backoff, in the end unknown")
    func timeouts() throws {
        let rig = try Self.rig(attempts: 3)
        try rig.run(0, 99)
        #expect(rig.counts.timeouts == 0)
        try rig.run(100, 119)
        #expect(rig.counts.timeouts == 1)
        #expect(rig.attempts == [1])
        try rig.run(120, 330)
        #expect(rig.attempts == [1, 2, 3])
        #expect(rig.end.times == [ms(0), ms(120), ms(240)])
        #expect(rig.counts.unknown == 0)
        try rig.run(331, 400)
        #expect(rig.counts.timeouts == 3)
        #expect(rig.counts.retries == 2)
        #expect(rig.counts.unknown == 1)
        #expect(rig.counts.sent == 1)
        #expect(rig.client.sendLedger.unresolved == 1)
    }

    @Test("each attempt is the same event: number, identifier, key, body and due time")
    func identity() throws {
        let rig = try Self.rig(attempts: 3)
        try rig.run(0, 300)
        var first = rig.end.headers[0]
        for (index, event) in rig.end.published.enumerated() {
            first.attempt = UInt8(index + 1)
            #expect(event.header == first)
            #expect(event.isIdempotent)
        }
    }

    @Test("the backoff grows with the attempts")
    func backoff() throws {
        let rig = try Self.rig(
            attempts: 4,
            backoff: .exponential(
                base: .milliseconds(10),
                factor: 2,
                cap: .milliseconds(30),
                jitter: .none
            )
        )
        rig.end.answersAll = .refused
        try rig.run(0, 100)
        #expect(rig.end.times == [ms(0), ms(10), ms(30), ms(60)])
    }

    @Test("refused at every attempt: certainly without effect")
    func refused() throws {
        let rig = try Self.rig(attempts: 2)
        rig.end.answersAll = .refused
        try rig.run(0, 50)
        #expect(rig.attempts == [1, 2])
        #expect(rig.counts.refused == 1)
        #expect(rig.counts.unknown == 0)
        #expect(rig.client.sendLedger.unresolved == 0)
        #expect(rig.client.sendLedger.confirmed == 0)
    }

    @Test("one attempt without an answer leaves the fate unknown, whichever it was")
    func mixed() throws {
        let refusedFirst = try Self.rig(attempts: 2)
        refusedFirst.end.answer(0, .refused)
        try refusedFirst.run(0, 200)
        #expect(refusedFirst.attempts == [1, 2])
        #expect(refusedFirst.counts.unknown == 1)
        #expect(refusedFirst.counts.refused == 0)

        let silentFirst = try Self.rig(attempts: 2)
        try silentFirst.run(0, 120)
        silentFirst.end.answer(1, .refused)
        try silentFirst.run(121, 200)
        #expect(silentFirst.counts.unknown == 1)
        #expect(silentFirst.counts.refused == 0)

        let indeterminate = try Self.rig(attempts: 1)
        indeterminate.end.answersAll = .indeterminate
        try indeterminate.run(0, 2)
        #expect(indeterminate.counts.unknown == 1)
    }

    @Test("a confirmation after the send was given up upgrades it, once")
    func lateConfirm() throws {
        let rig = try Self.rig(attempts: 1)
        try rig.run(0, 110)
        #expect(rig.counts.unknown == 1)
        rig.end.answer(0, .confirmed)
        try rig.step(ms(111))
        #expect(rig.counts.unknown == 0)
        #expect(rig.counts.confirmed == 1)
        #expect(rig.client.sendLedger.confirmed == 1)
        #expect(rig.client.sendLedger.unresolved == 0)
        rig.end.answer(0, .confirmed)
        try rig.step(ms(112))
        #expect(rig.counts.confirmed == 1)
    }

    @Test("a late refusal upgrades nothing")
    func lateRefusal() throws {
        let rig = try Self.rig(attempts: 1)
        try rig.run(0, 110)
        rig.end.answer(0, .refused)
        try rig.step(ms(111))
        #expect(rig.counts.unknown == 1)
        #expect(rig.counts.refused == 0)
    }

    @Test("the confirmation of an earlier attempt ends the send; that of the later one is spurious")
    func earlierAttempt() throws {
        let rig = try Self.rig(attempts: 3)
        try rig.run(0, 120)
        #expect(rig.attempts == [1, 2])
        rig.end.answer(0, .confirmed)
        try rig.step(ms(121))
        #expect(rig.counts.confirmed == 1)
        rig.end.answer(1, .confirmed)
        try rig.run(122, 400)
        #expect(rig.counts.confirmed == 1)
        #expect(rig.counts.spuriousConfirms == 1)
        #expect(rig.attempts == [1, 2])
        #expect(rig.client.crossingLedger.confirmed == 1, "one event, twice confirmed")
    }

    @Test("a refusal of an earlier attempt does not end the one under way")
    func earlierRefusal() throws {
        let rig = try Self.rig(attempts: 2)
        try rig.run(0, 120)
        rig.end.answer(0, .refused)
        try rig.run(121, 130)
        #expect(rig.counts.unknown == 0)
        rig.end.answer(1, .confirmed)
        try rig.step(ms(131))
        #expect(rig.counts.confirmed == 1)
        #expect(rig.counts.spuriousConfirms == 0)
    }

    @Test("confirmations of what is over or never was change nothing but their count")
    func spurious() throws {
        let rig = try ProducerRig { $0.inFlight = 2 }
        try rig.step(ms(0))
        rig.end.answer(0, .confirmed)
        rig.end.answer(0, .refused)
        rig.end.answer(999, .confirmed)
        try rig.step(ms(1))
        #expect(rig.counts.spuriousConfirms == 2)
        #expect(rig.counts.confirmed == 1)
        #expect(rig.counts.refused == 0)
    }

    @Test("a slot that was given to another event is not confirmed by its former tenant")
    func reusedSlot() throws {
        let rig = try ProducerRig {
            $0.inFlight = 1
            $0.confirmTimeoutNanoseconds = 10_000_000
        }
        try rig.run(0, 12)
        #expect(rig.crossed == [0, 1])
        rig.end.answer(0, .confirmed)
        try rig.step(ms(13))
        #expect(rig.counts.confirmed == 1)
        #expect(rig.counts.unknown == 0)
        #expect(rig.crossed == [0, 1], "the second is still open")
    }
}
