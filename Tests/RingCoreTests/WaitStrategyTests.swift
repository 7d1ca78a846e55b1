import RingCore
import Testing

@Suite("Wait strategies", .watchdog)
struct WaitStrategyTests {
    @Test("an adaptive wait pauses, then yields, then parks for growing bounded spans")
    func adaptiveSteps() {
        var wait = AdaptiveWait(parkNanosecondsMax: 150_000)
        var steps: [AdaptiveWait.Step] = []
        for _ in 0..<36 {
            steps.append(wait.nextStep)
            wait.idle()
        }
        #expect(steps[0..<16].allSatisfy { $0 == .pause })
        #expect(steps[16..<32].allSatisfy { $0 == .yield })
        #expect(
            Array(steps[32...]) == [
                .park(nanoseconds: 50_000), .park(nanoseconds: 100_000),
                .park(nanoseconds: 150_000), .park(nanoseconds: 150_000),
            ]
        )
        wait.reset()
        #expect(wait.nextStep == .pause)
        for _ in 0..<32 { wait.idle() }
        #expect(wait.nextStep == .park(nanoseconds: 50_000), "a reset forgets the last span")
    }

    @Test("a park lasts as long as it says")
    func parks() {
        var wait = AdaptiveWait(parkNanosecondsMax: 5_000_000)
        while wait.nextStep != .park(nanoseconds: 5_000_000) { wait.idle() }
        let span = ContinuousClock().measure { wait.idle() }
        #expect(span >= .milliseconds(5))
        // Far more than any machine oversleeps.
        #expect(span < .seconds(2))
    }

    @Test("a bound below the first park is kept")
    func smallBound() {
        var wait = AdaptiveWait(parkNanosecondsMax: 10)
        for _ in 0..<32 { wait.idle() }
        #expect(wait.nextStep == .park(nanoseconds: 10))
        wait.idle()
        #expect(wait.nextStep == .park(nanoseconds: 10))
    }

    @Test("one thread hands over to another under either strategy")
    func handsOver() throws {
        try handOver(SpinningWait())
        try handOver(AdaptiveWait())
    }

    private func handOver(_ strategy: some WaitStrategy) throws {
        let ring = try HybridRing<UInt64>(capacity: 2)
        let producer = End(ring.makeProducer())
        let consumer = End(ring.makeConsumer())
        let failures = Failures()
        runThreads([
            {
                var wait = strategy
                for value in 0..<UInt64(50) {
                    while producer.value.tryPublish(value) != nil { wait.idle() }
                    wait.reset()
                }
            },
            {
                var wait = strategy
                for value in 0..<UInt64(50) {
                    var taken = consumer.value.tryTake()
                    while taken == nil {
                        wait.idle()
                        taken = consumer.value.tryTake()
                    }
                    wait.reset()
                    if taken != value { failures.add("took another value than \(value)") }
                }
            },
        ])
        #expect(failures.all == [])
    }
}
