import Messaging
import Testing

@testable import Histories
@testable import HistoryChecks

/// A partition, its group with leases, and clients that crash, refuse, time out and retry.
///
/// Written for the tests alone: it keeps a list and looks through it. Several members receive in
/// overlapping intervals, and what they saw is recorded at the end of each interval.
struct BrokerModel {
    struct Stored {
        var n: UInt64
        var offset: Int64
        var attempt: UInt32 = 0
        /// When it may be handed out again; `.max` once it is settled.
        var dueAt: Int64 = 0
        var holder: UInt16?
        var isDone = false
        var receipt: UInt64 = 0
    }

    static let lease: Int64 = 100
    static let limit = 4

    var dice: Dice
    let flaw: Flaw
    let showsOffsets: Bool
    let isIdempotent: Bool
    var time: Int64 = 0
    var log: [Stored] = []
    var records: [HistoryRecord] = []
    var flawed = false
    /// Whether an event was stored after a later one: then effects may rightly come in that order.
    var storesLate = false
    var sentCount: UInt64 = 0
    var receipts: UInt64 = 0
    var appliedOnce: Set<UInt64> = []
    var held: [UInt16: [Int]] = [:]
    var waiting: [UInt64] = []
    var dead: Set<UInt64> = []
    var missed: Set<UInt64> = []
    var delayedApply: UInt64?
    /// When each member's last receive returned: it begins none before.
    var returned: [UInt16: Int64] = [:]
    let keys: UInt64 = 3

    init(seed: UInt64, flaw: Flaw) {
        dice = Dice(seed: seed)
        self.flaw = flaw
        let needsOffsets: Set<Flaw> = [.storesTwice, .confirmsElsewhere]
        showsOffsets = needsOffsets.contains(flaw) || seed % 4 != 0
        isIdempotent = flaw == .confirmsElsewhere || seed % 2 == 0
    }

    var settings: HistorySettings {
        var capabilities: Capabilities = [.confirm, .nack, .redelivery, .deadLetter]
        if showsOffsets { capabilities.insert(.offsets) }
        if isIdempotent { capabilities.insert(.dedup) }
        var settings = HistorySettings(
            profile: PromiseProfile(
                capabilities: capabilities,
                deduplicationWindow: isIdempotent ? 1024 : 0
            )
        )
        settings.leaseNanoseconds = Self.lease
        settings.maxDeliveries = Self.limit
        settings.expectations.delivery = .atLeastOnce
        settings.expectations.ordering = .perKey
        settings.expectations.effect = .exactlyOnce
        settings.expectations.effectOrder = .perKey
        settings.accounts = BrokerAccounts(declaredDrops: 0, queued: 0)
        return settings
    }

    /// Plays `steps` steps and then comes to rest.
    mutating func play(steps: Int) -> [HistoryRecord] {
        for _ in 0..<steps {
            time += 1 + Int64(dice.roll(12))
            step()
        }
        rest()
        return records.sorted { $0.time < $1.time }
    }

    mutating func step() {
        switch dice.roll(10) {
        case 0, 1, 2: send()
        case 3: retry()
        case 4, 5, 6, 7: receive(by: UInt16(1 + dice.roll(3)))
        case 8: settleSomething()
        default:
            // A crash may swallow attempts, which would excuse the flaw.
            if flaw != .skipsAttempt, dice.chance(6) {
                crash(UInt16(1 + dice.roll(3)))
            } else {
                settleSomething()
            }
        }
    }

    mutating func send() {
        publish(sentCount)
        sentCount += 1
    }

    /// Only what has no answer is tried again.
    mutating func retry() {
        guard let n = waiting.last else { return }
        waiting.removeLast()
        publish(n)
    }

    mutating func publish(_ n: UInt64) {
        record(.publish, .invoke, n)
        time += 1
        var isStored = true
        var phase = HistoryRecord.Phase.ok
        switch dice.roll(8) {
        case 0:
            phase = .info
            isStored = dice.chance(2)
            waiting.append(n)
        case 1 where !log.contains { $0.n == n }:
            phase = .fail
            isStored = flaw == .deliversRefused
            flawed = flawed || isStored
        case 2:
            // The confirmation is lost behind the boundary, so the client tries again.
            waiting.append(n)
        default: break
        }
        var offset = Int64(log.count)
        let known = log.first { $0.n == n }
        if let known, isIdempotent {
            isStored = false
            offset = known.offset
            if flaw == .confirmsElsewhere, phase == .ok, wasConfirmed(n) {
                offset += 1000
                flawed = true
            }
        }
        if flaw == .loses, phase == .ok, known == nil, dice.chance(6) {
            isStored = false
        }
        if isStored { store(n) }
        let shown = phase == .ok && showsOffsets ? offset : -1
        record(.publish, phase, n) { $0.offset = shown }
    }

    func wasConfirmed(_ n: UInt64) -> Bool {
        records.contains { $0.kind == .publish && $0.phase == .ok && $0.n == n }
    }

    mutating func store(_ n: UInt64) {
        storesLate = storesLate || log.contains { $0.n > n }
        log.append(Stored(n: n, offset: Int64(log.count)))
        guard flaw == .storesTwice, dice.chance(4) else { return }
        log.append(Stored(n: n, offset: Int64(log.count)))
        flawed = true
    }

    /// The next to hand out: the first of the log whose key nobody before it blocks.
    func next(at now: Int64) -> Int? {
        var blocked: Set<UInt64> = []
        for (index, stored) in log.enumerated() where !stored.isDone {
            let key = stored.n % keys
            if stored.dueAt <= now, !blocked.contains(key) { return index }
            blocked.insert(key)
        }
        return nil
    }

