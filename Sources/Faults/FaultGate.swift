public import Messaging
import Workloads

/// What becomes of one item at a site.
@usableFromInline
struct FaultPassage {
    /// What happens to the item itself.
    @usableFromInline
    enum Fate {
        case passes
        case vanishes
        /// It waits until `release`, and later items of `lane` behind it if there is one.
        case waits(rule: Int, release: Instant, lane: Int?)
    }

    @usableFromInline var fate = Fate.passes
    /// Injected copies, which go the item's way; only one that lets others overtake lets them too.
    @usableFromInline var copies = 0

    @usableFromInline var isPlain: Bool {
        if case .passes = fate { return copies == 0 }
        return false
    }
}

/// Decides for the rules of one site what becomes of each item, and counts.
///
/// Sees subjects only, never the items themselves: so it is compiled once for all kinds of items.
@usableFromInline
struct FaultGate {
    /// Items of one lane that one rule holds in order.
    private struct Queue {
        /// When the last of them is due.
        var release: Instant
        var count: Int
    }

    private let decisions: [FaultDecision]
    private var window: FaultWindow
    private var arrivals: [Int: [Int: UInt64]] = [:]
    /// By decision: how many items wait, and in which lanes.
    private var waiting: [Int]
    private var queues: [[Int: Queue]]

    private(set) var strikes: [FaultStrike] = []
    private(set) var counts: [FaultCounts]

    init?(site: FaultSite, rules: [FaultRule], hash: KeyedHash, window: FaultWindow) {
        decisions = rules.enumerated()
            .filter { $0.element.site == site }
            .sorted { !$0.element.isDelay && $1.element.isDelay }
            .map { FaultDecision(rule: $0.element, number: $0.offset, hash: hash) }
        guard !decisions.isEmpty else { return nil }
        waiting = Array(repeating: 0, count: decisions.count)
        queues = Array(repeating: [:], count: decisions.count)
        self.window = window
        counts = Array(repeating: FaultCounts(), count: rules.count)
    }

    mutating func disarm(at now: Instant) {
        window.end = min(window.end, now)
    }

    mutating func forgetStrikes() {
        strikes.removeAll(keepingCapacity: true)
    }

    /// Sends one item past every rule, in the order of the scenario but with delays last.
    @usableFromInline
    mutating func decide(_ subject: FaultSubject, at now: Instant, lane: Int) -> FaultPassage {
        var passage = FaultPassage()
        for index in decisions.indices {
            let hasFired = fires(index, subject, at: now, lane: lane)
            guard hasFired || isQueued(index, lane) else { continue }
            let rule = decisions[index].rule
            if hasFired {
                counts[decisions[index].number].strike(at: now)
                strikes.append(FaultStrike(rule: decisions[index].number, subject: subject))
            }
            switch rule.kind {
            case .drop:
                passage.fate = .vanishes
                return passage
            case .delay:
                let wait = hasFired ? decisions[index].delayNanoseconds(subject) : 0
                passage.fate = hold(
                    index,
                    lane,
                    copies: passage.copies,
                    until: now.advanced(byNanoseconds: wait)
                )
                return passage
            case .duplicate(let extra):
                passage.copies += extra
            case .fail, .hang, .crash, .pause, .slow:
                preconditionFailure("\(rule.name) is not a fault of messages")
            }
        }
        return passage
    }

    /// An item that waited for `rule` in `lane` has passed.
    mutating func released(rule index: Int, lane: Int?) {
        waiting[index] -= 1
        guard let lane, let queue = queues[index][lane] else { return }
        queues[index][lane] =
            queue.count == 1 ? nil : Queue(release: queue.release, count: queue.count - 1)
    }

    mutating func forgetWaiting() {
        for index in decisions.indices {
            waiting[index] = 0
            queues[index].removeAll(keepingCapacity: true)
        }
    }

    private func isQueued(_ index: Int, _ lane: Int) -> Bool {
        !queues[index].isEmpty && queues[index][lane] != nil
    }

    /// The item waits, never to pass before an earlier one of its lane; at the bound it passes.
    private mutating func hold(
        _ index: Int,
        _ lane: Int,
        copies: Int,
        until due: Instant
    ) -> FaultPassage.Fate {
        let rule = decisions[index].rule
        guard waiting[index] < rule.maxHeld else {
            counts[decisions[index].number].heldOverflow += 1
            return .passes
        }
        guard rule.keepsOrder else {
            waiting[index] += 1
            return .waits(rule: index, release: due, lane: nil)
        }
        waiting[index] += 1 + copies
        let queue = queues[index][lane] ?? Queue(release: due, count: 0)
        let release = max(due, queue.release)
        queues[index][lane] = Queue(release: release, count: queue.count + 1 + copies)
        return .waits(rule: index, release: release, lane: lane)
    }

    private mutating func fires(
        _ index: Int,
        _ subject: FaultSubject,
        at now: Instant,
        lane: Int
    ) -> Bool {
        let number = decisions[index].number
        guard window.arms(decisions[index].rule, at: now) else { return false }
        counts[number].armed += 1
        guard decisions[index].isEligible(subject) else { return false }
        counts[number].eligible += 1
        if let nth = decisions[index].rule.selector.nth {
            arrivals[index, default: [:]][lane, default: 0] += 1
            guard arrivals[index]?[lane] == nth else { return false }
        }
        return decisions[index].fires(on: subject)
    }
}

extension FaultRule {
    /// Delays come last at a site: what is delayed has passed all other rules.
    var isDelay: Bool {
        if case .delay = kind { return true }
        return false
    }

    /// Whether the rule delays and later items of the lane wait behind the delayed one.
    var keepsOrder: Bool {
        if case .delay(_, order: .hold) = kind { return true }
        return false
    }
}
