import DequeModule
import Histories

/// The event that is furthest in some order among those that a member was handed.
struct OrderPeak: Sendable, Hashable {
    var value: Int64
    var lane: LaneID
    var n: UInt64
}

/// An event that came after one that it should have preceded.
struct Overtaken: Sendable {
    var lane: LaneID
    var n: UInt64
    var count: UInt64
    /// Where in the order it is.
    var value: Int64
    /// What came before it all the same.
    var rival: OrderPeak
}

/// The running maximum over a group's deliveries, for each member.
///
/// A member receives one reply after another and reads each from its front; what two members were
/// handed is ordered only where one reply was there before the other was asked for.
struct RunningPeaks: Sendable {
    private struct Member: Sendable {
        var consumer: UInt16
        var latest: OrderPeak
        var latestReturned: Int64
        /// The maximum before the latest reply, and when that one was there.
        var settled: OrderPeak?
        var settledReturned = Int64.min
    }

    private var members: [Member] = []

    /// The furthest event that was surely handed out before `delivery` was.
    func highest(before delivery: FirstDeliveries, _ error: Int64) -> OrderPeak? {
        var highest: OrderPeak?
        for member in members {
            let peak: OrderPeak?
            if member.consumer == delivery.consumer
                || member.latestReturned &+ error < delivery.invoked
            {
                peak = member.latest
            } else if member.settledReturned &+ error < delivery.invoked {
                peak = member.settled
            } else {
                peak = nil
            }
            if let peak, peak.value > highest?.value ?? .min { highest = peak }
        }
        return highest
    }

    mutating func note(_ peak: OrderPeak, of delivery: FirstDeliveries) {
        let consumer = delivery.consumer
        guard let index = members.firstIndex(where: { $0.consumer == consumer }) else {
            members.append(
                Member(consumer: consumer, latest: peak, latestReturned: delivery.returned)
            )
            return
        }
        if members[index].latestReturned != delivery.returned {
            members[index].settled = members[index].latest
            members[index].settledReturned = members[index].latestReturned
            members[index].latestReturned = delivery.returned
        }
        if peak.value > members[index].latest.value { members[index].latest = peak }
    }
}

/// Holds the first deliveries of one group against an order, in the order in which they came.
///
/// A delivery waits until the order of its events is known. Bounded: beyond `limit` the first
/// that waits is taken for what is known of it.
struct OrderWatch: Sendable {
    /// What the order says of the first events of a run.
    enum Place {
        /// The `count` first of them lie at `low`, each next one `step` further, and the last of
        /// them pushes the maximum to `high`; `nil` where there is nothing to judge or to push.
        case known(low: Int64?, high: Int64?, step: Int64, count: UInt64)
        /// Not enough yet; if no more comes, they push the maximum to `high`. To judge without
        /// would be blind where `isMissed` says so.
        case pending(high: Int64?, count: UInt64, isMissed: Bool)
        /// It was known once.
        case forgotten(count: UInt64)
    }

    private struct Waiting: Sendable {
        var delivery: FirstDeliveries
        /// How many events of the group came before it and with it.
        var through: UInt64
    }

    static let limit = 1 << 14
    private static let kept = 100

    private let error: Int64
    private var waiting: Deque<Waiting> = []
    private var peaks = RunningPeaks()

    private(set) var cases: UInt64 = 0
    /// Events whose place never became clear.
    private(set) var undecided: UInt64 = 0
    /// The last event of which the order was forgotten, or not known in time: how many came until
    /// then, 0 for none.
    private(set) var blindThrough: UInt64 = 0
    private(set) var found: [Overtaken] = []
    private(set) var foundCount: UInt64 = 0

    init(error: Int64) {
        self.error = error
    }

    mutating func append(_ delivery: FirstDeliveries, through: UInt64) {
        waiting.append(Waiting(delivery: delivery, through: through))
    }

    /// Judges what waits, as far as `place` knows; all of it once nothing more `isComing`.
    mutating func settle(isComing: Bool, _ place: (FirstDeliveries) -> Place) {
        while let next = waiting.first {
            let count: UInt64
            switch place(next.delivery) {
            case .known(let low, let high, let step, let known):
                judge(next.delivery, low: low, high: high, step: step, count: known)
                count = known
            case .pending(let high, let known, let isMissed):
                guard waiting.count > Self.limit || !isComing else { return }
                if isComing, isMissed { blindThrough = next.through }
                judge(next.delivery, low: nil, high: high, step: 0, count: known)
                count = known
            case .forgotten(let known):
                blindThrough = next.through
                undecided += known
                count = known
            }
            if count >= next.delivery.count {
                waiting.removeFirst()
            } else {
                waiting[0].delivery.n += count
                waiting[0].delivery.count -= count
            }
        }
    }

    private mutating func judge(
        _ delivery: FirstDeliveries,
        low: Int64?,
        high: Int64?,
        step: Int64,
        count: UInt64
    ) {
        if let low {
            cases += count
            if let rival = peaks.highest(before: delivery, error), low < rival.value {
                let behind = step == 0 ? count : min(count, UInt64(rival.value - low))
                foundCount += behind
                if found.count < Self.kept {
                    found.append(
                        Overtaken(
                            lane: delivery.lane,
                            n: delivery.n,
                            count: behind,
                            value: low,
                            rival: rival
                        )
                    )
                }
            }
        } else {
            undecided += count
        }
        guard let high else { return }
        let last = OrderPeak(value: high, lane: delivery.lane, n: delivery.n + count - 1)
        peaks.note(last, of: delivery)
    }
}
