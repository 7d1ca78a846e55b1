import Messaging
import Testing

@testable import Histories
@testable import HistoryChecks

/// One way in which the modelled broker or its application goes wrong.
enum Flaw: String, CaseIterable, Sendable {
    case none
    case invents, corrupts, deliversRefused, loses, storesTwice, forgetsAck, redeliversEarly
    case deliversToTwo, neverRedelivers, repeatsAttempt, skipsAttempt, exceedsLimit, hidesFlag
    case ignoresDelay, reorders, misroutes, confirmsElsewhere, appliesTwice, missesApply
    case appliesOutOfOrder

    /// What must be found, or `nil` for a broker that keeps its promises.
    var guarantee: Guarantee? {
        switch self {
        case .none: nil
        case .invents: .a1
        case .corrupts: .a2
        case .deliversRefused: .a3
        case .loses: .a4
        case .storesTwice: .a6
        case .forgetsAck: .a7
        case .redeliversEarly: .a7
        case .deliversToTwo: .a18
        case .neverRedelivers: .a20
        case .repeatsAttempt, .skipsAttempt, .exceedsLimit: .a21
        case .hidesFlag: .a22
        case .ignoresDelay: .a23
        case .reorders: .a11
        case .misroutes: .a38
        case .confirmsElsewhere: .a26
        case .appliesTwice: .a8
        case .missesApply: .a8
        case .appliesOutOfOrder: .a34
        }
    }
}

/// Small, repeatable random numbers.
struct Dice {
    private var state: UInt64
    private let hash: KeyedHash

    init(seed: UInt64) {
        state = 0
        hash = KeyedHash(seed: seed)
    }

    mutating func roll(_ sides: UInt64) -> UInt64 {
        state += 1
        return hash.hash(state, 7) % sides
    }

