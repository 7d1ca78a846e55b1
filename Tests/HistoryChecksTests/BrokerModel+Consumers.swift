import Messaging

@testable import Histories
@testable import HistoryChecks

extension BrokerModel {
    mutating func settleSomething() {
        let members = held.keys.sorted().filter { !(held[$0] ?? []).isEmpty }
        guard !members.isEmpty else { return }
        settle(members[Int(dice.roll(UInt64(members.count)))])
    }

    mutating func settle(_ member: UInt16) {
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

    mutating func nack(_ index: Int, _ member: UInt16) {
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

    mutating func ack(_ index: Int, _ member: UInt16, _ receipt: UInt64) {
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

    func isHeld(_ index: Int, _ member: UInt16) -> Bool {
        log[index].holder == member && log[index].dueAt > time && !log[index].isDone
    }

    mutating func apply(_ n: UInt64, _ member: UInt16) {
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
    mutating func crash(_ member: UInt16) {
        time += 8
        record(.crash, .ok, 0, at: time, by: member)
        for index in held[member] ?? [] where isHeld(index, member) {
            log[index].dueAt = time
            log[index].holder = nil
        }
        held[member] = []
    }

    mutating func expire(_ index: Int) {
        for member in held.keys { held[member]?.removeAll { $0 == index } }
    }

    /// Everything still owed is delivered, applied and acknowledged, then nothing moves any more.
    mutating func rest() {
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
}
