public import Messaging

/// The rules of one site for one worker: takes items in, lets what is left of them out.
///
/// Generic over what passes: events, confirmations, deliveries or answers. One thread at a time.
/// Without any rule of the site a worker has no layer, so that unarmed runs pay nothing.
public struct FaultSiteLayer<Item> {
    private struct Waiting {
        var item: Item
        var subject: FaultSubject
        var lane: Int?
    }

    private let decisions: [FaultDecision]
    private var held: [HeldItems<Waiting>]
    private var window: FaultWindow
    private var arrivals: [Int: [Int: UInt64]] = [:]

    /// What has been struck and not yet been taken by `takeStrikes`.
    private var strikes: [FaultStrike] = []

    /// What each rule of the scenario counted here, by index in the scenario.
    public private(set) var counts: [FaultCounts]

    /// The layer for `site`, or `nil` if no rule is about it.
    public init?(site: FaultSite, rules: [FaultRule], hash: KeyedHash, window: FaultWindow) {
        decisions = rules.enumerated()
            .filter { $0.element.site == site }
            .sorted { !$0.element.isDelay && $1.element.isDelay }
            .map { FaultDecision(rule: $0.element, number: $0.offset, hash: hash) }
        guard !decisions.isEmpty else { return nil }
        held = decisions.map { HeldItems(limit: $0.rule.maxHeld) }
        self.window = window
        counts = Array(repeating: FaultCounts(), count: rules.count)
    }

    /// From now on no rule fires; what is held still comes when it is due.
    public mutating func disarm(at now: Instant) {
        window.end = min(window.end, now)
    }

    /// What rules have struck since the last call, for the join of the two sides.
    public mutating func takeStrikes() -> [FaultStrike] {
        defer { strikes.removeAll(keepingCapacity: true) }
        return strikes
    }

    /// How many items wait.
    public var heldCount: Int { held.reduce(0) { $0 + $1.count } }

    /// When the next held item is due.
    public var nextRelease: Instant? { held.compactMap(\.nextRelease).min() }

    /// Forgets what is held, as a crashing worker does.
    public mutating func removeAllHeld() {
        for index in held.indices { held[index].removeAll() }
    }

    /// Passes `item` through every rule of the site, in the order of the scenario.
    ///
    /// - Parameters:
    ///   - item: what passes.
    ///   - subject: what the rules look at.
    ///   - now: the time of passage.
    ///   - lane: items of one lane keep their order under `order: hold`.
    ///   - copy: makes the numbered injected copy of an item.
    ///   - passed: gets what passes at once: nothing, the item, or the item and its copies.
    public mutating func pass(
        _ item: Item,
        _ subject: FaultSubject,
        at now: Instant,
        lane: Int,
        copy: (Item, Int) -> Item,
        into passed: inout ContiguousArray<Item>
    ) {
        var copies = 0
        for index in decisions.indices {
            let rule = decisions[index].rule
            let hasFired = fires(index, subject, at: now, lane: lane)
            let isBehindHeld = rule.keepsOrder && held[index].blocks(lane: lane)
            guard hasFired || isBehindHeld else { continue }
            if hasFired {
                counts[decisions[index].number].strike(at: now)
                strikes.append(FaultStrike(rule: decisions[index].number, subject: subject))
            }
            switch rule.kind {
            case .drop:
                return append(copies, of: item, copy: copy, into: &passed)
            case .delay:
                let wait = hasFired ? decisions[index].delayNanoseconds(subject) : 0
                let release = now.advanced(byNanoseconds: wait)
                queue(item, subject, rule: index, lane: lane, until: release, into: &passed)
                return append(copies, of: item, copy: copy, into: &passed)
            case .duplicate(let extra):
                copies += extra
            case .fail, .crash:
                preconditionFailure("\(rule.name) is not a fault of messages")
            }
        }
        passed.append(item)
        append(copies, of: item, copy: copy, into: &passed)
    }

    /// Hands out what was held and is due.
    ///
    /// Draining passes `.distantFuture` to let all go.
    public mutating func release(at now: Instant, into passed: inout ContiguousArray<Item>) {
        for index in held.indices {
            while let waiting = held[index].popDue(at: now, laneOf: \.lane) {
                passed.append(waiting.item)
            }
        }
    }
}

extension FaultSiteLayer {
    private mutating func fires(
        _ index: Int,
        _ subject: FaultSubject,
        at now: Instant,
        lane: Int
    ) -> Bool {
        let decision = decisions[index]
        guard window.arms(decision.rule, at: now) else { return false }
        counts[decision.number].armed += 1
        guard decision.isEligible(subject) else { return false }
        counts[decision.number].eligible += 1
        if let nth = decision.rule.selector.nth {
            arrivals[index, default: [:]][lane, default: 0] += 1
            guard arrivals[index]?[lane] == nth else { return false }
        }
        return decision.fires(on: subject)
    }

    private mutating func queue(
        _ item: Item,
        _ subject: FaultSubject,
        rule index: Int,
        lane: Int,
        until release: Instant,
        into passed: inout ContiguousArray<Item>
    ) {
        guard !held[index].isFull else {
            counts[decisions[index].number].heldOverflow += 1
            return passed.append(item)
        }
        let lane = decisions[index].rule.keepsOrder ? lane : nil
        held[index].hold(
            Waiting(item: item, subject: subject, lane: lane),
            lane: lane,
            until: release
        )
    }

    private func append(
        _ copies: Int,
        of item: Item,
        copy: (Item, Int) -> Item,
        into passed: inout ContiguousArray<Item>
    ) {
        guard copies > 0 else { return }
        for number in 1...copies { passed.append(copy(item, number)) }
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
