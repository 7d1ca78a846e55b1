import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging
import Testing
import Workloads

@testable import Clients

@Suite("When a consumer receives, handles and answers")
struct ConsumerAnswerTests {
    @Test(
        "each event takes its processing time, one after another; the answer comes as agreed",
        arguments: [
            (AckMode.afterProcessing, [5, 10, 15]), (.onReceive, [0, 0, 0]), (.never, [0, 0, 0]),
        ] as [(AckMode, [Double])]
    )
    func processing(mode: AckMode, answered: [Double]) throws {
        let rig = ConsumerRig {
            $0.ack = mode
            $0.processing = .fixed(.milliseconds(5))
        }
        for n in 0..<3 as Range<UInt64> { rig.offer(n) }
        var applied: [Double] = []
        for moment in 0...20 {
            let before = rig.counts.applied
            try rig.step(Double(moment))
            for _ in before..<rig.counts.applied { applied.append(Double(moment)) }
        }
        #expect(applied == [5, 10, 15])
        #expect(rig.acknowledged == [0, 1, 2])
        #expect(rig.end.times == answered.map { ms($0) })
        #expect(rig.counts.handled == 3)
        #expect(rig.effects.distinct == 3)
    }

    @Test("a handler that had nothing to do begins when its event arrives")
    func idleHandler() throws {
        let rig = ConsumerRig { $0.processing = .fixed(.milliseconds(5)) }
        rig.offer(0)
        try rig.run(0, 6)
        rig.offer(1)
        try rig.run(7, 20)
        #expect(rig.end.times == [ms(5), ms(12)])
    }

    @Test("no more is asked for than prefetch leaves room for")
    func prefetch() throws {
        let rig = ConsumerRig(prefetch: 3) { $0.processing = .fixed(.milliseconds(5)) }
        for n in 0..<5 as Range<UInt64> { rig.offer(n) }
        try rig.run(0, 4)
        #expect(rig.end.asked == [3])
        #expect(rig.client.nextWake == .zero)
        try rig.run(5, 10)
        #expect(rig.end.asked == [3, 1])
        #expect(rig.client.nextWake == ms(10))
        try rig.run(11, 40)
        #expect(rig.acknowledged == [0, 1, 2, 3, 4])
        #expect(rig.isIdle)
        #expect(rig.client.nextWake == .distantFuture)
    }

    @Test("at most 64 deliveries are taken at once")
    func batches() throws {
        let rig = ConsumerRig(prefetch: 200)
        for n in 0..<100 as Range<UInt64> { rig.offer(n) }
        try rig.step(0)
        #expect(rig.acknowledged.count == 64)
        try rig.step(1)
        #expect(rig.acknowledged == (0..<100).map { $0 })
        #expect(rig.end.asked == [64, 64])
    }

    @Test("a batch in one piece and event by event come to the same", arguments: [false, true])
    func wholeBatches(isRecorded: Bool) throws {
        let rig = ConsumerRig(
            window: MeasuredWindow(begin: ms(1), end: ms(4)),
            history: isRecorded ? .full : .none
        )
        for n in 0..<6 as Range<UInt64> {
            rig.offer(n, attempt: n == 3 ? 2 : 1) {
                // Two of each moment: due at 0, 1 and 2 ms, sent 1 ms later.
                $0.header.due = ms(Double(n / 2))
                $0.header.sent = ms(Double(n / 2 + 1))
            }
        }
        rig.offer(9) { $0.header.digest ^= 1 }
        try rig.step(8)
        #expect(rig.acknowledged == [0, 1, 2, 3, 4, 5, 9])
        #expect(rig.counts.delivered == 7)
        #expect(rig.counts.redelivered == 1)
        #expect(rig.counts.applied == 6)
        #expect(rig.counts.handledInWindow == 4)
        #expect(rig.counts.givenUp == 1)
        #expect(rig.effects.distinct == 6)
        for stage in [LatencyStage.endToEnd, .apply] {
            // Redeliveries are no first deliveries.
            let expected = stage == .apply ? 4 : 3 as Int64
            let response = try #require(rig.latency(stage, .response))
            #expect(response.total == expected)
            #expect(response.lowest == 6_000_000 && response.highest == 7_000_000)
            let service = try #require(rig.latency(stage, .service))
            #expect(service.total == expected)
            #expect(service.lowest == 5_000_000 && service.highest == 6_000_000)
            let slip = try #require(rig.latency(stage, .slip))
            #expect(slip.lowest == 1_000_000 && slip.highest == 1_000_000)
        }
        rig.client.finish(at: ms(9))
        #expect(rig.effects.handlerState == rig.effects.reference)
        #expect(rig.end.isClosed)
    }

    @Test("latency ends when the handler does, not when the delivery came")
    func latencyOfProcessing() throws {
        let rig = ConsumerRig { $0.processing = .fixed(.milliseconds(5)) }
        rig.offer(0)
        try rig.run(0, 5)
        #expect(rig.latency(.endToEnd, .response)?.highest == 5_000_000)
        #expect(rig.latency(.apply, .response)?.highest == 5_000_000)
    }

