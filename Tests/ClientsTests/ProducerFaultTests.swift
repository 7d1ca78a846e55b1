import Faults
import HistoryChecks
import Messaging
import Testing
import Workloads

@testable import Clients

@Suite("Faults between a producer and the broker")
struct ProducerFaultTests {
    private static func retrying(_ settings: inout ProducerSettings) {
        single(&settings)
        settings.retry = RetryPolicy(attempts: 2, backoff: .none)
    }

    @Test("a dropped event never crosses; the producer finds out by its time-out")
    func drop() throws {
        let rig = try ProducerRig(faults: [rule(.drop, at: .publish)], Self.retrying)
        try rig.run(0, 250)
        #expect(rig.crossed.isEmpty)
        #expect(rig.counts.retries == 1)
        #expect(rig.counts.unknown == 1)
        #expect(rig.counts.refused == 0)
        #expect(rig.client.sendLedger.sent == 1)
        #expect(rig.client.crossingLedger.sent == 0)
        #expect(rig.client.strikes.map(\.subject.attempt) == [1, 2])
    }

    @Test("every strikes the first passage; the retry crosses")
    func dropOnce() throws {
        let rig = try ProducerRig(
            faults: [rule(.drop, at: .publish) { $0.every = 1 }],
            Self.retrying
        )
        try rig.run(0, 110)
        #expect(rig.attempts == [2])
        #expect(rig.crossed == [0])
        #expect(rig.client.faultCounts[0][0].fired == 1)
    }

    @Test("a duplicated event crosses again with the same number and body")
    func duplicate() throws {
        let rig = try ProducerRig(faults: [rule(.duplicate(extra: 2), at: .publish)], single)
        rig.end.answersAll = .confirmed
        try rig.run(0, 3)
        #expect(rig.crossed == [0, 0, 0])
        #expect(rig.end.headers.map(\.copy) == [0, 1, 2])
        #expect(Set(rig.end.headers.map(\.id)).count == 1)
        #expect(Set(rig.end.headers.map(\.digest)).count == 1)
        #expect(rig.counts.sent == 1)
        #expect(rig.counts.confirmed == 1)
        #expect(rig.counts.spuriousConfirms == 2)
        #expect(rig.client.crossingLedger.sent == 1)
    }

    @Test(
        "copies may be refused or confirmed in any order without harm to what the producer believes",
        arguments: [
            ([.refused, .refused], 0, 1), ([.refused, .confirmed], 1, 0),
            ([.confirmed, .refused], 1, 0),
        ] as [([CrossingOutcome], UInt64, UInt64)]
    )
    func copies(outcomes: [CrossingOutcome], confirmed: UInt64, unknown: UInt64) throws {
        for order in [[0, 1], [1, 0]] {
            let rig = try ProducerRig(faults: [rule(.duplicate(extra: 1), at: .publish)], single)
            try rig.step(ms(0))
            for crossing in order { rig.end.answer(crossing, outcomes[crossing]) }
            try rig.run(1, 200)
            #expect(rig.counts.confirmed == confirmed)
            #expect(rig.counts.unknown + rig.counts.refused == unknown)
            let known = rig.client.sendLedger.confirmed + rig.client.sendLedger.unresolved
            #expect(known + rig.counts.refused == 1)
        }
    }

    @Test("a refused copy says nothing of the second attempt")
    func refusedCopies() throws {
        let rig = try ProducerRig(
            faults: [rule(.duplicate(extra: 1), at: .publish) { $0.attempt = 1 }],
            Self.retrying
        )
        rig.end.answer(0, .refused)
        rig.end.answer(1, .refused)
        try rig.run(0, 200)
        #expect(rig.attempts == [1, 1, 2])
        #expect(rig.counts.refused == 0)
        #expect(rig.counts.unknown == 1)
    }

