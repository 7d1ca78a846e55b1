public import Messaging

/// The rules of one site for one worker: takes items in, lets what is left of them out.
///
/// Generic over what passes: events, confirmations, deliveries or answers. One thread at a time.
/// Without any rule of the site a worker has no layer, so that unarmed runs pay nothing.
public struct FaultSiteLayer<Item> {
    /// What happened to an item, for the join of the two sides.
    public struct Strike {
        /// Which rule, by index in the scenario.
        public var rule: Int
        /// On what.
        public var subject: FaultSubject
    }

    private struct Waiting {
        var item: Item
        var subject: FaultSubject
        var lane: Int?
    }

    private let decisions: [FaultDecision]
    private var held: [HeldItems<Waiting>]
    private var window: FaultWindow
    private var arrivals: [Int: [Int: UInt64]] = [:]

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
    ///   - struck: told of each rule that fires.
    ///   - emit: takes what passes at once: nothing, the item, or the item and its copies.
    public mutating func pass(
        _ item: Item,
        _ subject: FaultSubject,
        at now: Instant,
        lane: Int,
        copy: (Item, Int) -> Item,
        struck: (Strike) -> Void,
        emit: (Item) -> Void
    ) {
        var copies = 0
        for index in decisions.indices {
            let rule = decisions[index].rule
            let strikes = fires(index, subject, at: now, lane: lane)
            let isBehindHeld = rule.keepsOrder && held[index].blocks(lane: lane)
            guard strikes || isBehindHeld else { continue }
            if strikes {
                counts[decisions[index].number].strike(at: now)
                struck(Strike(rule: decisions[index].number, subject: subject))
            }
            switch rule.kind {
            case .drop:
                return emitCopies(copies, of: item, copy: copy, emit: emit)
            case .delay:
                let wait = strikes ? decisions[index].delayNanoseconds(subject) : 0
                let release = now.advanced(byNanoseconds: wait)
                queue(item, subject, rule: index, lane: lane, until: release, emit: emit)
                return emitCopies(copies, of: item, copy: copy, emit: emit)
            case .duplicate(let extra):
                copies += extra
            case .fail, .crash:
                preconditionFailure("\(rule.name) is not a fault of messages")
            }
        }
        emit(item)
        emitCopies(copies, of: item, copy: copy, emit: emit)
    }

    /// Hands out what was held and is due.
    ///
    /// Draining passes `.distantFuture` to let all go.
    public mutating func release(at now: Instant, emit: (Item) -> Void) {
        for index in held.indices {
            while let waiting = held[index].popDue(at: now, laneOf: \.lane) { emit(waiting.item) }
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
        emit: (Item) -> Void
    ) {
        guard !held[index].isFull else {
            counts[decisions[index].number].heldOverflow += 1
            return emit(item)
        }
        let lane = decisions[index].rule.keepsOrder ? lane : nil
        held[index].hold(
            Waiting(item: item, subject: subject, lane: lane),
            lane: lane,
            until: release
        )
    }

    private func emitCopies(
        _ copies: Int,
        of item: Item,
        copy: (Item, Int) -> Item,
        emit: (Item) -> Void
    ) {
        guard copies > 0 else { return }
        for number in 1...copies { emit(copy(item, number)) }
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
