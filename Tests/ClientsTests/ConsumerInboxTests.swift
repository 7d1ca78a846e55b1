import Faults
import HistoryChecks
import Messaging
import Synchronization
import Testing
import Workloads

@testable import Clients

@Suite("A consumer's inbox")
struct ConsumerInboxTests {
    @Test("recognises a redelivery: acknowledged, not attempted; without one it takes effect again")
    func redelivery() throws {
        for isKept in [true, false] {
            let refusesAgain = rule(.fail(isPoison: false, afterEffect: false), at: .process) {
                $0.attempt = 3
            }
            let rig = ConsumerRig(faults: [refusesAgain], inbox: isKept ? inbox() : nil) {
                $0.retry = RetryPolicy(attempts: 9, backoff: .none)
            }
            for attempt in 1...3 as ClosedRange<UInt32> {
                rig.offer(0, attempt: attempt)
                try rig.step(Double(attempt))
            }
            #expect(rig.counts.applied == (isKept ? 1 : 2))
            #expect(rig.counts.recognised == (isKept ? 2 : 0))
            #expect(rig.acknowledged.count == (isKept ? 3 : 2))
            #expect(rig.fired == (isKept ? 0 : 1), "what is known is not handled")
            #expect(rig.counts.handled == 3)
        }
    }

    @Test("remembers for its window and no longer, from the effect on")
    func window() throws {
        let rig = ConsumerRig(inbox: inbox(milliseconds: 100))
        for moment in [0, 60, 100] as [Double] {
            rig.offer(0, attempt: 2)
            try rig.step(moment)
        }
        #expect(rig.counts.recognised == 2)
        rig.offer(0, attempt: 3)
        try rig.step(100.001)
        #expect(rig.counts.applied == 2, "forgotten")
        rig.offer(0, attempt: 4)
        try rig.step(200)
        #expect(rig.counts.recognised == 3, "remembered anew")
    }

    @Test("remembers so many events, the oldest is forgotten first")
    func bound() throws {
        let rig = ConsumerRig(inbox: inbox(2))
        for n in [0, 1, 2] as [UInt64] { rig.offer(n) }
        for n in [2, 1] as [UInt64] { rig.offer(n, attempt: 2) }
        try rig.step(0)
        #expect(rig.counts.applied == 3 && rig.counts.recognised == 2)
        rig.offer(0, attempt: 2)
        try rig.step(1)
        #expect(rig.counts.applied == 4)
        for n in [2, 1] as [UInt64] { rig.offer(n, attempt: 3) }
        try rig.step(2)
        #expect(rig.counts.applied == 5, "1 has made room for 0")
        #expect(rig.counts.recognised == 3)
    }

    @Test("belongs to the group, not to a member")
    func shared() throws {
        let one = ConsumerRig(inbox: inbox())
        let other = ConsumerRig(member: 1, inbox: inbox(), sharing: one)
        one.offer(0)
        try one.step(0)
        other.offer(0, attempt: 2)
        try other.step(1)
        #expect(other.counts.recognised == 1 && other.counts.applied == 0)
        #expect(other.acknowledged == [0])
    }

    @Test("marks an event with its effect, so that a later refusal does not repeat it")
    func failAfterEffect() throws {
        for isKept in [true, false] {
            let fails = rule(.fail(isPoison: false, afterEffect: true), at: .process) {
                $0.attempt = 1
            }
            let rig = ConsumerRig(faults: [fails], inbox: isKept ? inbox() : nil) {
                $0.retry = RetryPolicy(attempts: 3, backoff: .fixed(.milliseconds(7)))
            }
            rig.offer(0)
            try rig.step(0)
            #expect(rig.counts.applied == 1)
            #expect(rig.refused == [0] && rig.delays == [7] && rig.acknowledged.isEmpty)
            rig.offer(0, attempt: 2)
            try rig.step(10)
            #expect(rig.acknowledged == [0])
            #expect(rig.counts.applied == (isKept ? 1 : 2))
            #expect(rig.counts.recognised == (isKept ? 1 : 0))
            let event = EventID(producer: 0, epoch: 0, sequence: 0)
            let next = rig.group.shared.withLock { $0.attempts.fail(event) }
            #expect(next == 1, "nothing is kept of an event that is through")
        }
    }
}

@Suite("A consumer that fails to handle an event")
struct ConsumerRetryTests {
    private static let fails = FaultKind.fail(isPoison: false, afterEffect: false)

    private static func rig(
        _ rules: [FaultRule] = [rule(fails, at: .process) { $0.nth = 1 }],
        attempts: Int = 3,
        deadLetters: Bool = true,
        capabilities: Capabilities = [.confirm, .nack, .redelivery, .offsets]
    ) -> ConsumerRig {
        ConsumerRig(faults: rules, capabilities: capabilities) {
            $0.retry = RetryPolicy(
                attempts: attempts,
                backoff: .exponential(
                    base: .milliseconds(10),
                    factor: 2,
                    cap: .milliseconds(25),
                    jitter: .none
                )
            )
            guard deadLetters else { return }
            $0.deadLetterTopic = ConsumerRig.deadLetterTopic
            $0.deadLetterProducer = ConsumerRig.deadLetterProducer
        }
    }