    mutating func chance(_ oneIn: UInt64) -> Bool { roll(oneIn) == 0 }
}

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
    private var sentCount: UInt64 = 0
    private var receipts: UInt64 = 0
    private var appliedOnce: Set<UInt64> = []
    private var held: [UInt16: [Int]] = [:]
    private var waiting: [UInt64] = []
    private var dead: Set<UInt64> = []
    private var missed: Set<UInt64> = []
    private var delayedApply: UInt64?
    private let keys: UInt64 = 3

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

    private mutating func step() {
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

    // MARK: Producer

    private mutating func send() {
        publish(sentCount)
        sentCount += 1
    }

    /// Only what has no answer is tried again.
    private mutating func retry() {
        guard let n = waiting.last else { return }
        waiting.removeLast()
        publish(n)
    }

    private mutating func publish(_ n: UInt64) {
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

    private func wasConfirmed(_ n: UInt64) -> Bool {
        records.contains { $0.kind == .publish && $0.phase == .ok && $0.n == n }
    }

    private mutating func store(_ n: UInt64) {
        storesLate = storesLate || log.contains { $0.n > n }
        log.append(Stored(n: n, offset: Int64(log.count)))
        guard flaw == .storesTwice, dice.chance(4) else { return }
        log.append(Stored(n: n, offset: Int64(log.count)))
        flawed = true
    }

    // MARK: Broker

    /// The next to hand out: the first of the log whose key nobody before it blocks.
    private func next(at now: Int64) -> Int? {
        var blocked: Set<UInt64> = []
        for (index, stored) in log.enumerated() where !stored.isDone {
            let key = stored.n % keys
            if stored.dueAt <= now, !blocked.contains(key) { return index }
            blocked.insert(key)
        }
        return nil
    }

    private mutating func receive(by member: UInt16) {
        let invoked = time - Int64(dice.roll(8))
        guard var index = next(at: time) else { return flawedReceive(member, invoked) }
        if flaw == .reorders, log[index].attempt == 0, let other = laterOfSameKey(index) {
            index = other
            flawed = true
        }
        expire(index)
        handOut(index, to: member, invoked: flaw == .reorders ? time : invoked)
        flawedReceive(member, invoked)
    }

    private func laterOfSameKey(_ index: Int) -> Int? {
        log.indices.first {
            $0 > index && log[$0].n > log[index].n && log[$0].attempt == 0
                && (log[$0].n - log[index].n) % keys == 0
                && !log[..<$0].contains { other in other.n == log[index].n && other.attempt > 0 }
        }
    }

    /// At the limit an event goes to the dead letters instead of being handed out.
    private mutating func handOut(_ index: Int, to member: UInt16, invoked: Int64) {
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

    private mutating func deliver(
        _ n: UInt64,
        _ stored: Stored,
        to member: UInt16,
        invoked: Int64,
        isAgain: Bool
    ) {
        let returned = flaw == .reorders ? time : time + Int64(dice.roll(8))
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

    private mutating func flawedReceive(_ member: UInt16, _ invoked: Int64) {
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

    private func isAcked(_ index: Int) -> Bool {
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
    private func isFreshlyHeld(_ index: Int) -> Bool {
        let stored = log[index]
        return !stored.isDone && stored.holder != nil && stored.dueAt - time > 60
            && stored.attempt > 0 && stored.attempt < Self.limit
            && !records.contains {
                $0.delivery == stored.receipt && ($0.kind == .ack || $0.kind == .nack)
            }
    }

    private mutating func deadLetter(_ index: Int) {
        let stored = log[index]
        dead.insert(stored.n)
        record(.deadLetter, .ok, stored.n) { $0.attempt = stored.attempt }
    }

    // MARK: Consumers

    private mutating func settleSomething() {
        let members = held.keys.sorted().filter { !(held[$0] ?? []).isEmpty }
        guard !members.isEmpty else { return }
        settle(members[Int(dice.roll(UInt64(members.count)))])
    }

    private mutating func settle(_ member: UInt16) {
        guard let index = held[member]?.first else { return }
        held[member]?.removeFirst()
        let receipt = log[index].receipt
        time += 8
        switch dice.roll(6) {
        case 0: nack(index, member)
        case 1: return
        default: ack(index, member, receipt)
        }
    }

    private mutating func nack(_ index: Int, _ member: UInt16) {
        guard isHeld(index, member) else { return }
        let delay = Int64(dice.roll(40))
        answer(.nack, .invoke, log[index].receipt, member) { $0.nanoseconds = delay }
        log[index].dueAt = flaw == .ignoresDelay ? time : time + delay
        if flaw == .ignoresDelay, delay > 30, !flawed {
            answer(.nack, .ok, log[index].receipt, member)
            time += 2
            flawed = log[index].attempt < Self.limit
            log[index].holder = nil
            handOut(index, to: member, invoked: time)
            return
        }
        time += 2
        answer(.nack, .ok, log[index].receipt, member)
        log[index].holder = nil
    }

    private mutating func ack(_ index: Int, _ member: UInt16, _ receipt: UInt64) {
        let n = log[index].n
        let isCurrent = isHeld(index, member)
        if isCurrent { apply(n, member) }
        answer(.ack, .invoke, receipt, member)
        time += 2
        guard isCurrent, log[index].dueAt > time else {
            answer(.ack, .fail, receipt, member)
            return
        }
        if dice.chance(9) {
            // Nobody learns whether it arrived; here it did not.
            answer(.ack, .info, receipt, member)
            return
        }
        log[index].isDone = true
        log[index].dueAt = .max
        answer(.ack, .ok, receipt, member)
    }

    private func isHeld(_ index: Int, _ member: UInt16) -> Bool {
        log[index].holder == member && log[index].dueAt > time && !log[index].isDone
    }

    private mutating func apply(_ n: UInt64, _ member: UInt16) {
        if flaw == .missesApply, !appliedOnce.contains(n), dice.chance(4) {
            missed.insert(n)
            appliedOnce.insert(n)
            return
        }
        if flaw == .appliesOutOfOrder, delayedApply == nil, !flawed, !appliedOnce.contains(n) {
            delayedApply = n
            appliedOnce.insert(n)
            return
        }
        guard appliedOnce.insert(n).inserted || flaw == .appliesTwice && !flawed else { return }
        let isSecond = records.contains { $0.kind == .apply && $0.n == n }
        if flaw == .appliesTwice, isSecond { flawed = true }
        record(.apply, .ok, n, at: time, by: member)
        if flaw == .appliesTwice, !flawed {
            record(.apply, .ok, n, at: time, by: member)
            flawed = true
        }
        if let late = delayedApply, n > late, (n - late) % keys == 0 {
            record(.apply, .ok, late, at: time, by: member)
            delayedApply = nil
            flawed = true
        }
    }

    /// A member's own doings do not overlap: its last receive has returned before it crashes.
    private mutating func crash(_ member: UInt16) {
        time += 8
        record(.crash, .ok, 0, at: time, by: member)
        for index in held[member] ?? [] where isHeld(index, member) {
            log[index].dueAt = time
            log[index].holder = nil
        }
        held[member] = []
    }

    private mutating func expire(_ index: Int) {
        for member in held.keys { held[member]?.removeAll { $0 == index } }
    }

    /// Everything still owed is delivered, applied and acknowledged, then nothing moves any more.
    private mutating func rest() {
        for member in held.keys { held[member] = [] }
        for _ in 0..<10_000 {
            guard log.contains(where: { !$0.isDone }) else { break }
            time += 20
            guard let index = next(at: time) else {
                time += Self.lease
                continue
            }
            handOut(index, to: 1, invoked: time - 1)
            guard !log[index].isDone else { continue }
            time += 10
            apply(log[index].n, 1)
            answer(.ack, .invoke, log[index].receipt, 1)
            time += 1
            answer(.ack, .ok, log[index].receipt, 1)
            log[index].isDone = true
            held[1] = []
        }
        if !missed.isEmpty { flawed = !missed.subtracting(dead).filter(wasConfirmed).isEmpty }
        if flaw == .loses {
            flawed = (0..<sentCount).contains { n in
                wasConfirmed(n) && !log.contains { $0.n == n }
            }
        }
        if let late = delayedApply { record(.apply, .ok, late, at: time, by: 1) }
        time += 1000
        record(.drain, .ok, 0)
    }

    // MARK: Records

    private mutating func record(
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

    private mutating func answer(
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
