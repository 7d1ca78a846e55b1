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
}

/// When one rule is armed: its own `from` and `for` within the window.
struct ArmedSpan: Sendable {
    private let from: Instant
    private let until: Instant
    /// Poison does: a bad event stays bad.
    private let outlivesWindow: Bool

    init(_ rule: FaultRule, in window: FaultWindow) {
        let start = window.begin.advanced(byNanoseconds: rule.selector.from.wholeNanoseconds)
        from = start
        until =
            rule.selector.length.map { start.advanced(byNanoseconds: $0.wholeNanoseconds) }
            ?? .distantFuture
        outlivesWindow = rule.isPoison
    }

    /// Whether the rule is armed at `now`, in a window that ends at `end`.
    @inline(__always)
    func contains(_ now: Instant, windowEnd end: Instant) -> Bool {
        now >= from && now < until && (now < end || outlivesWindow)
    }
}

extension FaultRule {
    var isPoison: Bool {
        if case .fail(isPoison: true, _) = kind { return true }
        return false
    }
}
