import Messaging

/// When a producer's events are due.
public enum ArrivalProcess: Hashable, Sendable {
    /// The next event as soon as the in-flight limit allows: there is no schedule to be late for.
    case closedLoop
    /// Equal intervals; events per second of one producer.
    case constant(perSecond: Double)
    /// Independent, exponentially distributed intervals with this mean rate.
    case poisson(perSecond: Double)
    /// One constant rate after another; the last one goes on.
    case stages([Stage])

    /// A stretch of constant rate.
    public struct Stage: Hashable, Sendable {
        /// How long it lasts.
        public var duration: Duration
        /// Events per second of one producer.
        public var perSecond: Double

        /// Makes a stage.
        public init(duration: Duration, perSecond: Double) {
            self.duration = duration
            self.perSecond = perSecond
        }
    }

    /// Whether events have an intended time.
    public var isOpenLoop: Bool { self != .closedLoop }
}

/// Which key each event gets.
///
/// `pattern` is the number of the name pattern in `KeyNames`.
public struct KeyDistribution: Hashable, Sendable {
    /// How an index is drawn.
    public enum Shape: Hashable, Sendable {
        /// Events have no key.
        case none
        /// 0, 1, … and round again.
        case roundRobin(count: Int)
        /// Every index equally likely.
        case uniform(count: Int)
        /// Index i with probability proportional to 1 / (i + 1)^exponent.
        case zipf(count: Int, exponent: Double)
        /// `share` of the events on the first `hot` indices, the rest on the others.
        case hotSet(count: Int, hot: Int, share: Double)
    }

    /// How an index is drawn.
    public var shape: Shape
    /// Number of the name pattern.
    public var pattern: UInt16

    /// Makes a distribution.
    public init(_ shape: Shape, pattern: UInt16 = 0) {
        self.shape = shape
        self.pattern = pattern
    }
}

/// What the bodies are made of.
public enum PayloadSource: Hashable, Sendable {
    /// Random bytes of a fixed length.
    case fixed(bytes: Int)
    /// Random bytes, length uniform between the bounds, both included.
    case uniform(smallest: Int, largest: Int)
    /// Always the bytes of this file.
    case file(path: String)
    /// The lines of this file, one after another and round again.
    case lines(path: String)
    /// `count` bodies made beforehand, of which `randomShare` of the bytes are random, the rest 0.
    case pool(count: Int, bytes: Int, randomShare: Double)
}

/// How long something takes.
public enum DurationDistribution: Hashable, Sendable {
    /// No time at all.
    case none
    /// Always the same.
    case fixed(Duration)
    /// Uniform between the bounds.
    case uniform(Duration, Duration)
    /// Exponential with this mean.
    case exponential(mean: Duration)

    /// The mean, in nanoseconds.
    public var meanNanoseconds: Double {
        switch self {
        case .none: 0
        case .fixed(let duration): Double(duration.wholeNanoseconds)
        case .uniform(let low, let high):
            (Double(low.wholeNanoseconds) + Double(high.wholeNanoseconds)) / 2
        case .exponential(let mean): Double(mean.wholeNanoseconds)
        }
    }
}
