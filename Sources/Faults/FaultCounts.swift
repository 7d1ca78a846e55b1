public import Messaging

/// How often one rule had a chance, and how often it took it.
public struct FaultCounts: Hashable, Sendable {
    /// Items that passed the site while the rule was armed.
    public var armed: UInt64 = 0
    /// Of these, the ones that its selector speaks of.
    public var eligible: UInt64 = 0
    /// Of these, the ones that it struck.
    public var fired: UInt64 = 0
    /// Of these, the ones after which worker or broker saw something else than without it.
    public var effective: UInt64 = 0
    /// Items that passed at once because too many were held.
    public var heldOverflow: UInt64 = 0
    /// When it fired first.
    public var first: Instant?
    /// When it fired last.
    public var last: Instant?

    /// No chance yet.
    public init() {}

    /// Adds what another worker counted.
    public mutating func merge(_ other: FaultCounts) {
        armed += other.armed
        eligible += other.eligible
        fired += other.fired
        effective += other.effective
        heldOverflow += other.heldOverflow
        first = [first, other.first].compactMap(\.self).min()
        last = [last, other.last].compactMap(\.self).max()
    }

    mutating func strike(at now: Instant) {
        fired += 1
        effective += 1
        if first == nil { first = now }
        last = now
    }
}

/// One rule took effect on one item.
public struct FaultStrike: Sendable {
    /// Which rule, by index in the scenario.
    public var rule: Int
    /// On what.
    public var subject: FaultSubject
}

/// When rules are armed: from the end of warm-up until draining begins.
public struct FaultWindow: Hashable, Sendable {
    /// The end of warm-up.
    public var begin: Instant
    /// The beginning of draining.
    public var end: Instant

    /// Makes a window.
    public init(begin: Instant, end: Instant) {
        self.begin = begin
        self.end = end
    }

    /// Whether `rule` is armed at `now`.
    ///
    /// Poison outlives the window: a bad event stays bad.
    func arms(_ rule: FaultRule, at now: Instant) -> Bool {
        let from = begin.advanced(byNanoseconds: rule.selector.from.wholeNanoseconds)
        guard now >= from else { return false }
        if let length = rule.selector.length,
            now >= from.advanced(byNanoseconds: length.wholeNanoseconds)
        {
            return false
        }
        if case .fail(isPoison: true, _) = rule.kind { return true }
        return now < end
    }
}
