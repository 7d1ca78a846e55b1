import LatencyMetrics
import RingCore
import Synchronization
import Testing

@testable import RingTrials

@Suite("Trials of rings", .timeLimit(.minutes(2)))
struct RingTrialTests {
    private static let everyRing = RingKind.allCases.flatMap { kind in
        RingTopology.allCases.map { (kind, $0) }
    }

    @Test(
        "no ring loses or reorders anything, in any topology, batch or payload",
        arguments: everyRing
    )
    func sound(kind: RingKind, topology: RingTopology) throws {
        for (payload, batch) in [(TrialPayload.word, 1), (.line, 8), (.sixteenLines, 32)] {
            let trial = RingTrial(
                kind: kind,
                topology: topology,
                payload: payload,
                batch: batch,
                capacity: 64,
                wait: .adaptive
            )
            guard trial.problem == nil else { continue }
            let sample = try trial.sample(for: .milliseconds(3), isInterrupted: { false })
            #expect(sample.faults.isNone, "\(trial): \(sample)")
            #expect(sample.items > 0 && sample.nanoseconds >= 3_000_000, "\(trial): \(sample)")
            #expect((sample.roundTrip != nil) == (topology == .oneToOne))
        }
    }

    @Test(
        "more threads than processors end, whatever they do while they wait",
        arguments: TrialWait.allCases
    )
    func crowded(wait: TrialWait) throws {
        for (kind, topology) in [
            (RingKind.mpmc, RingTopology.threeToOne), (.lockFree, .twoToTwo), (.mpmc, .diamond),
            (.multicastLockFree, .threeToOne), (.multicast, .diamond),
        ] {
            let trial = RingTrial(
                kind: kind,
                topology: topology,
                payload: .word,
                batch: 8,
                capacity: 16,
                wait: wait
            )
            let sample = try trial.sample(for: .milliseconds(5), isInterrupted: { false })
            #expect(sample.faults.isNone && sample.items > 0, "\(trial): \(sample)")
        }
    }

    @Test("each thread has a processor where there are enough, the first two those of the probe")
    func pinned() throws {
        let assembly = QueueAssembly<Breakage.Producer<Breakage.Sound>, Breakage.Consumer>(
            topology: .oneToOne,
            capacity: 64
        )
        var parts = try assembly.parts()
        let places = SeenProcessors()
        parts.bodies = parts.bodies.enumerated().map { index, body in
            { duty in
                places.note(index)
                body(duty)
            }
        }
        let conductor = TrialConductor(wait: .adaptive, batch: 1)
        _ = try conductor.run(parts, 1_000_000, { false })
        let two = UsableProcessors.first(2)
        let all = UsableProcessors.first(PlacementProbe.usableProcessors())
        #expect(places.of(0) == (two.isEmpty ? all : [two[0]]))
        #expect(places.of(1) == (two.isEmpty ? all : [two[1]]))
    }

    @Test(
        "threads that others keep from their processor say so, however they wait",
        .enabled(if: PlacementProbe.usableProcessors() > 1, "one processor"),
        arguments: TrialWait.allCases
    )
    func disturbed(wait: TrialWait) throws {
        let trial = RingTrial(
            kind: .batch,
            topology: .oneToOne,
            payload: .word,
            batch: 1,
            capacity: 64,
            wait: wait
        )
        let hasEnded = HasEnded()
        let rivals = UsableProcessors.first(2).indices.compactMap { index in
            JoinableThread {
                UsableProcessors.pin(index, among: UsableProcessors.first(2))
                while !hasEnded.isSet {}
            }
        }
        let sample = try trial.sample(for: .milliseconds(60), isInterrupted: { false })
        hasEnded.set()
        for rival in rivals { rival.join() }
        #expect((sample.queuedShare ?? 0) > 0.05, "\(sample)")
    }

    @Test("a trial whose user is gone ends at once")
    func interrupted() throws {
        let trial = RingTrial(
            kind: .hybrid,
            topology: .oneToOne,
            payload: .word,
            batch: 1,
            capacity: 64,
            wait: .adaptive
        )
        let sample = try trial.sample(for: .seconds(3600), isInterrupted: { true })
        #expect(sample.faults.isNone)
        #expect(sample.roundTrip == nil)
    }

    @Test("each way to break a ring is found and named", arguments: Breakage.Defect.allCases)
    func broken(defect: Breakage.Defect) throws {
        for topology in [RingTopology.oneToOne, .multicast] {
            for batch in [1, 8] {
                let faults = try Breakage.faults(defect, topology, batch: batch)
                switch defect {
                case .none: #expect(faults.isNone, "\(topology) \(batch): \(faults)")
                case .loses: #expect(faults.lost > 0 && faults.inversions == 0, "\(faults)")
                case .repeats: #expect(faults.surplus > 0 && faults.inversions > 0, "\(faults)")
                case .swaps: #expect(faults.inversions > 0 && faults.lost == 0, "\(faults)")
                case .tears: #expect(faults.damaged > 0 && faults.lost == 0, "\(faults)")
                case .halts: #expect(faults.isStuck, "\(faults)")
                case .invents: #expect(faults.inversions > 0 && faults.lost > 0, "\(faults)")
                }
            }
        }
    }
}

