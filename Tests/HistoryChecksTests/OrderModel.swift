import Messaging

@testable import Histories
@testable import HistoryChecks

/// A partition with several producers and two groups, written for the tests of the total order.
///
/// Producers send at the same time, confirmations get lost and sends are repeated; members receive
/// in overlapping intervals, and refused events hold back their key.
struct OrderModel {
    enum Flaw: String, CaseIterable, Sendable {
        case none
        /// Stores what it has confirmed behind what was sent only then.
        case forgetsSendOrder
        /// Shows the second group two neighbours the other way round.
        case splitsGroups
    }

    /// What stands for no key: nothing waits behind it.
    private static let keyless: UInt64 = 4

    private struct Stored {
        var producer: UInt16
        var n: UInt64
        var confirmed: Int64
        var began: Int64

        var key: UInt64 { (n + UInt64(producer)) % 5 }
    }

    private struct Group {
        var log: [Int] = []
        var next = 0
        var seen: Set<Int> = []
        var waiting: [UInt64: [Int]] = [:]
        var refused: [(place: Int, due: Int64)] = []
    }

    private var dice: Dice
    private let flaw: Flaw
    private let hasSeveralMembers: Bool
    private var time: Int64 = 0
    private var log: [Stored] = []
    private var groups = [Group(), Group()]
    private var sent: [UInt16: UInt64] = [:]
    private var receipts: UInt64 = 0
    private(set) var isFlawed = false
    private(set) var records: [HistoryRecord] = []

    init(seed: UInt64, flaw: Flaw) {
        dice = Dice(seed: seed)
        self.flaw = flaw
        hasSeveralMembers = flaw == .none && seed.isMultiple(of: 2)
    }

    static var settings: HistorySettings {
        var settings = HistorySettings(
            profile: PromiseProfile(capabilities: [.confirm, .nack, .redelivery])
        )
        settings.leaseNanoseconds = 100
        settings.expectations.ordering = .total
        return settings
    }

    mutating func play(steps: Int) -> [HistoryRecord] {
        for _ in 0..<steps {
            time += 1 + Int64(dice.roll(5))
            if dice.chance(3) { publish() } else { receive(group: Int(dice.roll(2))) }
        }
        for _ in 0..<steps * 2 {
            time += 20
            receive(group: 0)
            receive(group: 1)
        }
        return records.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
    }

    /// One to three producers send at the same time.
    private mutating func publish() {
        let senders = flaw == .none ? 1 + dice.roll(3) : 1
        let first = UInt16(dice.roll(3))
        let began = time
        time += 2
        for step in 0..<UInt16(senders) {
            let producer = (first + step) % 3
            let n = sent[producer, default: 0]
            sent[producer] = n + 1
            record(.publish, .invoke, producer, n, at: began + Int64(dice.roll(2)))
            var stored = Stored(producer: producer, n: n, confirmed: time, began: began)
            if flaw == .none, dice.chance(6) {
                // Nobody learns whether it arrived, and it is sent again, perhaps as a second copy.
                record(.publish, .info, producer, n, at: time)
                if dice.chance(2) { append(stored) }
                record(.publish, .invoke, producer, n, at: time + 1)
                time += 3
                stored.confirmed = time
            }
            append(stored)
            record(.publish, .ok, producer, n, at: time + Int64(dice.roll(3)))
        }
        time += 3
    }

    private mutating func append(_ stored: Stored) {
        log.append(stored)
        let place = log.count - 1
        for group in 0..<2 { groups[group].log.append(place) }
        let isFresh = groups.allSatisfy { $0.next < $0.log.count - 1 }
        guard flaw != .none, isFresh, place > 0, dice.chance(4) else { return }
        if flaw == .forgetsSendOrder {
            for group in 0..<2 { groups[group].log.swapAt(place - 1, place) }
        } else {
            groups[1].log.swapAt(place - 1, place)
        }
        isFlawed = true
    }

    private mutating func receive(group: Int) {
        let count = 1 + Int(dice.roll(3))
        let isTwofold = hasSeveralMembers && dice.chance(3)
        let invoked = time
        var deliveries: [(place: Int, attempt: UInt32)] = []
        while deliveries.count < count, let next = claim(group) { deliveries.append(next) }
        time += 3
        let half = isTwofold ? deliveries.count / 2 : deliveries.count
        for (index, delivery) in deliveries.enumerated() {
            let isSecond = index >= half
            deliver(
                delivery.place,
                delivery.attempt,
                to: isSecond ? 2 : 1,
                of: group,
                invoked: invoked,
                returned: isSecond ? time - 1 : time
            )
        }
        time += 1
        for delivery in deliveries { answer(delivery.place, group) }
    }

    private mutating func claim(_ group: Int) -> (place: Int, attempt: UInt32)? {
        if let due = groups[group].refused.first, due.due <= time {
            groups[group].refused.removeFirst()
            return (due.place, 2)
        }
        while groups[group].next < groups[group].log.count {
            let place = groups[group].log[groups[group].next]
            groups[group].next += 1
            guard groups[group].waiting[log[place].key] == nil else {
                groups[group].waiting[log[place].key]?.append(place)
                continue
            }
            return (place, 1)
        }
        return nil
    }

    /// A refused event comes back later; those of its key wait until it is done.
    private mutating func answer(_ place: Int, _ group: Int) {
        let key = log[place].key
        if flaw == .none, key != Self.keyless, groups[group].seen.insert(place).inserted,
            dice.chance(8), groups[group].waiting[key] == nil
        {
            groups[group].waiting[key] = []
            groups[group].refused.append((place, time + Int64(dice.roll(40))))
            return
        }
        guard let waiting = groups[group].waiting[key],
            !groups[group].refused.contains(where: { $0.place == place })
        else { return }
        // Whoever waited comes next, each after the other, and all at once now.
        groups[group].waiting[key] = nil
        time += 2
        for late in waiting {
            deliver(late, 1, to: 1, of: group, invoked: time, returned: time + 1)
            time += 2
        }
    }

    private mutating func deliver(
        _ place: Int,
        _ attempt: UInt32,
        to member: UInt16,
        of group: Int,
        invoked: Int64,
        returned: Int64
    ) {
        let (stored, receipt) = (log[place], receipts)
        record(.deliver, .ok, stored.producer, stored.n, at: returned) {
            $0.group = UInt16(group)
            $0.consumer = member
            $0.process = UInt32(10 + 2 * group) + UInt32(member)
            $0.attempt = attempt
            $0.isRedelivered = attempt > 1
            $0.invoked = Instant(nanoseconds: invoked)
            $0.delivery = receipt
        }
        receipts += 1
    }

    private mutating func record(
        _ kind: HistoryRecord.Kind,
        _ phase: HistoryRecord.Phase,
        _ producer: UInt16,
        _ n: UInt64,
        at moment: Int64,
        _ change: (inout HistoryRecord) -> Void = { _ in }
    ) {
        var record = HistoryRecord(
            kind,
            phase,
            side: .boundary,
            at: Instant(nanoseconds: moment)
        )
        record.lane = LaneID(producer: producer, topic: 0, partition: 0)
        record.process = UInt32(producer)
        record.n = n
        record.id = EventID(rawValue: UInt64(producer) << 32 | n + 1)
        let key = (n + UInt64(producer)) % 5
        if key != Self.keyless { record.key = EventKey(pattern: 0, index: key) }
        change(&record)
        records.append(record)
    }
}
