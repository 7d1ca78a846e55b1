public import Messaging

/// The rules of one site for one worker: takes items in, lets what is left of them out.
///
/// Generic over what passes: events, confirmations, deliveries or answers. One thread at a time.
/// Without any rule of the site a worker has no layer, so that unarmed runs pay nothing. What
/// passes untouched is passed on by the caller's own code and allocates nothing.
public struct FaultSiteLayer<Item> {
    @usableFromInline var gate: FaultGate
    @usableFromInline var held = HeldItems<Item>()

    /// The layer for `site`, or `nil` if no rule is about it.
    public init?(site: FaultSite, rules: [FaultRule], hash: KeyedHash, window: FaultWindow) {
        guard let gate = FaultGate(site: site, rules: rules, hash: hash, window: window) else {
            return nil
        }
        self.gate = gate
    }

    /// What each rule of the scenario counted here, by index in the scenario.
    public var counts: [FaultCounts] { gate.counts }

    /// From now on no rule fires; what is held still comes when it is due.
    public mutating func disarm(at now: Instant) {
        gate.disarm(at: now)
    }

    /// Whether `takeStrikes` has something to give.
    public var hasStrikes: Bool { !gate.strikes.isEmpty }

    /// What rules have struck since the last call, for the join of the two sides.
    public mutating func takeStrikes() -> [FaultStrike] {
        guard hasStrikes else { return [] }
        defer { gate.forgetStrikes() }
        return gate.strikes
    }

    /// How many items wait.
    public var heldCount: Int { held.count }

    /// When the next held item is due.
    public var nextRelease: Instant? { held.nextRelease }

    /// Forgets what is held, as a crashing worker does.
    public mutating func removeAllHeld() {
        held.removeAll()
        gate.forgetWaiting()
    }

    /// Passes `item` through every rule of the site, in the order of the scenario.
    ///
    /// - Parameters:
    ///   - item: what passes.
    ///   - subject: what the rules look at.
    ///   - now: the time of passage.
    ///   - lane: items of one lane keep their order under `order: hold`.
    ///   - copy: makes the numbered injected copy of an item.
    ///   - passed: gets what passes at once: nothing, the item, its copies, or all.
    @inlinable
    public mutating func pass(
        _ item: Item,
        _ subject: FaultSubject,
        at now: Instant,
        lane: Int,
        copy: (Item, Int) -> Item,
        into passed: inout ContiguousArray<Item>
    ) {
        let passage = gate.decide(subject, at: now, lane: lane)
        guard !passage.isPlain else { return passed.append(item) }
        switch passage.fate {
        case .passes: passed.append(item)
        case .vanishes: break
        case .waits(let rule, let release, let lane):
            held.hold(item, rule: rule, lane: lane, until: release)
            guard lane == nil else {
                // Copies are later items of the lane.
                for number in 0..<passage.copies {
                    let copied = copy(item, number + 1)
                    held.hold(copied, rule: rule, lane: lane, until: release)
                }
                return
            }
        }
        for number in 0..<passage.copies { passed.append(copy(item, number + 1)) }
    }

    /// Hands out what was held and is due.
    ///
    /// Draining passes `.distantFuture` to let all go.
    public mutating func release(at now: Instant, into passed: inout ContiguousArray<Item>) {
        while let waiting = held.popDue(at: now) {
            gate.released(rule: waiting.rule, lane: waiting.lane)
            passed.append(waiting.item)
        }
    }
}
