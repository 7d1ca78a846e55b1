import Messaging

/// When the events of one lane crossed to the broker, and when it confirmed them.
///
/// An event that crossed once costs its share of a run. Bounded: of older events it says that it
/// has forgotten.
struct CrossingTimes: Sendable {
    /// The times of one event.
    struct Times: Sendable, Equatable {
        /// When its first crossing began.
        var began: Int64
        /// When the last of its crossings had ended.
        var ended = Int64.min
        var crossings: UInt32 = 1
        var answers: UInt32 = 0
        var isConfirmed = false
        /// Whether some crossing may take effect at any later time.
        var isUnclear = false

        /// Whether waiting longer tells more than that another crossing has ended.
        var isOpen: Bool { answers == 0 }

        /// From when on the broker surely had it, once no crossing of it was under way any more.
        var surelyStored: Int64? {
            isConfirmed && !isUnclear && answers == crossings ? ended : nil
        }

        mutating func end(_ outcome: CrossingOutcome, at time: Int64) {
            answers += 1
            ended = max(ended, time)
            switch outcome {
            case .confirmed: isConfirmed = true
            case .refused: break
            case .indeterminate: isUnclear = true
            }
        }
    }

    private var regular: RunList<Times>
    /// Events that crossed late or more than once.
    private var irregular: [UInt64: Times] = [:]

    private static let irregularLimit = 1 << 20

    /// Whether crossings were forgotten that were not the oldest.
    private(set) var isExhausted = false

    init(capacity: Int) {
        regular = RunList(capacity: capacity)
    }

    /// What is known of an event, and up to which number the same holds.
    enum Known {
        case times(Times, end: UInt64)
        case notYet
        case forgotten
    }

    func known(_ n: UInt64) -> Known {
        if !irregular.isEmpty, let times = irregular[n] { return .times(times, end: n + 1) }
        if let (times, end) = regular.find(n) {
            return .times(times, end: irregular.isEmpty ? end : n + 1)
        }
        return n < regular.forgottenBelow || isExhausted ? .forgotten : .notYet
    }

    /// Whether event `n` crossed late or more than once.
    func isIrregular(_ n: UInt64) -> Bool { !irregular.isEmpty && irregular[n] != nil }

    /// Whether any event did.
    var hasIrregular: Bool { !irregular.isEmpty || isExhausted }

    mutating func crossed(_ range: Range<UInt64>, at time: Int64) {
        for n in range.lowerBound..<max(range.lowerBound, min(range.upperBound, regular.reached)) {
            crossedLate(n, at: time)
        }
        let start = max(range.lowerBound, regular.reached)
        guard start < range.upperBound else { return }
        regular.insert(start..<range.upperBound, Times(began: time))
    }

    private mutating func crossedLate(_ n: UInt64, at time: Int64) {
        let isForgotten = n < regular.forgottenBelow
        var times = irregular[n] ?? regular.find(n)?.value
        if times == nil {
            // What crossed before it was forgotten began no later than anything that is known.
            times = Times(began: isForgotten ? .min : time, isUnclear: isForgotten)
        } else {
            times?.crossings += 1
        }
        guard irregular.count < Self.irregularLimit || irregular[n] != nil else {
            isExhausted = true
            return
        }
        irregular[n] = times
    }

    mutating func ended(_ range: Range<UInt64>, _ outcome: CrossingOutcome, at time: Int64) {
        // An answer without a crossing is the crossing.
        if range.upperBound > regular.reached {
            crossed(max(range.lowerBound, regular.reached)..<range.upperBound, at: time)
        }
        guard !irregular.isEmpty else {
            return regular.update(range) { $0.end(outcome, at: time) }
        }
        for n in range {
            if irregular[n] != nil {
                irregular[n]?.end(outcome, at: time)
            } else {
                regular.update(n..<n + 1) { $0.end(outcome, at: time) }
            }
        }
    }
}
