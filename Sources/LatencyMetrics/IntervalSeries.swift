/// What is counted in each interval.
public enum IntervalCounter: Int, Hashable, Sendable, CaseIterable {
    /// Events handed to the broker for the first time.
    case published
    /// Events confirmed.
    case confirmed
    /// Events refused for good.
    case refused
    /// Deliveries, redeliveries included.
    case delivered
    /// Deliveries acknowledged.
    case acknowledged
    /// Events that took effect.
    case applied
}

/// What one thread did in each interval of the run; owned by that thread.
///
/// Bounded: intervals are one second each while the run has at most `mostIntervals` seconds, else
/// equally longer. What happens after the planned end is counted in the last interval. Memory:
/// 19 KiB an interval, all of it allocated and touched in `init`.
@safe
public struct IntervalSeries: ~Copyable, @unchecked Sendable {
    // SAFETY: unsynchronised is the memory behind the pointers. The type is not copyable, so it has
    // one owner, and moving it to another thread is a hand-over.
    // Checked by: "a histogram can be handed to another thread".

    /// The most intervals that a series has.
    public static let mostIntervals = 1200

    private static let layout = HistogramLayout.perSecond
    private static let gauges = 2
    private static let countersAndGauges = IntervalCounter.allCases.count + gauges

    /// The length of one interval, a whole number of seconds.
    public let intervalNanoseconds: Int64
    /// How many intervals there are.
    public let count: Int
    /// Topics or groups whose progress is counted apart.
    private let parts: Int
    private let words: Int
    // No `numbers[i] &+= n`, for the reason given in `LatencyHistogram`.
    private let numbers: UnsafeMutablePointer<Int64>
    private let histograms: UnsafeMutablePointer<LatencyHistogram>
    private var current = 0
    private var currentEnd: Int64

    /// A series for a run of `length` nanoseconds, counted from 0.
    ///
    /// `parts` is the number of topics (for producers) or groups (for consumers) whose progress is
    /// to be told apart.
    public init(length: Int64, parts: Int = 0) {
        self.parts = parts
        words = Self.countersAndGauges + parts
        let seconds = max(1, (length + 999_999_999) / 1_000_000_000)
        let most = Int64(Self.mostIntervals)
        let perInterval = (seconds + most - 1) / most
        intervalNanoseconds = perInterval * 1_000_000_000
        count = Int((seconds + perInterval - 1) / perInterval)
        currentEnd = intervalNanoseconds
        // SAFETY: each block is initialised as far as it is used, here and below.
        unsafe numbers = .allocate(capacity: count * words)
        unsafe numbers.initialize(repeating: 0, count: count * words)
        unsafe histograms = .allocate(capacity: count)
        for interval in 0..<count {
            // SAFETY: interval < count.
            unsafe (histograms + interval).initialize(to: LatencyHistogram(Self.layout))
        }
    }

    deinit {
        // SAFETY: exactly what `init` initialised.
        unsafe histograms.deinitialize(count: count)
        unsafe histograms.deallocate()
        unsafe numbers.deallocate()
    }

    /// Goes to the interval that `now` lies in; call it once a batch.
    public mutating func moveTo(_ now: Int64) {
        while now >= currentEnd, current &+ 1 < count {
            current &+= 1
            currentEnd &+= intervalNanoseconds
        }
    }

    /// Adds `amount` to a counter of the current interval.
    public mutating func add(_ amount: Int, to counter: IntervalCounter) {
        let place = current &* words &+ counter.rawValue
        // SAFETY: current < count and the raw value is below the number of counters.
        unsafe numbers[place] = numbers[place] &+ Int64(amount)
    }

    /// Adds `amount` to the progress of `part` in the current interval, if it is told apart.
    public mutating func advance(_ part: Int, by amount: Int) {
        guard part < parts else { return }
        let place = current &* words &+ Self.countersAndGauges &+ part
        // SAFETY: current < count, and the parts lie behind the gauges.
        unsafe numbers[place] = numbers[place] &+ Int64(amount)
    }

    /// Counts one latency, in nanoseconds, in the current interval.
    public mutating func record(_ latency: Int64, count: Int64 = 1) {
        // SAFETY: current < count.
        unsafe (histograms + current).pointee.record(latency, count: count)
    }

    /// Notes how many events are unconfirmed; the highest of an interval is kept.
    public mutating func observe(inFlight: Int) {
        let place = current &* words &+ IntervalCounter.allCases.count
        // SAFETY: current < count, and the gauges lie behind the counters.
        unsafe numbers[place] = max(numbers[place], Int64(inFlight))
    }

    /// Notes how many deliveries a consumer holds; the highest of an interval is kept.
    public mutating func observe(held: Int) {
        let place = current &* words &+ IntervalCounter.allCases.count &+ 1
        // SAFETY: current < count, and the gauges lie behind the counters.
        unsafe numbers[place] = max(numbers[place], Int64(held))
    }

    /// What happened in each interval, as values.
    public func intervals() -> [Interval] {
        (0..<count).map { place in
            let first = place * words
            let gauges = first + IntervalCounter.allCases.count
            let progress = gauges + Self.gauges
            return Interval(
                start: Int64(place) * intervalNanoseconds,
                length: intervalNanoseconds,
                // SAFETY: place < count.
                counts: (0..<IntervalCounter.allCases.count).map { unsafe numbers[first + $0] },
                progress: (0..<parts).map { unsafe numbers[progress + $0] },
                inFlight: unsafe numbers[gauges],
                held: unsafe numbers[gauges + 1],
                latency: unsafe histograms[place].snapshot()
            )
        }
    }
}

/// What happened in one stretch of time.
public struct Interval: Hashable, Sendable {
    /// Where it begins, in nanoseconds on the run's clock.
    public var start: Int64
    /// How long it is.
    public var length: Int64
    /// By the raw value of the counter.
    public var counts: [Int64]
    /// By topic the events confirmed, or by group the deliveries that need no further attention, as
    /// far as they are told apart.
    public var progress: [Int64]
    /// The most events that were unconfirmed at once; over several threads the sum of theirs.
    public var inFlight: Int64
    /// The most deliveries that were held at once; over several threads the sum of theirs.
    public var held: Int64
    /// The latencies that ended in it.
    public var latency: HistogramSnapshot

    /// What `counter` reached.
    public subscript(counter: IntervalCounter) -> Int64 { counts[counter.rawValue] }

    /// Adds up series of equal length, interval by interval.
    public static func merged(_ series: [[Interval]]) -> [Interval] {
        guard var sum = series.first else { return [] }
        for other in series.dropFirst() {
            precondition(
                other.count == sum.count && other.first?.length == sum.first?.length,
                "only series of the same run can be added up"
            )
            for place in sum.indices {
                for counter in sum[place].counts.indices {
                    sum[place].counts[counter] += other[place].counts[counter]
                }
                for part in sum[place].progress.indices {
                    sum[place].progress[part] += other[place].progress[part]
                }
                sum[place].inFlight += other[place].inFlight
                sum[place].held += other[place].held
                sum[place].latency.merge(other[place].latency)
            }
        }
        return sum
    }
}
