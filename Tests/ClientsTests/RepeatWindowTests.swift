import HistoryChecks
import Messaging
import Testing
import Workloads

@testable import Clients

@Suite("An idempotent producer and the broker's memory of its numbers")
struct RepeatWindowTests {
    private static func rig(
        window: Int,
        partitions: Int = 1,
        isIdempotent: Bool = true,
        _ configure: (inout ProducerSettings) -> Void = { _ in }
    ) throws -> ProducerRig {
        try ProducerRig(partitions: partitions, deduplicationWindow: window) {
            $0.inFlight = 256
            $0.isIdempotent = isIdempotent
            configure(&$0)
        }
    }

    @Test("nothing new is made that would push an open event out of the window")
    func held() throws {
        let rig = try Self.rig(window: 128)
        try rig.run(0, 5)
        #expect(rig.crossed == (0..<128).map { $0 })
        rig.end.answer(1, .confirmed, count: 127)
        try rig.run(6, 10)
        #expect(rig.crossed.count == 128, "0 is still open")
        rig.end.answer(0, .confirmed)
        try rig.run(11, 12)
        #expect(rig.crossed.count == 192, "with the next batch")
        try rig.run(13, 20)
        #expect(rig.crossed.count == 256)
    }

    @Test("what became of the open event does not matter, once it is known or given up")
    func resolved() throws {
        for outcome in [CrossingOutcome.refused, .indeterminate, nil] {
            let rig = try Self.rig(window: 64)
            try rig.run(0, 5)
            rig.end.answer(1, .confirmed, count: 63)
            if let outcome { rig.end.answer(0, outcome) }
            try rig.run(6, 99)
            #expect(rig.crossed.count == (outcome == nil ? 64 : 128))
            try rig.run(100, 110)
            #expect(rig.crossed.count >= 128)
        }
    }

    @Test("an event that is tried again holds as long as its first attempt does")
    func retried() throws {
        let rig = try Self.rig(window: 64) {
            $0.retry = RetryPolicy(attempts: 3, backoff: .fixed(.milliseconds(20)))
        }
        try rig.run(0, 5)
        rig.end.answer(1, .confirmed, count: 63)
        try rig.run(6, 200)
        #expect(rig.attempts.suffix(2) == [1, 2])
        #expect(rig.end.headers.last?.n == 0)
        #expect(rig.crossed.count == 65)
        rig.end.answer(64, .confirmed)
        try rig.run(201, 205)
        #expect(rig.crossed.count == 65 + 64)
    }

    @Test("each partition has its own window, and the narrowest counts")
    func partitions() throws {
        let rig = try Self.rig(window: 128, partitions: 4) {
            $0.keys = KeyDistribution(.uniform(count: 50))
        }
        try rig.step(ms(0))
        let first = try #require(rig.end.headers.first)
        var answered = 1
        for moment in 1...100 {
            let count = rig.end.headers.count
            if count > answered {
                rig.end.answer(answered, .confirmed, count: UInt32(count - answered))
            }
            answered = count
            try rig.step(ms(Double(moment) / 10))
        }
        var newest = rig.end.headers.filter { $0.partition == first.partition }.map(\.n).max()
        #expect(try #require(newest) < 128)
        #expect(rig.crossed.count > 192, "more than one window of a single partition")
        let others = Set(rig.end.headers.map(\.partition)).subtracting([first.partition])
        #expect(others.count == 3)
        rig.end.answer(0, .confirmed)
        let held = rig.crossed.count
        try rig.run(11, 12)
        #expect(rig.crossed.count > held)
        newest = rig.end.headers.filter { $0.partition == first.partition }.map(\.n).max()
        #expect(try #require(newest) < 128 + 128)
    }

    @Test("a window narrower than a batch narrows the batch", arguments: [1, 5, 31])
    func narrow(width: Int) throws {
        let rig = try Self.rig(window: width)
        try rig.run(0, 5)
        #expect(rig.crossed.count == width)
        rig.end.answer(0, .confirmed, count: UInt32(width))
        try rig.run(6, 10)
        #expect(rig.crossed.count == 2 * width)
    }

    @Test("who is not recognised anyway is not held")
    func unlimited() throws {
        let plain = try Self.rig(window: 64, isIdempotent: false)
        try plain.run(0, 20)
        #expect(plain.crossed.count == 256)
        let unknown = try Self.rig(window: 0)
        try unknown.run(0, 20)
        #expect(unknown.crossed.count == 256)
    }
}
