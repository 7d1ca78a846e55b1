import CGyreShims
import LatencyMetrics
public import RingCore

/// One kind of ring, in one topology, with one payload, batch, capacity and way to wait.
public struct RingTrial: Hashable, Sendable {
    /// Which ring.
    public var kind: RingKind
    /// Which threads.
    public var topology: RingTopology
    /// How large an item is.
    public var payload: TrialPayload
    /// How many items are handed over at a time.
    public var batch: Int
    /// How many items a ring holds.
    public var capacity: Int
    /// What threads do that find nothing to do.
    public var wait: TrialWait

    /// The largest batch: a thread keeps one of its own.
    public static let batchMax = 1024
    /// The most bytes of all slots of a ring: a topology may need four rings.
    public static let slotBytesMax = 1 << 28

    /// Makes a trial; `problem` says whether it can be run.
    public init(
        kind: RingKind,
        topology: RingTopology,
        payload: TrialPayload,
        batch: Int,
        capacity: Int,
        wait: TrialWait
    ) {
        self.kind = kind
        self.topology = topology
        self.payload = payload
        self.batch = batch
        self.capacity = capacity
        self.wait = wait
    }

    /// Why there is no such trial of its kind; `nil` if there is.
    public var problem: String? {
        if topology.sharesItems, !kind.takesConsumers { return "no sharing among consumers" }
        if topology.producers > 1, !kind.takesProducers { return "one producer only" }
        if batch > capacity { return "a batch of \(batch) is more than a ring of \(capacity)" }
        if capacity < kind.capacityMin { return "more than one slot is needed" }
        if capacity > Self.slotBytesMax / payload.bytes {
            return "\(capacity) slots of \(payload.bytes) B are too much memory"
        }
        return nil
    }

    /// Runs the trial for `length`, and a quarter of it for round trips where there are two
    /// threads.
    ///
    /// Blocks for that long; ends early once `isInterrupted` says so.
    public func sample(
        for length: Duration,
        isInterrupted: () -> Bool
    ) throws(TrialError) -> TrialSample {
        let nanoseconds = length.inNanoseconds
        let parts: TrialParts
        do throws(RingError) { parts = try assembly.parts() } catch { throw .ring(error) }
        let conductor = TrialConductor(wait: wait, batch: batch)
        var sample = try conductor.run(parts, nanoseconds, isInterrupted)
        if topology == .oneToOne, !isInterrupted() {
            try addRoundTrip(to: &sample, nanoseconds / 4, isInterrupted)
        }
        return sample
    }

    private var assembly: TrialAssembly {
        switch payload {
        case .word: kind.assembly(of: UInt64.self, topology, capacity: capacity)
        case .line: kind.assembly(of: TaggedLines<1>.self, topology, capacity: capacity)
        case .fourLines: kind.assembly(of: TaggedLines<4>.self, topology, capacity: capacity)
        case .sixteenLines: kind.assembly(of: TaggedLines<16>.self, topology, capacity: capacity)
        }
    }

    private func addRoundTrip(
        to sample: inout TrialSample,
        _ nanoseconds: Int64,
        _ isInterrupted: () -> Bool
    ) throws(TrialError) {
        let trip: RoundTripParts
        do throws(RingError) { trip = try assembly.roundTrip() } catch { throw .ring(error) }
        let before = TickClock.both
        let conductor = TrialConductor(wait: wait, batch: 1)
        let found = try conductor.run(trip.parts, nanoseconds, isInterrupted)
        let after = TickClock.both
        sample.faults.add(found.faults)
        if let known = sample.queuedShare, let share = found.queuedShare {
            sample.queuedShare = max(known, share)
        }
        let ticks = Double(max(1, after.ticks &- before.ticks))
        let scale = Double(after.nanoseconds - before.nanoseconds) / ticks
        func scaled(_ percentile: Double) -> Double? {
            trip.tally.snapshot?.value(atPercentile: percentile).map { Double($0) * scale }
        }
        if let median = scaled(50), let p99 = scaled(99) {
            sample.roundTrip = RoundTrip(medianNanoseconds: median, p99Nanoseconds: p99)
        }
    }
}

/// How large an item of a trial is.
public enum TrialPayload: Int, CaseIterable, Hashable, Sendable {
    case word = 8
    case line = 64
    case fourLines = 256
    case sixteenLines = 1024

    /// Its size.
    public var bytes: Int { rawValue }
}

/// What one trial measured.
public struct TrialSample: Hashable, Sendable {
    /// Events that went all the way.
    public var items: UInt64
    /// From the common start until the last thread was done.
    public var nanoseconds: Int64
    /// Round trips over two rings; `nil` where the topology has more than two threads.
    public var roundTrip: RoundTrip?
    /// Processor time of the threads.
    public var processorNanoseconds: Int64
    /// Bytes that the threads allocated; `nil` if the allocator does not count.
    public var allocatedBytes: Int64?
    /// The largest share of its time, 0 to 1, that a thread waited for a processor; `nil` if the
    /// system does not say.
    public var queuedShare: Double?
    /// What was wrong.
    public var faults: TrialFaults
}

/// How long an item takes to another thread and back.
public struct RoundTrip: Hashable, Sendable {
    /// Half of the round trips were at most so long.
    public var medianNanoseconds: Double
    /// 99 % of them were.
    public var p99Nanoseconds: Double
}

/// Why a trial could not be run.
public enum TrialError: Error, CustomStringConvertible {
    /// There is no such ring.
    case ring(RingError)
    /// The system gives no more threads.
    case threads(Int)

    /// One sentence: what happened and what to do.
    public var description: String {
        switch self {
        case .ring(let error): error.description
        case .threads(let count):
            "the system refused to start \(count) threads; raise `ulimit -u`"
        }
    }
}

extension Duration {
    /// Whole nanoseconds.
    fileprivate var inNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