    @Test("the broker's words on answers are counted by what they were about")
    func results() throws {
        let fails = FaultKind.fail(isPoison: false, afterEffect: false)
        let rig = ConsumerRig(faults: [rule(fails, at: .process) { $0.nth = 1 }]) {
            $0.retry = RetryPolicy(attempts: 2, backoff: .none)
        }
        rig.end.outcome = nil
        for n in 0..<4 as Range<UInt64> { rig.offer(n) }
        try rig.run(0, 1)
        #expect(rig.refused == [0] && rig.acknowledged == [1, 2, 3])
        #expect(!rig.isIdle, "results are open")
        #expect(rig.counts.acknowledged == 0)
        rig.end.answer(3, .staleReceipt)
        rig.end.answer(0, .settled)
        rig.end.answer(1, .settled)
        try rig.step(2)
        #expect(!rig.isIdle)
        rig.end.answer(2, .indeterminate)
        try rig.step(3)
        #expect(rig.isIdle)
        #expect(rig.counts.stale == 1)
        #expect(rig.counts.refused == 1)
        #expect(rig.counts.acknowledged == 2)
        // The refused one is due at once, the stale one when its lease ends.
        #expect(rig.group.outstanding.count == 2)
        #expect(rig.group.outstanding.latest == ms(0))
    }

    @Test(
        "the ledger hears of each answer what it says, however they follow one another",
        arguments: [1, 2] as [UInt64]
    )
    func ledger(every: UInt64) throws {
        let fails = FaultKind.fail(isPoison: false, afterEffect: false)
        let rig = ConsumerRig(faults: [rule(fails, at: .process) { $0.every = every }]) {
            $0.retry = RetryPolicy(
                attempts: 5,
                backoff: .exponential(
                    base: .milliseconds(500),
                    factor: 1,
                    cap: .milliseconds(500),
                    jitter: .full
                )
            )
        }
        rig.end.outcome = nil
        for n in 0..<8 as Range<UInt64> { rig.offer(n) }
        try rig.step(0)
        #expect(rig.refused == (every == 1 ? Array(0..<8) : [1, 3, 5, 7]))
        #expect(Set(rig.delays).count == rig.refused.count, "each draws its own wait")
        #expect(rig.group.outstanding.latest == ms(1000), "a refusal may not have arrived")
        rig.end.answer(0, .settled, count: 8)
        try rig.step(1)
        #expect(rig.group.outstanding.count == rig.refused.count)
        #expect(rig.group.outstanding.latest == ms(rig.delays.max() ?? 0))
        #expect(rig.counts.refused == UInt64(rig.refused.count))
        #expect(rig.counts.acknowledged == 8 - rig.counts.refused)
    }

    @Test("what waits inside is handled before the member asks for more, as far as answers go")
    func answersBounded() throws {
        let rig = ConsumerRig(faults: [rule(.duplicate(extra: 9), at: .ack)])
        for n in 0..<64 as Range<UInt64> { rig.offer(n) }
        try rig.run(0, 10)
        let expected = (0..<64).flatMap { n in Array(repeating: Int64(n), count: 10) }
        #expect(rig.acknowledged == expected)
        #expect(rig.counts.applied == 64)
        #expect(rig.isIdle)
    }
}

@Suite("The answers of a consumer that wait for a word on them")
struct AnswerQueueTests {
    private static func delivery(_ receipt: UInt64) -> Delivery {
        Delivery(
            header: EventHeader(),
            payload: PayloadReference(),
            receipt: receipt,
            offset: 0,
            invoked: .zero,
            attempt: 1,
            topic: 0,
            partition: 0,
            isRedelivered: false,
            envelope: .intact
        )
    }

    @Test("are numbered in the order in which they were sent")
    func numbers() {
        var queue = AnswerQueue(capacity: 4)
        queue.append(Settlement(.ack, of: Self.delivery(1)), ordinal: 10)
        queue.removeUnsent()
        queue.append(Settlement(.nack, of: Self.delivery(2)), ordinal: 11)
        queue.append(Settlement(.ack, of: Self.delivery(3)), ordinal: 12)
        var isSettled = queue.isSettled
        #expect(!isSettled)
        queue.markSent()
        let first = queue.close(0, count: 2).run
        let second = queue.close(1, count: 1).run
        #expect(first?.ordinals == 11..<12 && first?.kind == .nack)
        #expect(second?.ordinals == 12..<13 && second?.kind == .ack)
        isSettled = queue.isSettled
        #expect(isSettled)
        let third = queue.close(2, count: 1)
        #expect(third.count == 1 && third.run == nil, "never sent")
    }

    @Test("are remembered sixteen times as long as the queue is, and no longer")
    func bound() {
        var queue = AnswerQueue(capacity: 2)
        for number in 0..<33 as Range<UInt64> {
            queue.append(Settlement(.ack, of: Self.delivery(number)), ordinal: number + 100)
            queue.markSent()
        }
        let ordinals = [0, 1, 32].map { queue.close($0, count: 1).run?.ordinal }
        #expect(ordinals == [nil, 101, 132])
    }

    @Test("are taken by runs that a result may begin or end inside")
    func runs() {
        var queue = AnswerQueue(capacity: 4)
        // Ordinals 0..<4 and 4..<8 in two sendings of acknowledgements, then a refusal apart.
        for first in [0, 4] as [UInt64] {
            for ordinal in first..<first + 4 {
                queue.append(Settlement(.ack, of: Self.delivery(1)), ordinal: ordinal)
            }
            queue.markSent()
        }
        queue.append(Settlement(.nack, of: Self.delivery(1), nanoseconds: 5), ordinal: 8)
        queue.markSent()
        var number: UInt64 = 1
        var taken: [Range<UInt64>] = []
        while number < 9 {
            let (count, run) = queue.close(number, count: Int(9 - number))
            if let run { taken.append(run.ordinals) }
            number += UInt64(count)
        }
        #expect(taken == [1..<4, 4..<8, 8..<9])
        let isSettled = queue.isSettled
        #expect(!isSettled, "the result of answer 0 is open")
        let tooOld = queue.close(0, count: 1).run?.ordinals
        #expect(tooOld == 0..<1)
    }
}
