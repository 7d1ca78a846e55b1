import HistoryChecks
import Messaging
import Testing
import Workloads

@testable import Clients

@Suite("How a producer paces itself")
struct ProducerPacingTests {
    @Test("events of an open loop leave when they are due, and keep their intended times")
    func openLoop() throws {
        let rig = try ProducerRig { $0.arrivals = .constant(perSecond: 1000) }
        try rig.step(ms(0))
        try rig.step(ms(0.9))
        #expect(rig.crossed == [0])
        try rig.step(ms(1))
        #expect(rig.crossed == [0, 1])
        try rig.step(ms(5))
        #expect(rig.crossed == [0, 1, 2, 3, 4, 5])
        #expect(rig.end.headers.map(\.due) == (0...5).map { ms(Double($0)) })
        #expect(rig.end.headers.map(\.sent) == [0, 1, 5, 5, 5, 5].map { ms($0) })
        #expect(rig.client.nextWake == .zero, "confirmations may come")
    }

    @Test("a closed loop fills its in-flight limit, and goes on as far as confirmations come")
    func closedLoop() throws {
        let rig = try ProducerRig { $0.inFlight = 4 }
        try rig.run(0, 3)
        #expect(rig.crossed == [0, 1, 2, 3])
        rig.end.answer(1, .confirmed)
        rig.end.answer(3, .confirmed)
        try rig.run(4, 5)
        #expect(rig.crossed == [0, 1, 2, 3, 4, 5])
        #expect(rig.counts.sent == 6)
        #expect(rig.counts.confirmed == 2)
    }

    @Test("events are due although the in-flight limit is reached, and then count as late")
    func late() throws {
        let rig = try ProducerRig {
            $0.arrivals = .constant(perSecond: 1000)
            $0.inFlight = 2
        }
        try rig.run(0, 20)
        #expect(rig.crossed == [0, 1])
        rig.end.answer(0, .confirmed, count: 2)
        try rig.run(21, 22)
        #expect(rig.crossed == [0, 1, 2, 3])
        #expect(rig.end.headers[2].due == ms(2))
        #expect(rig.counts.late == 2, "20 ms late, allowed are ten intervals")
        #expect(rig.counts.sentInWindow == 4)
    }

    @Test("a full broker takes from the front; the rest follows in order before anything new")
    func partialTake() throws {
        let rig = try ProducerRig()
        rig.end.room = 3
        #expect(try rig.step(ms(0)))
        #expect(try !rig.step(ms(1)))
        #expect(rig.crossed == [0, 1, 2])
        #expect(rig.counts.sent == 8)
        rig.end.room = 2
        try rig.step(ms(2))
        rig.end.room = .max
        try rig.step(ms(3))
        #expect(rig.crossed == [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(rig.client.crossingLedger.sent == 8)
    }

    @Test("at most a batch of events is made at once")
    func batches() throws {
        let rig = try ProducerRig { $0.inFlight = 100 }
        try rig.step(ms(0))
        #expect(rig.crossed.count == ProducerClient.batchCapacity)
        try rig.run(1, 5)
        #expect(rig.crossed.count == 100)
    }

    @Test("open crossings are bounded even if sends are given up")
    func crossingBound() throws {
        let rig = try ProducerRig {
            $0.inFlight = 32
            $0.confirmTimeoutNanoseconds = 1_000_000
        }
        try rig.run(0, 100)
        let bound = 4 * ProducerClient.batchCapacity
        #expect(rig.crossed.count == bound)
        #expect(rig.counts.unknown == rig.counts.sent)
        rig.end.answer(0, .confirmed)
        try rig.run(101, 102)
        #expect(rig.crossed.count == bound + 1)
    }

    @Test("without confirmations an event counts as sent when it is handed over")
    func confirmNone() throws {
        let rig = try ProducerRig {
            $0.confirm = .none
            $0.inFlight = 4
        }
        rig.end.answersAll = .confirmed
        try rig.run(0, 3)
        #expect(rig.counts.sent == 4 * UInt64(ProducerClient.batchCapacity))
        #expect(rig.counts.confirmed == rig.counts.sent)
        #expect(rig.counts.spuriousConfirms == 0, "nobody waits for them")
        rig.end.answersAll = .refused
        try rig.run(4, 200)
        #expect(rig.counts.refused == 0)
        #expect(rig.counts.timeouts == 0)
        #expect(rig.counts.unknown == 0)
        #expect(rig.counts.confirmed == rig.counts.sent)
    }

