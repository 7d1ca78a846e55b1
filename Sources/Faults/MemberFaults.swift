public import Messaging

/// The faults that hold up one consumer member as a whole: pauses and slowness.
public struct MemberFaults {
    private struct Rule {
        var rule: FaultRule
        /// Its index in the scenario.
        var number: Int
    }

    private let rules: [Rule]
    private var window: FaultWindow
    private var hasPaused: Set<Int> = []

    /// What each rule of the scenario counted here, by index in the scenario.
    public private(set) var counts: [FaultCounts]

    /// Those of `rules` that are about this member, or `nil` if there are none.
    public init?(rules: [FaultRule], group: UInt16, member: UInt16, window: FaultWindow) {
        self.rules = rules.enumerated()
            .filter { $0.element.holdsUp(group: group, member: member) }
            .map { Rule(rule: $0.element, number: $0.offset) }
        guard !self.rules.isEmpty else { return nil }
        self.window = window
        counts = Array(repeating: FaultCounts(), count: rules.count)
    }

    /// From now on no rule fires.
    public mutating func disarm(at now: Instant) {
        window.end = min(window.end, now)
    }

    /// For how many nanoseconds the member stands still from `now` on; each rule fires once.
    public mutating func pause(at now: Instant) -> Int64? {
        for candidate in rules {
            guard case .pause(let length) = candidate.rule.kind,
                window.arms(candidate.rule, at: now),
                hasPaused.insert(candidate.number).inserted
            else { continue }
            strike(candidate.number, at: now)
            return length.wholeNanoseconds
        }
        return nil
    }

    /// How many nanoseconds longer an event takes whose handling begins at `begin`.
    public func slowness(at begin: Instant) -> Int64 {
        rules.reduce(0) { sum, candidate in
            guard case .slow(let more) = candidate.rule.kind,
                window.arms(candidate.rule, at: begin)
            else { return sum }
            return sum + more.wholeNanoseconds
        }
    }

    /// Counts an event whose handling began at `begin` and took longer.
    public mutating func noteHandled(begunAt begin: Instant) {
        for candidate in rules {
            guard case .slow = candidate.rule.kind, window.arms(candidate.rule, at: begin) else {
                continue
            }
            strike(candidate.number, at: begin)
        }
    }

    private mutating func strike(_ number: Int, at now: Instant) {
        counts[number].armed += 1
        counts[number].eligible += 1
        counts[number].strike(at: now)
    }
}

extension FaultRule {
    fileprivate func holdsUp(group: UInt16, member: UInt16) -> Bool {
        switch kind {
        case .pause, .slow:
            (selector.group ?? group) == group && (selector.member ?? member) == member
        case .drop, .delay, .duplicate, .fail, .hang, .crash: false
        }
    }
}
