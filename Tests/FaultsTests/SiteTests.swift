import Messaging
import Testing
import Workloads

@testable import Faults

@Suite("Faults at a site")
struct SiteTests {
    private static let tenMilliseconds = DurationDistribution.fixed(.milliseconds(10))

    @Test("a site that no rule is about has no layer")
    func noLayer() {
        #expect(Passage([]) == nil)
        #expect(Passage([rule(.drop, at: .ack)]) == nil)
    }

    @Test("a dropped item never passes, its neighbours do")
    func drop() throws {
        var passage = try #require(Passage([rule(.drop) { $0.every = 2 }]))
        for n in 0..<6 { passage.pass(outbound(UInt64(n))) }
        #expect(passage.out == [0, 2, 4])
    }

    @Test("a duplicated item is followed by its numbered copies")
    func duplicate() throws {
        var passage = try #require(Passage([rule(.duplicate(extra: 2)) { $0.every = 2 }]))
        for n in 0..<2 { passage.pass(outbound(UInt64(n))) }
        #expect(passage.out == [0, 1, 1001, 2001])
    }

    @Test("held items keep the order of their lane, other lanes go on")
    func hold() throws {
        let delay = FaultKind.delay(Self.tenMilliseconds, order: .hold)
        var passage = try #require(Passage([rule(delay) { $0.every = 2 }]))
        passage.pass(outbound(1), at: ms(0), lane: 1)
        passage.pass(outbound(2), at: ms(1), lane: 1)
        passage.pass(outbound(4), at: ms(2), lane: 2)
        #expect(passage.out == [4])
        #expect(passage.layer.nextRelease == ms(10))
        passage.release(at: ms(9.9))
        #expect(passage.out == [4])
        passage.pass(outbound(6), at: ms(9.9), lane: 1)
        passage.release(at: ms(10))
        #expect(passage.out == [4, 1, 2, 6])
        passage.pass(outbound(8), at: ms(11), lane: 1)
        #expect(passage.out == [4, 1, 2, 6, 8], "nothing is held any more")
    }

    @Test("a shorter delay in the same lane does not come before a longer one")
    func heldBehindLonger() throws {
        let delay = FaultKind.delay(.uniform(.zero, .milliseconds(50)), order: .hold)
        var passage = try #require(Passage([rule(delay)]))
        for n in 0..<20 { passage.pass(outbound(UInt64(n)), at: ms(0)) }
        passage.release(at: .distantFuture)
        #expect(passage.out == ContiguousArray(0..<20))
    }

    @Test("a copy of an item that waits for its turn does not come before its turn either")
    func copyBehindHeld() throws {
        let delay = rule(.delay(Self.tenMilliseconds, order: .hold)) { $0.every = 2 }
        let twice = rule(.duplicate(extra: 1)) { $0.every = 3 }
        var passage = try #require(Passage([twice, delay]))
        for n in 1...3 { passage.pass(outbound(UInt64(n)), at: ms(Double(n)), lane: 1) }
        #expect(passage.out.isEmpty)
        passage.release(at: ms(20))
        #expect(passage.out == [1, 2, 1002, 3])
        passage.pass(outbound(4), at: ms(21), lane: 1)
        #expect(passage.out == [1, 2, 1002, 3, 4], "nothing is held any more")
    }

    @Test("overtaken items come later than their successors")
    func overtake() throws {
        let delay = FaultKind.delay(Self.tenMilliseconds, order: .overtake)
        var passage = try #require(Passage([rule(delay) { $0.every = 2 }]))
        for n in 1...4 { passage.pass(outbound(UInt64(n)), at: ms(Double(n))) }
        #expect(passage.out == [2, 4])
        passage.release(at: ms(11))
        #expect(passage.out == [2, 4, 1])
        passage.release(at: ms(13))
        #expect(passage.out == [2, 4, 1, 3])
    }

    @Test("an item beyond the bound of held ones passes at once and is counted")
    func overflow() throws {
        let delay = FaultKind.delay(Self.tenMilliseconds, order: .overtake)
        var passage = try #require(Passage([rule(delay, maxHeld: 3)]))
        for n in 0..<5 { passage.pass(outbound(UInt64(n))) }
        #expect(passage.out == [3, 4])
        #expect(passage.layer.heldCount == 3)
        #expect(passage.layer.counts[0].heldOverflow == 2)
    }