    @Test("draining stops new events; what is open is finished")
    func drain() throws {
        let rig = try ProducerRig { $0.inFlight = 2 }
        try rig.step(ms(0))
        rig.client.beginDrain(at: ms(1))
        try #require([rig.client.isSettled] == [false])
        rig.end.answer(0, .confirmed, count: 2)
        try rig.run(1, 5)
        #expect(rig.crossed == [0, 1])
        try #require([rig.client.isSettled] == [true])
        #expect(rig.client.nextWake == .distantFuture)
    }

    @Test("what is open at the end counts as unknown")
    func finish() throws {
        let rig = try ProducerRig { $0.inFlight = 3 }
        try rig.step(ms(0))
        rig.end.answer(0, .confirmed)
        try rig.step(ms(1))
        rig.client.beginDrain(at: ms(1))
        rig.client.finish(at: ms(2))
        #expect(rig.counts.sent == 3)
        #expect(rig.counts.confirmed == 1)
        #expect(rig.counts.unknown == 2)
        #expect(rig.client.sendLedger.unresolved == 2)
        #expect(rig.end.isClosed)
    }

    @Test("only events due in the measured window are counted for rates")
    func measuredWindow() throws {
        let rig = try ProducerRig(window: MeasuredWindow(begin: ms(3), end: ms(6))) {
            $0.arrivals = .constant(perSecond: 1000)
            $0.inFlight = 100
        }
        rig.end.answersAll = .confirmed
        try rig.run(0, 10)
        #expect(rig.counts.sent == 11)
        #expect(rig.counts.sentInWindow == 3)
        #expect(rig.counts.confirmedInWindow == 3)
        #expect(rig.counts.bytesInWindow == 48)
    }

    @Test("a dead broker ends the step with its reason")
    func failure() throws {
        let rig = try ProducerRig()
        rig.end.failure = .brokerDied("killed")
        #expect(throws: DriverFailure.brokerDied("killed")) { try rig.step(ms(0)) }
    }
}

@Suite("The events that a producer makes")
struct EventFactoryTests {
    private static func keyed(number: UInt16) throws -> [EventHeader] {
        let rig = try ProducerRig(number: number, partitions: 4) {
            $0.keys = KeyDistribution(.uniform(count: 50))
            $0.inFlight = 400
        }
        try rig.run(0, 20)
        return rig.end.headers
    }

    @Test("numbers are dense within each partition, a key stays in one, for all producers")
    func keys() throws {
        let one = try Self.keyed(number: 0)
        let other = try Self.keyed(number: 1)
        #expect(one.count == 400)
        #expect(Set(one.map(\.id)).count == 400)
        for partition in UInt16(0)..<4 {
            let numbers = one.filter { $0.partition == partition }.map(\.n)
            #expect(numbers == (0..<UInt64(numbers.count)).map { $0 })
            #expect(numbers.count > 10)
        }
        for (_, events) in Dictionary(grouping: one + other, by: \.key) {
            #expect(Set(events.map(\.partition)).count == 1)
        }
        #expect(one.map(\.key) != other.map(\.key))
    }

    @Test("events without a key stay together for a batch and then move on")
    func sticky() throws {
        let rig = try ProducerRig(partitions: 3) { $0.inFlight = 3 * ProducerClient.batchCapacity }
        try rig.run(0, 2)
        let partitions = rig.end.headers.map(\.partition)
        let size = ProducerClient.batchCapacity
        #expect(partitions.count == 3 * size)
        for batch in 0..<3 {
            #expect(Set(partitions[batch * size..<(batch + 1) * size]).count == 1)
        }
        #expect(Set(partitions).count == 3)
        for partition in UInt16(0)..<3 {
            let numbers = rig.end.headers.filter { $0.partition == partition }.map(\.n)
            #expect(numbers == (0..<UInt64(size)).map { $0 })
        }
    }
}