    private static func alwaysFailing(
        attempts: Int = 3,
        deadLetters: Bool = true,
        capabilities: Capabilities = [.confirm, .nack, .redelivery, .offsets]
    ) -> ConsumerRig {
        rig(
            [rule(fails, at: .process)],
            attempts: attempts,
            deadLetters: deadLetters,
            capabilities: capabilities
        )
    }

    @Test("asks for it again after a growing wait, as often as the policy says")
    func attempts() throws {
        let rig = Self.alwaysFailing(attempts: 5, deadLetters: false)
        for attempt in 0..<5 {
            // The broker's count is not the handler's: it may have lost deliveries on the way.
            rig.offer(0, attempt: UInt32(3 * attempt + 1))
            try rig.step(Double(attempt))
        }
        #expect(rig.delays == [10, 20, 25, 25])
        #expect(rig.acknowledged == [0], "given up after the last attempt")
        #expect(rig.counts.givenUp == 1 && rig.effects.givenUp == 1)
        #expect(rig.counts.applied == 0 && rig.counts.handled == 5)
        #expect(rig.counts.deadLettered == 0)
    }

    @Test("begins to count anew once the event was handled or given up")
    func newCount() throws {
        let rig = Self.rig(
            [rule(Self.fails, at: .process) { $0.attempt = 1 }],
            attempts: 2,
            deadLetters: false
        )
        for (moment, attempt) in [1, 2, 1].enumerated() {
            rig.offer(0, attempt: UInt32(attempt))
            try rig.step(Double(moment))
        }
        #expect(rig.refused == [0, 0] && rig.delays == [10, 10])
        rig.offer(0, attempt: 1)
        try rig.step(9)
        #expect(rig.counts.givenUp == 1)
        rig.offer(0, attempt: 1)
        try rig.step(10)
        #expect(rig.delays == [10, 10, 10])
    }

    @Test("never asks again when it has answered on receipt or does not answer")
    func earlyAnswers() throws {
        for mode in [AckMode.onReceive, .never] {
            let rig = ConsumerRig(faults: [rule(Self.fails, at: .process)]) {
                $0.ack = mode
                $0.retry = RetryPolicy(attempts: 3, backoff: .none)
            }
            rig.offer(0)
            try rig.run(0, 1)
            #expect(rig.acknowledged == [0] && rig.refused.isEmpty)
            #expect(rig.counts.givenUp == 1 && rig.counts.applied == 0)
        }
    }

    @Test("writes a dead letter after the last attempt, and only then acknowledges")
    func deadLetter() throws {
        let rig = Self.alwaysFailing()
        for attempt in 1...3 as ClosedRange<UInt32> {
            rig.offer(5, key: 4, attempt: attempt, producer: 2, partition: 3)
            try rig.step(Double(attempt))
        }
        #expect(rig.delays == [10, 20])
        #expect(rig.acknowledged.isEmpty && rig.counts.deadLettered == 0)
        #expect(!rig.isIdle)
        let letter = try #require(rig.deadEnd.published.first)
        let original = rig.offer(5, key: 4, producer: 2, partition: 3)
        rig.end.queue = []
        #expect(letter.topic == ConsumerRig.deadLetterTopic)
        var expected = original.header
        expected.n = 0
        expected.producer = ConsumerRig.deadLetterProducer
        expected.partition = 0
        expected.deadLetterReason = DeadLetterReason.attemptsExhausted.rawValue
        expected.deadLetterAttempts = 3
        #expect(letter.header == expected)
        #expect(Self.isIntact(letter.payload, n: 5))
        rig.deadEnd.answer(0, .confirmed)
        try rig.run(4, 5)
        #expect(rig.acknowledged == [5])
        #expect(rig.counts.deadLettered == 1 && rig.counts.givenUp == 0)
        #expect(rig.isIdle)
    }

    @Test("numbers its dead letters densely")
    func numbers() throws {
        let rig = Self.alwaysFailing(attempts: 1)
        rig.deadEnd.answersAll = .confirmed
        for n in [4, 8, 6] as [UInt64] { rig.offer(n) }
        try rig.run(0, 1)
        #expect(rig.deadEnd.headers.map(\.n) == [0, 1, 2])
        #expect(rig.deadEnd.headers.map(\.deadLetterAttempts) == [1, 1, 1])
        #expect(rig.acknowledged == [4, 8, 6])
    }

    @Test("tries a refused dead letter again, and waits for room", arguments: [false, true])
    func deadLetterRetry(isFull: Bool) throws {
        let rig = Self.alwaysFailing(attempts: 1)
        if isFull { rig.deadEnd.room = 0 } else { rig.deadEnd.answersAll = .refused }
        rig.offer(0)
        try rig.run(0, 9)
        #expect(rig.deadEnd.published.count == (isFull ? 0 : 1))
        rig.deadEnd.room = .max
        rig.deadEnd.answersAll = .confirmed
        try rig.run(10, 12)
        #expect(rig.deadEnd.published.count == (isFull ? 1 : 2))
        #expect(rig.acknowledged == [0] && rig.counts.deadLettered == 1)
    }