    @Test("a crash forgets what is held, and the lane is free again")
    func forgetHeld() throws {
        let delay = FaultKind.delay(Self.tenMilliseconds, order: .hold)
        var passage = try #require(Passage([rule(delay) { $0.every = 2 }]))
        passage.pass(outbound(1))
        passage.layer.removeAllHeld()
        passage.pass(outbound(2))
        passage.release(at: .distantFuture)
        #expect(passage.out == [2])
    }

    @Test("items are counted as armed, eligible and fired, and each strike is told once")
    func counts() throws {
        let two = rule(.drop, "second") {
            $0.partition = 1
            $0.every = 2
        }
        var passage = try #require(Passage([rule(.drop, at: .ack), two]))
        for n in 0..<8 { passage.pass(outbound(UInt64(n), partition: UInt16(n / 4)), at: ms(3)) }
        let counts = passage.layer.counts[1]
        #expect(counts.armed == 8)
        #expect(counts.eligible == 4)
        #expect(counts.fired == 2)
        #expect(counts.effective == 2)
        #expect(counts.first == ms(3))
        #expect(passage.layer.counts[0] == FaultCounts(), "it is about another site")
        let strikes = passage.layer.takeStrikes()
        #expect(strikes.map(\.rule) == [1, 1])
        #expect(strikes.map(\.subject.header.n) == [5, 7])
        #expect(passage.layer.takeStrikes().isEmpty)
    }

    @Test("counts of several workers add up, first and last are the extremes")
    func merge() {
        var one = FaultCounts()
        one.strike(at: ms(5))
        var other = FaultCounts()
        other.strike(at: ms(2))
        other.strike(at: ms(3))
        other.heldOverflow = 4
        one.merge(other)
        #expect(one.fired == 3)
        #expect(one.heldOverflow == 4)
        #expect(one.first == ms(2))
        #expect(one.last == ms(5))
    }
}

@Suite("When rules are armed")
struct WindowTests {
    private static let window = FaultWindow(begin: ms(100), end: ms(200))

    @Test(
        "a rule fires from its beginning to its end, both from the end of warm-up",
        arguments: [
            (0, nil, 99.9, false), (0, nil, 100, true), (0, nil, 199.9, true), (0, nil, 200, false),
            (20, nil, 119.9, false), (20, nil, 120, true), (20, 30, 149.9, true),
            (20, 30, 150, false), (90, 30, 200, false),
        ] as [(Int64, Int64?, Double, Bool)]
    )
    func window(from: Int64, length: Int64?, now: Double, fires: Bool) throws {
        let timed = rule(.drop) {
            $0.from = .milliseconds(from)
            $0.length = length.map { .milliseconds($0) }
        }
        var passage = try #require(Passage([timed], window: Self.window))
        passage.pass(outbound(0), at: ms(now))
        #expect(passage.out.isEmpty == fires)
        #expect(passage.layer.counts[0].armed == (fires ? 1 : 0))
    }

    @Test("draining disarms the site; what is held still comes when it is due")
    func disarm() throws {
        let delay = FaultKind.delay(.fixed(.milliseconds(10)), order: .hold)
        var passage = try #require(Passage([rule(delay)], window: Self.window))
        passage.pass(outbound(0), at: ms(150))
        passage.layer.disarm(at: ms(151))
        passage.pass(outbound(1), at: ms(152))
        #expect(passage.out.isEmpty, "it waits behind the one that is held")
        passage.release(at: ms(160))
        passage.pass(outbound(2), at: ms(161))
        #expect(passage.out == [0, 1, 2])
        #expect(passage.layer.counts[0].fired == 1)
    }

    @Test("disarming does not arm a rule for longer than its window")
    func lateDisarm() throws {
        var passage = try #require(Passage([rule(.drop)], window: Self.window))
        passage.layer.disarm(at: ms(500))
        passage.pass(outbound(0), at: ms(300))
        #expect(passage.out == [0])
    }
}
