import Messaging
import Testing

@testable import HistoryChecks

@Suite("Deliveries that leave the ledger's fast store")
struct InFlightBoundTests {
    /// A ledger with room for four deliveries, and time that passes with each.
    private struct Trial {
        private var ledger = DeliveryLedger(
            group: 0,
            topic: 0,
            profile: PromiseProfile(capabilities: [.redelivery, .nack, .offsets]),
            rules: DeliveryRules(leaseNanoseconds: 100, inFlightCapacity: 4)
        )
        private var now: Int64 = 0
        private var nextOther: UInt64 = 100

        var outstanding: Int { ledger.outstanding.count }
        var spilled: Int { ledger.overflow.count + ledger.overflowOrdinals.count }
        var violations: UInt64 { ledger.findings.total(.a7) }
        var undecided: UInt64 { ledger.findings.undecided[.a7] ?? 0 }
        var attempts: Int { ledger.missingAttempts.count }

        mutating func pass(_ nanoseconds: Int64) { now += nanoseconds }

        mutating func crash() { ledger.crashed(consumer: 0, at: Instant(nanoseconds: now)) }

        mutating func deliver(_ n: UInt64, attempt: UInt32 = 1) -> UInt64 {
            pass(10)
            var header = EventHeader()
            header.n = n
            var batch = Batch<Delivery>(capacity: 1)
            batch.append(
                Delivery(
                    header: header,
                    payload: PayloadReference(),
                    receipt: 0,
                    offset: Int64(n),
                    invoked: Instant(nanoseconds: now - 5),
                    attempt: attempt,
                    topic: 0,
                    partition: 0,
                    isRedelivered: attempt > 1,
                    envelope: .intact
                )
            )
            return ledger.delivered(
                batch,
                in: 0..<1,
                consumer: 0,
                returned: Instant(nanoseconds: now)
            ).ordinal
        }

        mutating func answer(
            _ kind: Settlement.Kind,
            _ ordinal: UInt64,
            _ outcome: SettlementResult.Outcome = .settled
        ) {
            let moment = Instant(nanoseconds: now)
            ledger.settleInvoked(kind, deliveries: ordinal..<ordinal + 1, at: moment)
            ledger.settleEnded(
                kind,
                deliveries: ordinal..<ordinal + 1,
                outcome: outcome,
                at: moment
            )
        }

        /// `count` events that are acknowledged at once.
        mutating func others(_ count: Int) {
            for _ in 0..<count {
                answer(.ack, deliver(nextOther))
                nextOther += 1
            }
        }
    }

    /// With 3 the repetition takes the very slot of its first delivery; with more that spilled.
    private static let distances = [0, 1, 2, 3, 4, 5, 9]

    @Test("a repetition of a refused one closes it, wherever it lies", arguments: distances)
    func refused(others: Int) {
        var trial = Trial()
        trial.answer(.nack, trial.deliver(0))
        trial.others(others)
        #expect(trial.outstanding == 1)
        let again = trial.deliver(0, attempt: 2)
        #expect(trial.outstanding == 1, "the repetition itself is not answered yet")
        trial.answer(.ack, again)
        #expect(trial.outstanding == 0 && trial.spilled == 0)
        trial.others(9)
        #expect(trial.outstanding == 0 && trial.spilled == 0)
        #expect(trial.violations == 0 && trial.undecided == 0 && trial.attempts == 0)
    }

    @Test("a repetition of one whose lease is over closes it", arguments: distances)
    func expired(others: Int) {
        var trial = Trial()
        _ = trial.deliver(0)
        trial.others(others)
        trial.pass(200)
        #expect(trial.outstanding == 1)
        trial.answer(.ack, trial.deliver(0, attempt: 2))
        #expect(trial.outstanding == 0 && trial.spilled == 0)
        trial.others(9)
        #expect(trial.outstanding == 0 && trial.violations == 0)
    }

    @Test("a repetition while the lease goes on is unjustified", arguments: [0, 2, 3, 4, 5])
    func live(others: Int) {
        var trial = Trial()
        _ = trial.deliver(0)
        trial.others(others)
        trial.answer(.ack, trial.deliver(0, attempt: 2))
        #expect(trial.violations == 1 && trial.outstanding == 0)
    }

    @Test("a crash gives back what is unanswered, wherever it lies", arguments: distances)
    func crashed(others: Int) {
        var trial = Trial()
        _ = trial.deliver(0)
        trial.others(others)
        trial.crash()
        #expect(trial.outstanding == 1)
        trial.answer(.ack, trial.deliver(0, attempt: 2))
        #expect(trial.violations == 0 && trial.outstanding == 0 && trial.spilled == 0)
    }

    @Test("a repetition of an acknowledged one is one too many", arguments: distances)
    func acknowledged(others: Int) {
        var trial = Trial()
        trial.answer(.ack, trial.deliver(0))
        trial.others(others)
        trial.pass(200)
        trial.answer(.ack, trial.deliver(0, attempt: 2))
        #expect(trial.violations == 1)
        #expect(trial.outstanding == 0 && trial.spilled == 0)
    }

    @Test("an answer finds its delivery after it has left the ring", arguments: [3, 4, 9])
    func lateAnswer(others: Int) {
        var trial = Trial()
        let first = trial.deliver(0)
        trial.others(others)
        trial.answer(.ack, first)
        #expect(trial.outstanding == 0 && trial.spilled == 0)
        trial.pass(200)
        trial.answer(.ack, trial.deliver(0, attempt: 2))
        #expect(trial.violations == 1)
    }

    @Test("nobody can say of an answer that got lost", arguments: distances)
    func unclear(others: Int) {
        var trial = Trial()
        trial.answer(.ack, trial.deliver(0), .indeterminate)
        trial.others(others)
        trial.pass(200)
        trial.answer(.ack, trial.deliver(0, attempt: 2))
        #expect(trial.violations == 0 && trial.outstanding == 0 && trial.spilled == 0)
    }

    @Test("repetitions that follow one another at the edge each close the one before")
    func chain() {
        var trial = Trial()
        for attempt in 1...20 as ClosedRange<UInt32> {
            trial.answer(.nack, trial.deliver(0, attempt: attempt))
            trial.others(3)
        }
        #expect(trial.outstanding == 1 && trial.spilled <= 2)
        trial.answer(.ack, trial.deliver(0, attempt: 21))
        #expect(trial.outstanding == 0 && trial.spilled == 0 && trial.violations == 0)
    }
}
