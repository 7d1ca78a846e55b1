import Messaging

/// A handler's answer to one delivery.
struct Answer {
    var settlement: Settlement
    /// The ledger's ordinal of the delivery.
    var ordinal: UInt64
    /// What the delivery was of, for the ack site's rules.
    var delivery: Delivery
}

/// Consecutive answers that say the same of deliveries with ordinals in a row.
struct AnswerRun: BitwiseCopyable {
    /// The number of the first answer; meaningful once it was sent.
    var first: UInt64 = 0
    /// The ledger's ordinal of the first delivery.
    var ordinal: UInt64
    var count: Int
    var kind: Settlement.Kind
    var nanoseconds: Int64

    var ordinals: Range<UInt64> { ordinal..<ordinal &+ UInt64(truncatingIfNeeded: count) }
}

/// The answers of one member: those that wait to be sent, and those whose result is open.
///
/// What the ledger has to know of them is kept by runs, of which a whole batch is one. Bounded:
/// `capacity` unsent answers, and results of the last sixteen times as many; results of even older
/// answers are not looked at any more.
struct AnswerQueue: ~Copyable {
    private(set) var settlements: Batch<Settlement>
    /// The unsent answers by runs, which cover all of `settlements` in order.
    private(set) var runs: Batch<AnswerRun>
    private let resultCapacity: Int
    /// The sent ones, by run number; as many as answers are remembered, lest all be alone.
    private var sentRuns: ContiguousArray<AnswerRun>
    private var nextRun = 0
    private var nextSent: UInt64 = 0
    private var openResults: Int = 0

    /// - Precondition: `capacity` is a power of two.
    init(capacity: Int) {
        precondition(capacity.nonzeroBitCount == 1, "an answer queue's size is a power of two")
        resultCapacity = 16 * capacity
        settlements = Batch(capacity: capacity)
        runs = Batch(capacity: capacity)
        let none = AnswerRun(ordinal: 0, count: 0, kind: .ack, nanoseconds: 0)
        sentRuns = ContiguousArray(repeating: none, count: resultCapacity)
    }

    var isEmpty: Bool { settlements.isEmpty }
    var isFull: Bool { settlements.isFull }
    var room: Int { settlements.room }
    var count: Int { settlements.count }

    /// Whether every answer was sent and its result is known.
    var isSettled: Bool { settlements.isEmpty && openResults == 0 }

    mutating func append(_ settlement: Settlement, ordinal: UInt64) {
        settlements.append(settlement)
        extend(settlement.kind, settlement.nanoseconds, ordinal: ordinal, count: 1)
    }

    /// Acknowledges `deliveries[range]`, whose ordinals follow `ordinal` by ones.
    mutating func acknowledge(
        _ deliveries: borrowing Batch<Delivery>,
        in range: Range<Int>,
        ordinal: UInt64
    ) {
        for index in range { settlements.append(Settlement(.ack, of: deliveries[index])) }
        extend(.ack, 0, ordinal: ordinal, count: range.count)
    }

    private mutating func extend(
        _ kind: Settlement.Kind,
        _ nanoseconds: Int64,
        ordinal: UInt64,
        count: Int
    ) {
        if !runs.isEmpty {
            let last = runs[runs.count &- 1]
            if last.kind == kind, last.nanoseconds == nanoseconds,
                last.ordinals.upperBound == ordinal
            {
                runs[runs.count &- 1].count &+= count
                return
            }
        }
        runs.append(
            AnswerRun(ordinal: ordinal, count: count, kind: kind, nanoseconds: nanoseconds)
        )
    }

    /// Forgets the unsent answers, as a crash does.
    mutating func removeUnsent() {
        settlements.removeAll()
        runs.removeAll()
    }

    /// All waiting answers were taken by the driver.
    mutating func markSent() {
        for index in 0..<runs.count {
            var run = runs[index]
            run.first = nextSent
            sentRuns[nextRun & (resultCapacity &- 1)] = run
            nextRun &+= 1
            nextSent &+= UInt64(truncatingIfNeeded: run.count)
        }
        openResults += settlements.count
        removeUnsent()
    }

    /// Takes the results of the answers from `number` on, of which there are `count`, as far as
    /// they are of one run; says how many, and what they were unless that is too long ago.
    mutating func close(_ number: UInt64, count: Int) -> (count: Int, run: AnswerRun?) {
        let oldest = nextSent &- min(nextSent, UInt64(resultCapacity))
        var closed = count
        var found: AnswerRun?
        if number < oldest {
            closed = Int(min(UInt64(count), oldest &- number))
        } else if number < nextSent {
            let run = sentRun(holding: number)
            let skipped = number &- run.first
            closed = min(count, run.count &- Int(skipped))
            found = run
            found?.first = number
            found?.ordinal = run.ordinal &+ skipped
            found?.count = closed
        }
        openResults = max(0, openResults &- closed)
        return (closed, found)
    }

    /// The latest run that begins at or below `number`, which is remembered.
    private func sentRun(holding number: UInt64) -> AnswerRun {
        let mask = resultCapacity &- 1
        var low = max(0, nextRun &- resultCapacity)
        var high = nextRun
        while high &- low > 1 {
            let middle = (low &+ high) / 2
            if sentRuns[middle & mask].first <= number { low = middle } else { high = middle }
        }
        return sentRuns[low & mask]
    }
}
