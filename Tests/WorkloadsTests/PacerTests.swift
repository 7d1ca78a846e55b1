import Messaging
import Testing

@testable import Workloads

private func pacer(_ arrivals: ArrivalProcess, start: Int64 = 0, seed: UInt64 = 7) -> Pacer {
    Pacer(
        arrivals: arrivals,
        start: Instant(nanoseconds: start),
        hash: KeyedHash(seed: seed)
    )
}

private func dueTimes(_ pacer: Pacer, count: Int) -> [Int64] {
    var pacer = pacer
    return (0..<count).map { _ in
        defer { pacer.advance() }
        return pacer.nextDue?.nanoseconds ?? -1
    }
}

@Suite struct PacerTests {
    @Test(
        "a constant rate does not drift over a thousand million events",
        arguments: [
            (3, 333_333_333_333_333_334),
            (1_000.0, 1_000_000_000_000_000),
            (7_000_000.0, 142_857_142_858),
            (0.1 + 0.2, 3_333_333_333_333_333_334),
        ] as [(Double, Int64)]
    )
    func doesNotDrift(perSecond: Double, due: Int64) {
        var schedule = pacer(.constant(perSecond: perSecond))
        schedule.advance(by: 1_000_000_000)
        #expect(schedule.nextDue == Instant(nanoseconds: due))
    }

    @Test(
        "steps one by one arrive where one long step arrives",
        arguments: [
            .constant(perSecond: 3),
            .constant(perSecond: 999_983),
            .constant(perSecond: 3e9),
            .constant(perSecond: 0.7),
            .stages([
                .init(duration: .milliseconds(10), perSecond: 70_001),
                .init(duration: .milliseconds(3), perSecond: 0),
                .init(duration: .nanoseconds(17), perSecond: 1.5e9),
                .init(duration: .seconds(1), perSecond: 11.3),
            ]),
        ] as [ArrivalProcess]
    )
    func stepsAddUp(arrivals: ArrivalProcess) {
        var stepping = pacer(arrivals, start: 12_345)
        for step in 0..<3000 {
            var jumping = pacer(arrivals, start: 12_345)
            jumping.advance(by: UInt64(step))
            #expect(stepping.nextDue == jumping.nextDue, "step \(step)")
            stepping.advance()
        }
    }

    @Test("the first event is due at the start and the others follow evenly")
    func isEven() {
        #expect(
            dueTimes(pacer(.constant(perSecond: 3), start: 50), count: 4)
                == [50, 333_333_384, 666_666_717, 1_000_000_050]
        )
    }

    @Test("stages change the rate where they say and keep the fraction of an event between them")
    func stagesFollow() {
        let stages: [ArrivalProcess.Stage] = [
            .init(duration: .milliseconds(250), perSecond: 10),
            .init(duration: .milliseconds(100), perSecond: 0),
            .init(duration: .milliseconds(1), perSecond: 1000),
        ]
        let times = dueTimes(pacer(.stages(stages)), count: 6).map { $0 / 100_000 }
        #expect(times == [0, 1000, 2000, 3505, 3515, 3525])
    }

    @Test("a schedule that ends in silence has no further event")
    func silenceIsForEver() {
        var schedule = pacer(
            .stages([
                .init(duration: .seconds(1), perSecond: 2),
                .init(duration: .seconds(1), perSecond: 0),
            ])
        )
        schedule.advance(by: 2)
        #expect(schedule.nextDue == Instant(nanoseconds: 1_000_000_000))
        schedule.advance()
        #expect(schedule.nextDue == .distantFuture)
        schedule.advance(by: 1 << 40)
        #expect(schedule.take(dueBy: Instant(nanoseconds: .max - 1)) == nil)
        #expect(pacer(.stages([])).nextDue == .distantFuture)
        #expect(pacer(.constant(perSecond: 0)).nextDue == .distantFuture)
        #expect(pacer(.poisson(perSecond: 0)).nextDue == .distantFuture)
    }

    @Test("a very low rate never comes round to the past")
    func lowRateSaturates() {
        var schedule = pacer(.constant(perSecond: 1e-9))
        var last: Instant = .zero
        for _ in 0..<20 {
            schedule.advance()
            #expect(schedule.nextDue ?? .zero >= last)
            last = schedule.nextDue ?? .zero
        }
        #expect(last == .distantFuture)
    }

    @Test("events that are sent late keep their intended times")
    func lateEventsKeepTheirTimes() {
        var schedule = pacer(.constant(perSecond: 1000))
        let now = Instant(nanoseconds: 2_500_000)
        var taken: [Int64] = []
        while let due = schedule.take(dueBy: now) { taken.append(due.nanoseconds) }
        #expect(taken == [0, 1_000_000, 2_000_000])
        #expect(schedule.nextDue == Instant(nanoseconds: 3_000_000))
        #expect(schedule.index == 3)
    }

    @Test("a closed loop has no schedule and every event is due at once")
    func closedLoopIsDueNow() {
        var schedule = pacer(.closedLoop)
        #expect(schedule.nextDue == nil)
        #expect(schedule.take(dueBy: Instant(nanoseconds: 99)) == Instant(nanoseconds: 99))
        #expect(schedule.index == 1)
    }

    @Test(
        "Poisson intervals have the mean and the variance of their distribution",
        arguments: [
            1 as UInt64, 2, 3,
        ]
    )
    func poissonMoments(seed: UInt64) {
        let count = 100_000
        let times = dueTimes(pacer(.poisson(perSecond: 1000), seed: seed), count: count)
        let intervals = zip(times, times.dropFirst()).map { Double($1 - $0) }
        let mean = intervals.reduce(0, +) / Double(intervals.count)
        let squares = intervals.map { ($0 - mean) * ($0 - mean) }
        let variance = squares.reduce(0, +) / Double(intervals.count)
        #expect(abs(mean / 1e6 - 1) < 0.015, "seed \(seed)")
        #expect(abs(variance / 1e12 - 1) < 0.04, "seed \(seed)")
        // Counts in windows of 10 ms: index of dispersion 1.
        var windows = [Int](repeating: 0, count: Int(times[count - 1] / 10_000_000))
        for time in times where time / 10_000_000 < windows.count {
            windows[Int(time / 10_000_000)] += 1
        }
        let average = Double(windows.reduce(0, +)) / Double(windows.count)
        let spread = windows.map { pow2(Double($0) - average) }.reduce(0, +)
        #expect(abs(spread / Double(windows.count) / average - 1) < 0.06, "seed \(seed)")
    }

    @Test("equal seeds give equal Poisson schedules and others differ")
    func poissonIsSeeded() {
        let process = ArrivalProcess.poisson(perSecond: 5000)
        let first = dueTimes(pacer(process, seed: 1), count: 100)
        #expect(first == dueTimes(pacer(process, seed: 1), count: 100))
        #expect(first != dueTimes(pacer(process, seed: 2), count: 100))
        var jumping = pacer(process, seed: 1)
        jumping.advance(by: 99)
        #expect(jumping.nextDue?.nanoseconds == first[99])
    }

    private func pow2(_ value: Double) -> Double { value * value }
}
