public import Messaging

/// The faults inside a consumer's handler: refusals and crashes, for one member.
public struct HandlerFaults {
    /// What a handler does with one delivery.
    public enum Fate: Hashable, Sendable {
        /// It succeeds.
        case succeeds
        /// It refuses before it changed anything.
        case fails
        /// It refuses after its effect.
        case failsAfterEffect
        /// It neither takes effect nor answers.
        case hangs
        /// The member loses its memory at this point and comes back after so many nanoseconds.
        case crashes(at: CrashPoint, restartAfterNanoseconds: Int64)
    }

    private let decisions: [FaultDecision]
    private var window: FaultWindow
    private var hasCrashed: Set<Int> = []
    private var arrivals: [Int: [UInt16: UInt64]] = [:]

    /// What has been struck and not yet been taken by `takeStrikes`.
    private var strikes: [FaultStrike] = []

    /// What each rule of the scenario counted here, by index in the scenario.
    public private(set) var counts: [FaultCounts]

    /// The handler faults of `rules`, or `nil` if there are none.
    public init?(rules: [FaultRule], hash: KeyedHash, window: FaultWindow) {
        decisions = rules.enumerated()
            .filter { $0.element.strikesHandlers }
            .map { FaultDecision(rule: $0.element, number: $0.offset, hash: hash) }
        guard !decisions.isEmpty else { return nil }
        self.window = window
        counts = Array(repeating: FaultCounts(), count: rules.count)
    }

    /// From now on no rule fires but poison.
    public mutating func disarm(at now: Instant) {
        window.end = min(window.end, now)
    }

    /// What rules have struck since the last call, for the join of the two sides.
    public mutating func takeStrikes() -> [FaultStrike] {
        guard !strikes.isEmpty else { return [] }
        defer { strikes.removeAll(keepingCapacity: true) }
        return strikes
    }

    /// What happens to the handler of `subject`; the first rule that fires decides.
    ///
    /// - Parameters:
    ///   - subject: the delivery at hand.
    ///   - now: when the handler begins.
    /// - Returns: what the handler is to do.
    public mutating func fate(
        of subject: FaultSubject,
        at now: Instant
    ) -> Fate {
        for decision in decisions where window.arms(decision.rule, at: now) {
            let number = decision.number
            counts[number].armed += 1
            guard decision.isEligible(subject) else { continue }
            counts[number].eligible += 1
            if let nth = decision.rule.selector.nth {
                arrivals[number, default: [:]][subject.partition, default: 0] += 1
                guard arrivals[number]?[subject.partition] == nth else { continue }
            }
            guard decision.fires(on: subject) else { continue }
            if case .crash = decision.rule.kind, decision.rule.crashesOnce {
                guard hasCrashed.insert(number).inserted else { continue }
            }
            counts[number].strike(at: now)
            strikes.append(FaultStrike(rule: number, subject: subject))
            return decision.rule.fate
        }
        return .succeeds
    }
}

extension FaultRule {
    fileprivate var strikesHandlers: Bool {
        if case .crash = kind { return true }
        return site == .process
    }

    /// A crash without a selection of events happens once, at the first event after `from`.
    fileprivate var crashesOnce: Bool {
        selector.probability >= 1 && selector.every == nil
    }

    fileprivate var fate: HandlerFaults.Fate {
        switch kind {
        case .fail(_, let afterEffect): afterEffect ? .failsAfterEffect : .fails
        case .crash(let point, let restartAfter):
            .crashes(at: point, restartAfterNanoseconds: restartAfter.wholeNanoseconds)
        case .hang: .hangs
        case .drop, .delay, .duplicate, .pause, .slow:
            preconditionFailure("\(kind.name) is not a fault of handlers")
        }
    }
}