/// Where threads said that they may run.
private final class SeenProcessors: Sendable {
    private let seen = Mutex<[Int: [Int32]]>([:])

    func note(_ thread: Int) {
        let own = UsableProcessors.first(PlacementProbe.usableProcessors())
        seen.withLock { $0[thread] = own }
    }

    func of(_ thread: Int) -> [Int32]? { seen.withLock { $0[thread] } }
}

/// Ends threads that do nothing but want a processor.
private final class HasEnded: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

/// A ring with a defect, put on trial like any other.
enum Breakage {
    enum Defect: Int, CaseIterable, Sendable {
        case none, loses, repeats, swaps, tears, invents, halts
    }

    /// The seventh goes wrong, and the one after it must follow.
    private static let itemsUntilDefect: UInt64 = 8

    struct Ring: Sendable {
        let inner: MPMCRing<TaggedLines<1>>
        let defect: Defect
    }

    static func faults(
        _ defect: Defect,
        _ topology: RingTopology,
        batch: Int
    ) throws -> TrialFaults {
        func run<Out: PublishingEnd & ~Copyable>(_: Out.Type) throws -> TrialFaults
        where Out.Ring == Ring, Out.Element == TaggedLines<1> {
            let assembly = QueueAssembly<Out, Consumer>(topology: topology, capacity: 64)
            var conductor = TrialConductor(wait: .adaptive, batch: batch)
            if defect == .halts { conductor.drainLooksMax = 10 }
            // Where others have the processors, a trial may end before it comes to the defect.
            while true {
                let sample = try conductor.run(try assembly.parts(), 3_000_000, { false })
                if sample.items > itemsUntilDefect || defect == .halts { return sample.faults }
            }
        }
        return switch defect {
        case .none: try run(Producer<Sound>.self)
        case .loses: try run(Producer<Losing>.self)
        case .repeats: try run(Producer<Repeating>.self)
        case .swaps: try run(Producer<Swapping>.self)
        case .tears: try run(Producer<Tearing>.self)
        case .invents: try run(Producer<Inventing>.self)
        case .halts: try run(Producer<Halting>.self)
        }
    }

    protocol Flaw { static var defect: Defect { get } }
    enum Sound: Flaw { static let defect = Defect.none }
    enum Losing: Flaw { static let defect = Defect.loses }
    enum Repeating: Flaw { static let defect = Defect.repeats }
    enum Swapping: Flaw { static let defect = Defect.swaps }
    enum Tearing: Flaw { static let defect = Defect.tears }
    enum Inventing: Flaw { static let defect = Defect.invents }
    enum Halting: Flaw { static let defect = Defect.halts }

    /// Does wrong with its seventh item, once.
    struct Producer<F: Flaw>: ~Copyable, PublishingEnd {
        private var end: MPMCRing<TaggedLines<1>>.Producer
        private var held: TaggedLines<1>?
        private var hasErred = false

        static func makeRing(
            capacity: Int,
            producers: Int,
            consumers: Int
        ) throws(RingError) -> Ring {
            Ring(inner: try MPMCRing(capacity: capacity), defect: F.defect)
        }

        static func make(on ring: Ring) -> Self { Self(end: ring.inner.makeProducer()) }

        mutating func tryPublish(_ element: TaggedLines<1>) -> TaggedLines<1>? {
            if let late = held {
                // The later one is in the ring: now comes the one that was held back.
                if ItemTag.number(element.tag) == 8, end.tryPublish(element) != nil {
                    return element
                }
                while end.tryPublish(late) != nil {}
                held = nil
                return nil
            }
            guard ItemTag.number(element.tag) == 7, !hasErred else {
                return end.tryPublish(element)
            }
            return err(with: element)
        }

        private mutating func err(with element: TaggedLines<1>) -> TaggedLines<1>? {
            // Not even the next attempt goes through.
            hasErred = F.defect != .halts
            switch F.defect {
            case .halts: return element
            case .none: return end.tryPublish(element)
            case .loses: return nil
            case .repeats:
                while end.tryPublish(element) != nil {}
                return end.tryPublish(element)
            case .swaps:
                held = element
                return nil
            case .tears: return end.tryPublish(.torn(element.tag))
            case .invents:
                // The number before the next one, so that only the sum is wrong.
                return end.tryPublish(TaggedLines(tag: element.tag &+ (1 << 20)))
            }
        }
    }

    struct Consumer: ~Copyable, TakingEnd {
        private var end: MPMCRing<TaggedLines<1>>.Consumer

        static func make(on ring: Ring) -> Self { Self(end: ring.inner.makeConsumer()) }

        mutating func tryTake() -> TaggedLines<1>? { end.tryTake() }
    }
}

extension TaggedLines<1> {
    /// An item whose last words are of another one.
    static func torn(_ tag: UInt64) -> Self {
        var words = SIMD8<UInt64>(repeating: tag)
        words[7] = tag &+ 1
        // SAFETY: an item of one line is eight words, all values of which are valid.
        return unsafe unsafeBitCast(words, to: Self.self)
    }
}
