import RingCore
import Synchronization

/// Trials of the multicast ring, whose groups are the stages of one ring.
///
/// Each stage writes a mark beside the item; a stage that comes after others checks theirs.
struct MulticastAssembly<Out: MulticastPublishingEnd & ~Copyable> {
    private typealias Item = Out.Element

    let topology: RingTopology
    let capacity: Int

    /// As a queue with one group, where the topology has no stages.
    private var queue: QueueAssembly<Out, MulticastConsumer<Item>> {
        QueueAssembly(topology: topology, capacity: capacity)
    }

    /// The same without its type.
    var erased: TrialAssembly {
        TrialAssembly(
            parts: { () throws(RingError) in try parts() },
            roundTrip: { () throws(RingError) in try queue.roundTrip() }
        )
    }

    private func parts() throws(RingError) -> TrialParts {
        switch topology {
        case .pipeline: try groups([0..<0, 0..<1, 1..<2])
        case .multicast: try groups([0..<0, 0..<0, 0..<0])
        case .diamond: try groups([0..<0, 0..<0, 0..<2])
        case .oneToOne, .twoToOne, .threeToOne, .oneToTwo, .twoToTwo: try queue.parts()
        }
    }

    /// One group for each entry, which comes after the groups that the entry names.
    private func groups(_ upstreams: [Range<Int>]) throws(RingError) -> TrialParts {
        let ring = try MulticastRing(
            capacity: capacity,
            slotBytes: StageMarks<Item>.slotBytes,
            producers: Out.sharing(1),
            groups: upstreams.count
        )
        let stream = TrialStream(writers: 1, views: upstreams.count)
        let stages = upstreams.map { StageEnd(upstream: $0) }
        var parts = TrialParts(streams: [stream])
        parts.bodies.append {
            produce(Out.make(on: ring), as: 0, into: stream, $0)
        }
        for group in stages.indices {
            parts.bodies.append {
                let stage = stages[group]
                let upstream = stage.upstream.map { stages[$0] }
                let reader = ring.makeReader(group: group, after: stage.upstream)
                let isEnded = {
                    upstream.isEmpty ? stream.isEnded : upstream.allSatisfy(\.isEnded)
                }
                runStage(StageMarks<Item>(stage.upstream, own: group), reader, $0, isEnded) {
                    stream.endConsumer($0)
                    stage.end()
                }
            }
        }
        return parts
    }
}

/// Where a group stands, and whether it is done.
private final class StageEnd: Sendable {
    let upstream: Range<Int>
    private let hasEnded = Atomic<Bool>(false)

    init(upstream: Range<Int>) { self.upstream = upstream }

    var isEnded: Bool { hasEnded.load(ordering: .acquiring) }

    func end() { hasEnded.store(true, ordering: .releasing) }
}

/// The words beside an item in which each stage leaves the item's tag.
private struct StageMarks<Item: TrialItem> {
    private static var line: Int { 64 }
    /// A line of its own behind items that fill lines, so that every item stays aligned.
    static var slotBytes: Int {
        MemoryLayout<Item>.stride + (MemoryLayout<Item>.stride < line ? line / 2 - 8 : line)
    }

    private let own: Int
    private let upstream: Range<Int>

    init(_ upstream: Range<Int>, own: Int) {
        self.upstream = upstream
        self.own = own
    }

    /// Checks the marks of the stages before this one, and leaves its own.
    ///
    /// - Safety: `slot` must be observed by this group and not yet released.
    @unsafe
    @inline(__always)
    func handle(_ slot: UnsafeRawPointer, _ check: inout OrderCheck) {
        // SAFETY: the item begins the slot, the marks follow it; each word is written by one
        // group, and read by groups that come after that one only.
        let item = unsafe slot.load(as: Item.self)
        check.take(item)
        for stage in upstream {
            let mark = unsafe slot.load(fromByteOffset: Self.offset(stage), as: UInt64.self)
            if mark != item.tag { check.foundUnfinished() }
        }
        // SAFETY: as above.
        unsafe UnsafeMutableRawPointer(mutating: slot)
            .storeBytes(of: item.tag, toByteOffset: Self.offset(own), as: UInt64.self)
    }

    private static func offset(_ stage: Int) -> Int {
        MemoryLayout<Item>.stride + stage * MemoryLayout<UInt64>.stride
    }
}

/// Looks at every event of one group until nothing more can come.
private func runStage<Item: TrialItem>(
    _ marks: StageMarks<Item>,
    _ reader: consuming RingReader,
    _ duty: consuming TrialDuty,
    _ isEnded: () -> Bool,
    _ end: (OrderCheck) -> Void
) {
    var check = OrderCheck()
    var next = reader.released
    duty.begin()
    var wasEnded = false
    while true {
        let range = reader.available(from: next, max: duty.batch)
        guard !range.isEmpty else {
            if wasEnded || duty.signals.isAbandoned { break }
            wasEnded = isEnded()
            if !wasEnded { duty.patience.idle() }
            continue
        }
        duty.patience.reset()
        while next != range.upperBound {
            // SAFETY: observed and not yet released.
            unsafe marks.handle(reader.slot(next), &check)
            next &+= 1
        }
        reader.release(below: next)
    }
    end(check)
    duty.end()
}