    @Test("takes a body from where it lies now, and never writes another one's")
    func movedBodies() throws {
        for isLost in [false, true] {
            let rig = Self.alwaysFailing(attempts: 1)
            rig.deadEnd.answersAll = .confirmed
            let delivery = rig.offer(0)
            rig.end.moved[delivery.receipt] = rig.body(isLost ? 1 : 256)
            try rig.run(0, 2)
            #expect(rig.deadEnd.published.count == (isLost ? 0 : 1))
            #expect(rig.acknowledged == (isLost ? [] : [0]))
            #expect(rig.isIdle)
        }
    }

    @Test("leaves the dead letter to a broker that can write it")
    func brokersDeadLetter() throws {
        let rig = Self.alwaysFailing(
            attempts: 1,
            capabilities: [.nack, .redelivery, .deadLetter]
        )
        rig.offer(0)
        try rig.run(0, 1)
        #expect(rig.end.offsets(.deadLetter) == [0])
        #expect(rig.acknowledged.isEmpty && rig.deadEnd.published.isEmpty)
        #expect(rig.counts.deadLettered == 1)
        #expect(rig.group.outstanding.count == 0)
    }

    @Test("gives a broken body up at once: no attempt can mend it")
    func brokenBody() throws {
        for edit in [{ $0.header.digest ^= 1 }, { $0.header.payloadBytes = 15 }]
            as [(inout Delivery) -> Void]
        {
            let rig = Self.alwaysFailing()
            rig.offer(0, edit)
            rig.offer(1)
            try rig.run(0, 1)
            #expect(rig.acknowledged == [0] && rig.refused == [1])
            #expect(rig.counts.givenUp == 1)
            #expect(rig.fired == 1, "the handler did not see the broken one")
        }
    }

    @Test("acknowledges what is not of this run, without effect")
    func strangers() throws {
        let rig = ConsumerRig(inbox: inbox())
        rig.offer(0) { $0.envelope = .foreign }
        rig.offer(1) { $0.envelope = .unrecognised }
        try rig.step(0)
        #expect(rig.acknowledged == [0, 1])
        #expect(rig.counts.foreign == 1)
        #expect(rig.counts.applied == 0 && rig.counts.givenUp == 0)
    }

    @Test("never gets a poisoned event done, not even while draining; others go on")
    func poison() throws {
        let poison = rule(.fail(isPoison: true, afterEffect: false), at: .process) { $0.every = 2 }
        let rig = Self.rig([poison], deadLetters: false)
        for n in 0..<2 as Range<UInt64> { rig.offer(n) }
        try rig.step(0)
        rig.client.beginDrain(at: ms(1))
        for attempt in [2, 3] as [UInt32] {
            rig.offer(1, attempt: attempt)
            try rig.step(Double(attempt))
        }
        #expect(rig.refused == [1, 1])
        #expect(rig.acknowledged == [0, 1])
        #expect(rig.counts.givenUp == 1 && rig.counts.applied == 1)
    }

    @Test("succeeds while draining, when only chance made it fail")
    func draining() throws {
        let rig = Self.alwaysFailing()
        rig.offer(0)
        try rig.step(0)
        rig.client.beginDrain(at: ms(1))
        rig.offer(0, attempt: 2)
        try rig.step(2)
        #expect(rig.refused == [0] && rig.acknowledged == [0])
    }

    private static func isIntact(_ payload: PayloadReference, n: UInt64) -> Bool {
        // SAFETY: the bodies live as long as the rig.
        unsafe payload.count == 16 && payload.bytes.allSatisfy { $0 == UInt8(n) }
    }
}

@Suite("A table of event identifiers")
struct EventIDTableTests {
    @Test(
        "answers as a set does, however full and whatever is removed",
        arguments: 1...8 as ClosedRange<UInt64>
    )
    func model(seed: UInt64) {
        var table = EventIDTable(capacity: 4)
        var model: Set<EventID> = []
        let hash = KeyedHash(seed: seed)
        for step in 0..<20_000 as Range<UInt64> {
            // Few sequences of few producers, so that identifiers come and go often.
            let draw = hash.hash(step, 0)
            let id = EventID(producer: UInt16(draw >> 8 & 3), epoch: 0, sequence: draw >> 10 & 127)
            if draw & 1 == 0 {
                let isNew = model.insert(id).inserted
                #expect(table.insert(id) == isNew, "seed \(seed), step \(step)")
            } else {
                model.remove(id)
                table.remove(id)
            }
            #expect(table.count == model.count && table.contains(id) == model.contains(id))
        }
        for id in model where !table.contains(id) { Issue.record("seed \(seed): \(id) is lost") }
        table.removeAll()
        #expect(table.count == 0 && model.allSatisfy { !table.contains($0) })
    }
}
