import Clients
import HistoryChecks
import Messaging
import Synchronization

/// A millisecond of the runs that these tests make up.
func ms(_ count: Double) -> Instant { Instant(nanoseconds: Int64(count * 1e6)) }

/// Time that passes only when a test says so.
final class ManualClock: TimeSource {
    private let word = Atomic<Int64>(0)

    var now: Instant {
        get { Instant(nanoseconds: word.load(ordering: .relaxed)) }
        set { word.store(newValue.nanoseconds, ordering: .relaxed) }
    }
}

/// A publishing end that takes and answers what the test wants.
final class ScriptedProducerEnd: ProducerEnd {
    /// How many more events fit.
    var room = Int.max
    /// What every crossing is answered with at once; `nil` for nothing.
    var answersAll: CrossingOutcome?
    var failure: DriverFailure?
    private(set) var published: [OutboundEvent] = []
    private(set) var times: [Instant] = []
    private(set) var isClosed = false
    private var waiting: [Confirmation] = []

    var headers: [EventHeader] { published.map(\.header) }

    func answer(_ crossing: Int, _ outcome: CrossingOutcome, count: UInt32 = 1) {
        waiting.append(
            Confirmation(
                firstCrossing: UInt64(crossing),
                count: count,
                outcome: outcome,
                firstOffset: Int64(crossing)
            )
        )
    }

    func publish(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>,
        at now: Instant
    ) throws(DriverFailure) -> Int {
        if let failure { throw failure }
        let taken = min(room, range.count)
        for index in range.prefix(taken) {
            if let answersAll { answer(published.count, answersAll) }
            published.append(events[index])
            times.append(now)
        }
        if room != .max { room -= taken }
        return taken
    }

    func poll(into confirmations: inout Batch<Confirmation>, at now: Instant) {
        while !confirmations.isFull, !waiting.isEmpty {
            confirmations.append(waiting.removeFirst())
        }
    }

    func close() { isClosed = true }
}

/// A receiving end that hands out what the test wants and notes the answers.
final class ScriptedConsumerEnd: ConsumerEnd {
    var queue: [Delivery] = []
    /// What answers are answered with; `nil` for nothing yet.
    var outcome: SettlementResult.Outcome? = .settled
    /// Where bodies lie now, by receipt.
    var moved: [UInt64: PayloadReference] = [:]
    private(set) var asked: [Int] = []
    private(set) var settled: [Settlement] = []
    private(set) var times: [Instant] = []
    private(set) var restarts: [Instant] = []
    private(set) var isClosed = false
    private var results: [SettlementResult] = []

    /// The offsets answered with `kind`, in order.
    func offsets(_ kind: Settlement.Kind) -> [Int64] {
        settled.filter { $0.kind == kind }.map(\.offset)
    }

    /// Says now what became of answer number `number`.
    func answer(_ number: Int, _ outcome: SettlementResult.Outcome, count: UInt32 = 1) {
        results.append(SettlementResult(first: UInt64(number), count: count, outcome: outcome))
    }

    func receive(into deliveries: inout Batch<Delivery>, max: Int, at now: Instant) {
        asked.append(max)
        for _ in 0..<min(max, queue.count) {
            var delivery = queue.removeFirst()
            delivery.invoked = now
            deliveries.append(delivery)
        }
    }

    func settle(_ settlements: borrowing Batch<Settlement>, in range: Range<Int>, at now: Instant) {
        for index in range {
            if let outcome {
                let number = UInt64(settled.count)
                results.append(SettlementResult(first: number, count: 1, outcome: outcome))
            }
            settled.append(settlements[index])
            times.append(now)
        }
    }

    func poll(into results: inout Batch<SettlementResult>, at now: Instant) {
        while !results.isFull, !self.results.isEmpty { results.append(self.results.removeFirst()) }
    }

    func payload(of delivery: Delivery, at now: Instant) -> PayloadReference? {
        moved[delivery.receipt] ?? delivery.payload
    }

    func restart(at now: Instant) { restarts.append(now) }

    func close(at now: Instant) { isClosed = true }
}