    @Test("held events keep their order, overtaken ones do not", arguments: DelayOrder.allCases)
    func delay(order: DelayOrder) throws {
        let slow = FaultKind.delay(.fixed(.milliseconds(10)), order: order)
        let rig = try ProducerRig(faults: [rule(slow, at: .publish) { $0.nth = 1 }]) {
            $0.inFlight = 4
        }
        try rig.run(0, 9)
        #expect(rig.crossed == (order == .hold ? [] : [1, 2, 3]))
        try rig.run(10, 12)
        #expect(rig.crossed == (order == .hold ? [0, 1, 2, 3] : [1, 2, 3, 0]))
        #expect(rig.client.crossingLedger.sent == 4)
    }

    @Test("events released all at once cross in portions, and only then is the producer settled")
    func releasedAtOnce() throws {
        let slow = FaultKind.delay(.fixed(.milliseconds(50)), order: .overtake)
        let rig = try ProducerRig(faults: [rule(slow, at: .publish)]) {
            $0.arrivals = .constant(perSecond: 100_000)
            $0.inFlight = 100
            $0.confirm = .none
        }
        try rig.run(0, 1)
        try rig.step(ms(1.5))
        #expect(rig.client.counts.sent > 40)
        rig.client.beginDrain(at: ms(2))
        try rig.run(2, 49)
        try #require([rig.client.isSettled] == [false])
        var moment = 60.0
        while !rig.client.isSettled, moment < 80 {
            try rig.step(ms(moment))
            moment += 0.1
        }
        #expect(UInt64(rig.crossed.count) == rig.counts.sent)
    }

    @Test("a dropped confirmation leads to a second crossing of an event that the broker has")
    func dropConfirm() throws {
        let rig = try ProducerRig(
            faults: [rule(.drop, at: .confirm) { $0.attempt = 1 }],
            Self.retrying
        )
        rig.end.answersAll = .confirmed
        try rig.run(0, 110)
        #expect(rig.attempts == [1, 2])
        #expect(rig.counts.confirmed == 1)
        #expect(rig.counts.timeouts == 1)
        #expect(rig.client.crossingLedger.confirmed == 1)
        #expect(rig.client.sendLedger.confirmed == 1)
    }

    @Test("the broker's side knows of a confirmation that the producer never heard")
    func dropAllConfirms() throws {
        let rig = try ProducerRig(faults: [rule(.drop, at: .confirm)], single)
        rig.end.answersAll = .confirmed
        try rig.run(0, 110)
        #expect(rig.client.crossingLedger.confirmed == 1)
        #expect(rig.client.sendLedger.confirmed == 0)
        #expect(rig.counts.unknown == 1)
    }

    @Test("a duplicated confirmation is ignored")
    func duplicateConfirm() throws {
        let rig = try ProducerRig(faults: [rule(.duplicate(extra: 1), at: .confirm)], single)
        rig.end.answersAll = .confirmed
        try rig.run(0, 2)
        #expect(rig.counts.confirmed == 1)
        #expect(rig.counts.spuriousConfirms == 1)
    }

    @Test("a delayed confirmation counts when it comes")
    func delayConfirm() throws {
        let slow = FaultKind.delay(.fixed(.milliseconds(30)), order: .overtake)
        let rig = try ProducerRig(faults: [rule(slow, at: .confirm)], single)
        rig.end.answersAll = .confirmed
        try rig.run(0, 29)
        #expect(rig.counts.confirmed == 0)
        rig.client.beginDrain(at: ms(29))
        try #require([rig.client.isSettled] == [false])
        try rig.run(30, 31)
        #expect(rig.counts.confirmed == 1)
        try #require([rig.client.isSettled] == [true])
    }

    @Test("no fault strikes during warm-up or after draining began")
    func window() throws {
        let rig = try ProducerRig(
            window: MeasuredWindow(begin: ms(10), end: ms(1000)),
            faults: [rule(.drop, at: .publish)]
        ) {
            $0.arrivals = .constant(perSecond: 1000)
            $0.inFlight = 100
            $0.retry = RetryPolicy(attempts: 2, backoff: .none)
        }
        try rig.run(0, 15)
        #expect(rig.crossed == (0..<10).map { $0 })
        rig.client.beginDrain(at: ms(16))
        try rig.run(16, 130)
        let second = rig.end.headers.filter { $0.attempt == 2 }.map(\.n)
        #expect(Set(second) == Set(0...15))
    }
}
