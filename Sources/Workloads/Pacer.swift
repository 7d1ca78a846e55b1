public import Messaging

/// When each event of one producer is due.
///
/// Intended times depend on the event's number alone, never on when earlier events were really
/// sent: an event that is sent late keeps its time, nothing is skipped, and the producer catches up
/// as fast as it can. Response times measured from `due` are therefore safe against coordinated
/// omission. Constant rates and stages are exact to the nanosecond over any number of events.
/// Cost: 1–2 ns an event, a logarithm more for Poisson; allocates in `init` alone.
public struct Pacer: Sendable {
    private enum Course {
        case closedLoop
        case stages
        case poisson
    }

    /// A stretch of constant rate.
    ///
    /// Work is counted in 1e-18 events, rates in 1e-9 events a second,
    /// so that rate × nanoseconds is work, in integers.
    private struct Stretch {
        var start: Int64
        var end: Int64
        var workBefore: UInt128
        var rate: UInt64
    }

    /// Events a second above which a rate is not one: use a closed loop.
    public static let highestRate = 1e10

    /// Half the range: adding a step of up to 1e18 ns to it cannot overflow.
    private static let longest = Int64.max / 2

    private static let workPerEvent: UInt64 = 1_000_000_000_000_000_000

    private let course: Course
    private let stretches: [Stretch]
    private let start: Instant
    private let hash: KeyedHash
    private let meanInterval: Double

    /// How many events have been taken.
    public private(set) var index: UInt64 = 0

    private var stretch = 0
    private var stretchEnd = Int64.max
    private var rate: UInt64 = 0
    private var wholeStep: Int64 = 0
    private var stepRemainder: UInt64 = 0
    /// How far the due time was rounded up, in work: less than `rate`.
    private var slack: UInt64 = 0
    private var offset: Int64 = 0
    private var exactOffset = 0.0

    /// Begins a schedule whose first event is due at `start` (Poisson: one interval later).
    ///
    /// `hash` belongs to this producer alone.
    /// - Precondition: rates are finite, not negative and at most `highestRate`.
    public init(arrivals: ArrivalProcess, start: Instant, hash: KeyedHash) {
        self.start = start
        self.hash = hash
        switch arrivals {
        case .closedLoop:
            (course, stretches, meanInterval) = (.closedLoop, [], 0)
        case .constant(let perSecond):
            let stage = ArrivalProcess.Stage(duration: .zero, perSecond: perSecond)
            (course, stretches, meanInterval) = (.stages, Self.stretches(of: [stage]), 0)
        case .stages(let stages):
            (course, stretches, meanInterval) = (.stages, Self.stretches(of: stages), 0)
        case .poisson(let perSecond):
            _ = Self.scaledRate(perSecond)
            (course, stretches, meanInterval) = (.poisson, [], 1e9 / perSecond)
        }
        seek()
    }

    /// When the next event is due: `distantFuture` if never, `nil` in a closed loop.
    public var nextDue: Instant? {
        course == .closedLoop ? nil : start.advanced(byNanoseconds: offset)
    }

    /// The intended time of the next event if it is due by `now`, and goes on to the one after.
    ///
    /// In a closed loop every event is due at `now`.
    public mutating func take(dueBy now: Instant) -> Instant? {
        guard course != .closedLoop else {
            index &+= 1
            return now
        }
        let due = start.advanced(byNanoseconds: offset)
        guard due <= now else { return nil }
        advance()
        return due
    }

    /// Goes on to the next event.
    public mutating func advance() {
        index &+= 1
        switch course {
        case .closedLoop: return
        case .poisson: stepByDraw()
        case .stages:
            guard rate > 0 else { return }
            offset &+= wholeStep
            if slack >= stepRemainder {
                slack &-= stepRemainder
            } else {
                slack = slack &+ rate &- stepRemainder
                offset &+= 1
            }
            if offset > stretchEnd { seek() }
        }
    }

    /// Passes over `count` events, in constant time where the process allows.
    public mutating func advance(by count: UInt64) {
        guard course != .poisson else {
            for _ in 0..<count { advance() }
            return
        }
        index &+= count
        seek()
    }

    private mutating func stepByDraw() {
        exactOffset += meanInterval * hash.exponential(index, 0)
        offset = exactOffset < 0x1p62 ? Int64(exactOffset) : .max
    }

    /// Works out the due time of event `index` from nothing but its number.
    private mutating func seek() {
        switch course {
        case .closedLoop: return
        case .poisson: return stepByDraw()
        case .stages: break
        }
        let work = UInt128(index) * UInt128(Self.workPerEvent)
        while stretch < stretches.count {
            let candidate = stretches[stretch]
            if candidate.rate > 0 {
                let ahead = work - candidate.workBefore
                let (whole, rest) = ahead.quotientAndRemainder(dividingBy: UInt128(candidate.rate))
                let length = rest == 0 ? whole : whole + 1
                // An event rounded up to the very end still belongs to this stretch, so the work of
                // the next event is never below `workBefore` of the next stretch.
                if length <= UInt128(candidate.end - candidate.start) {
                    return begin(candidate, at: Int64(length), slack: rest)
                }
            }
            stretch += 1
        }
        (rate, offset) = (0, .max)
    }

    private mutating func begin(_ entered: Stretch, at length: Int64, slack rest: UInt128) {
        rate = entered.rate
        slack = rest == 0 ? 0 : rate - UInt64(rest)
        offset = entered.start + length
        stretchEnd = entered.end
        let step = Self.workPerEvent.quotientAndRemainder(dividingBy: rate)
        wholeStep = Int64(step.quotient)
        stepRemainder = step.remainder
    }

    private static func stretches(of stages: [ArrivalProcess.Stage]) -> [Stretch] {
        var start: Int64 = 0
        var work: UInt128 = 0
        return stages.enumerated().map { position, stage in
            let isLast = position == stages.count - 1
            let length = max(0, stage.duration.wholeNanoseconds)
            let end = isLast ? longest : start + min(length, longest - start)
            let rate = scaledRate(stage.perSecond)
            defer {
                work += UInt128(rate) * UInt128(end - start)
                start = end
            }
            return Stretch(start: start, end: end, workBefore: work, rate: rate)
        }
    }

    private static func scaledRate(_ perSecond: Double) -> UInt64 {
        precondition(
            perSecond >= 0 && perSecond <= highestRate,
            "a rate lies between 0 and 1e10 events a second"
        )
        return UInt64((perSecond * 1e9).rounded())
    }
}
