import CGyreShims
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How far apart the processors are that two threads run on, by their round trip.
public enum PlacementLabel: String, Hashable, Sendable, Codable, CaseIterable {
    /// Two hyperthreads of one core.
    case smt
    /// Two cores that share a cache.
    case near
    /// Two cores that do not.
    case far
    /// The distance changed, or the threads had to share a processor.
    case mixed
    /// There is only one processor.
    case single

    /// Edges between the round trips seen on virtual machines: 70–90, 100–120 and 440–490 ns.
    ///
    /// They are halfway between neighbours, the wide gap by ratio; 2 µs is beyond any two cores.
    private static let edges: [(below: Double, label: PlacementLabel)] = [
        (95, .smt), (230, .near), (2000, .far),
    ]

    /// The label of a round trip in nanoseconds.
    public init(roundTripNanoseconds: Double) {
        self = Self.edges.first { roundTripNanoseconds < $0.below }?.label ?? .mixed
    }
}

/// What one probe measured.
public struct PlacementReading: Hashable, Sendable, Codable {
    /// Fewer groups say nothing: the threads hardly ran.
    private static let fewestGroups = 4

    /// The verdict.
    public var label: PlacementLabel
    /// Nanoseconds per round trip over groups of round trips; `nil` with one processor.
    public var roundTrip: SampleSpread?

    /// Makes a reading.
    public init(label: PlacementLabel, roundTrip: SampleSpread?) {
        self.label = label
        self.roundTrip = roundTrip
    }

    /// Judges the mean round trips of several groups.
    ///
    /// The middle half of the groups must agree; single groups may be hit by an interrupt.
    public init(groups: [Double]) {
        roundTrip = SampleSpread(of: groups)
        let sorted = groups.sorted()
        guard let spread = roundTrip, groups.count >= Self.fewestGroups else {
            label = .mixed
            return
        }
        let median = PlacementLabel(roundTripNanoseconds: spread.median)
        let lower = PlacementLabel(roundTripNanoseconds: sorted[sorted.count / 4])
        let upper = PlacementLabel(roundTripNanoseconds: sorted[sorted.count * 3 / 4])
        label = lower == median && median == upper ? median : .mixed
    }

    /// What holds for a sample taken between two readings.
    public static func label(before: PlacementReading, after: PlacementReading) -> PlacementLabel {
        before.label == after.label ? before.label : .mixed
    }
}

/// Measures how long a word takes from one thread to another and back.
public enum PlacementProbe {
    private static let roundTripsPerGroup = 64
    /// Spins before a waiting thread gives its processor away: about 10 µs, far beyond any round
    /// trip between two cores, so that it only happens when both threads share one.
    private static let patience = 10_000

    /// Runs two threads for about `milliseconds` and judges their distance.
    ///
    /// Blocks meanwhile. The threads are pinned to the first two processors, as those of a trial
    /// are: left alone, the kernel often starts both on one, and sees to it only after longer than
    /// a probe takes.
    public static func read(milliseconds: Int = 20) -> PlacementReading {
        guard usableProcessors() > 1 else {
            return PlacementReading(label: .single, roundTrip: nil)
        }
        return read(milliseconds: milliseconds, on: UsableProcessors.first(2))
    }

    /// Probes the distance of two given processors, or of those that the kernel chooses if there
    /// are not two.
    static func read(milliseconds: Int, on processors: [Int32]) -> PlacementReading {
        let table = PingPongTable()
        let groups = Mutex<[Double]>([])
        let mixed = PlacementReading(label: .mixed, roundTrip: nil)
        let answering = OwnedThread {
            UsableProcessors.pin(1, among: processors)
            table.answer(patience: patience)
        }
        guard let answering else { return mixed }
        let serving = OwnedThread {
            UsableProcessors.pin(0, among: processors)
            let found = serve(table, milliseconds: milliseconds)
            groups.withLock { $0 = found }
            table.stop()
        }
        guard let serving else {
            table.stop()
            answering.join()
            return mixed
        }
        serving.join()
        answering.join()
        return PlacementReading(groups: groups.withLock(\.self))
    }

    /// Nanoseconds per round trip, group by group.
    private static func serve(_ table: PingPongTable, milliseconds: Int) -> [Double] {
        var groups: [Double] = []
        var ball: UInt64 = 0
        // The first group wakes the partner up and is not counted.
        table.serve(&ball, times: roundTripsPerGroup, patience: patience)
        var before = gyre_monotonic_nanoseconds()
        let end = before + Int64(milliseconds) * 1_000_000
        repeat {
            table.serve(&ball, times: roundTripsPerGroup, patience: patience)
            let after = gyre_monotonic_nanoseconds()
            groups.append(Double(after - before) / Double(roundTripsPerGroup))
            before = after
        } while before < end
        return groups
    }

    /// How many processors this process may run on.
    public static func usableProcessors() -> Int {
        Int(gyre_allowed_processor_count())
    }
}

/// Two words, far apart, that two threads write in turn.
@safe
private final class PingPongTable: @unchecked Sendable {
    // SAFETY: the two words are atomics; nothing else is shared.
    // Checked by: "the probe ends and gives a label".

    /// Beyond the reach of the adjacent-line prefetcher.
    private static let stride = 256
    private static let stopMark = UInt64.max

    private let block: UnsafeMutableRawPointer
    private let there: UnsafeMutablePointer<Atomic<UInt64>>
    private let back: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        // SAFETY: the words lie at 256 and 512 of 768 bytes, aligned to 256.
        unsafe block = .allocate(byteCount: 3 * Self.stride, alignment: Self.stride)
        unsafe there = (block + Self.stride).bindMemory(to: Atomic<UInt64>.self, capacity: 1)
        unsafe back = (block + 2 * Self.stride).bindMemory(to: Atomic<UInt64>.self, capacity: 1)
        // SAFETY: both words lie inside the block and have not been initialised before.
        unsafe there.initialize(to: Atomic(0))
        unsafe back.initialize(to: Atomic(0))
    }

    deinit {
        // SAFETY: both threads are done with the words: the partner was joined.
        unsafe there.deinitialize(count: 1)
        unsafe back.deinitialize(count: 1)
        unsafe block.deallocate()
    }

    /// Sends the ball there and waits until it is back.
    func serve(_ ball: inout UInt64, times: Int, patience: Int) {
        for _ in 0..<times {
            ball &+= 1
            // Pairs with the acquiring load of `answer`.
            // SAFETY: the words live as long as the table.
            unsafe there.pointee.store(ball, ordering: .releasing)
            var spins = 0
            // Pairs with the releasing store of `answer`.
            // SAFETY: as above.
            while unsafe back.pointee.load(ordering: .acquiring) != ball {
                spins &+= 1
                if spins > patience { sched_yield() }
            }
        }
    }

    /// Sends every ball back until the other side stops.
    func answer(patience: Int) {
        var last: UInt64 = 0
        var spins = 0
        while last != Self.stopMark {
            // Pairs with the releasing stores of `serve` and `stop`.
            // SAFETY: the words live as long as the table.
            let ball = unsafe there.pointee.load(ordering: .acquiring)
            guard ball == last else {
                last = ball
                spins = 0
                // Pairs with the acquiring load of `serve`.
                // SAFETY: as above.
                unsafe back.pointee.store(ball, ordering: .releasing)
                continue
            }
            spins &+= 1
            if spins > patience { sched_yield() }
        }
    }

    func stop() {
        // Pairs with the acquiring load of `answer`.
        // SAFETY: the words live as long as the table.
        unsafe there.pointee.store(Self.stopMark, ordering: .releasing)
    }
}