    mutating func receive(by member: UInt16) {
        time = max(time, returned[member] ?? 0)
        let invoked = max(time - Int64(dice.roll(8)), returned[member] ?? 0)
        guard var index = next(at: time) else { return flawedReceive(member, invoked) }
        if flaw == .reorders, log[index].attempt == 0, let other = laterOfSameKey(index) {
            index = other
            flawed = true
        }
        expire(index)
        handOut(index, to: member, invoked: flaw == .reorders ? time : invoked)
        flawedReceive(member, invoked)
    }

    func laterOfSameKey(_ index: Int) -> Int? {
        log.indices.first {
            $0 > index && log[$0].n > log[index].n && log[$0].attempt == 0
                && (log[$0].n - log[index].n) % keys == 0
                && !log[..<$0].contains { other in other.n == log[index].n && other.attempt > 0 }
        }
    }

    /// At the limit an event goes to the dead letters instead of being handed out.
    mutating func handOut(_ index: Int, to member: UInt16, invoked: Int64) {
        let n = log[index].n
        if log[index].attempt >= Self.limit, flaw != .exceedsLimit {
            log[index].isDone = true
            deadLetter(index)
            return
        }
        if log[index].attempt >= Self.limit { flawed = true }
        if log[index].attempt > 0, flaw == .neverRedelivers {
            log[index].isDone = true
            flawed = true
            return
        }
        let isAgain = log[index].attempt > 0
        log[index].attempt += 1
        if isAgain, flaw == .repeatsAttempt {
            log[index].attempt -= 1
            flawed = true
        }
        if isAgain, flaw == .skipsAttempt, log[index].attempt < Self.limit {
            log[index].attempt += 1
            flawed = true
        }
        if isAgain, flaw == .hidesFlag { flawed = true }
        log[index].dueAt = time + Self.lease
        log[index].holder = member
        log[index].receipt = receipts
        receipts += 1
        held[member, default: []].append(index)
        let stored = log[index]
        deliver(n, stored, to: member, invoked: invoked, isAgain: isAgain)
    }

    mutating func deliver(
        _ n: UInt64,
        _ stored: Stored,
        to member: UInt16,
        invoked: Int64,
        isAgain: Bool
    ) {
        let returned = flaw == .reorders ? time : time + Int64(dice.roll(8))
        self.returned[member] = returned
        let (shown, isFlagged) = (showsOffsets ? stored.offset : -1, isAgain && flaw != .hidesFlag)
        record(.deliver, .ok, n, at: returned, by: member) { record in
            record.offset = shown
            record.attempt = stored.attempt
            record.isRedelivered = isFlagged
            record.invoked = Instant(nanoseconds: invoked)
            record.delivery = stored.receipt
        }
        guard flaw == .corrupts || flaw == .misroutes, dice.chance(5) else { return }
        flawed = true
        if flaw == .corrupts { records[records.count - 1].envelope = .corrupted }
        if flaw == .misroutes { records[records.count - 1].partition = 5 }
    }

    mutating func flawedReceive(_ member: UInt16, _ invoked: Int64) {
        let index: Int?
        switch flaw {
        case .invents:
            guard !flawed else { return }
            flawed = true
            return record(.deliver, .ok, 900, at: time, by: member) { $0.offset = 900 }
        case .forgetsAck: index = log.indices.first { isAcked($0) }
        case .redeliversEarly, .deliversToTwo: index = log.indices.first { isFreshlyHeld($0) }
        default: return
        }
        guard !flawed, let index else { return }
        if flaw == .deliversToTwo, log[index].holder == member { return }
        time += 10
        log[index].isDone = false
        handOut(index, to: member, invoked: time)
        flawed = true
    }

    func isAcked(_ index: Int) -> Bool {
        let stored = log[index]
        guard stored.isDone, !dead.contains(stored.n), stored.attempt < Self.limit else {
            return false
        }
        return records.contains {
            $0.kind == .ack && $0.phase == .ok && $0.delivery == stored.receipt
                && $0.time.nanoseconds < time
        }
    }

    /// Held, unanswered, and with most of its lease still to come.
    func isFreshlyHeld(_ index: Int) -> Bool {
        let stored = log[index]
        return !stored.isDone && stored.holder != nil && stored.dueAt - time > 60
            && stored.attempt > 0 && stored.attempt < Self.limit
            && !records.contains {
                $0.delivery == stored.receipt && ($0.kind == .ack || $0.kind == .nack)
            }
    }

    mutating func deadLetter(_ index: Int) {
        let stored = log[index]
        dead.insert(stored.n)
        record(.deadLetter, .ok, stored.n) { $0.attempt = stored.attempt }
    }

    mutating func record(
        _ kind: HistoryRecord.Kind,
        _ phase: HistoryRecord.Phase,
        _ n: UInt64,
        at moment: Int64? = nil,
        by member: UInt16 = 0,
        _ change: (inout HistoryRecord) -> Void = { _ in }
    ) {
        let when = Instant(nanoseconds: moment ?? time)
        var record = HistoryRecord(kind, phase, side: kind.defaultSide, at: when)
        record.n = n
        record.id = EventID(rawValue: n + 5000)
        record.key = EventKey(pattern: 0, index: n % keys)
        record.process = UInt32(member)
        record.consumer = member
        change(&record)
        records.append(record)
    }

    mutating func answer(
        _ kind: HistoryRecord.Kind,
        _ phase: HistoryRecord.Phase,
        _ receipt: UInt64,
        _ member: UInt16,
        _ change: (inout HistoryRecord) -> Void = { _ in }
    ) {
        record(kind, phase, 0, by: member) {
            $0.delivery = receipt
            change(&$0)
        }
    }
}
