import RingCore

/// The kinds of ring that can be put on trial.
///
/// A new kind is a case here, a line in each `switch`, and the conformance of its two ends below.
public enum RingKind: String, CaseIterable, Hashable, Sendable {
    case hybrid
    case batch
    case mpmc
    case lockFree = "lock-free"
    case multicast
    /// The multicast ring with lock-free producers, which append.
    case multicastLockFree = "appending"

    /// Whether several producers may publish.
    var takesProducers: Bool {
        switch self {
        case .hybrid, .batch: false
        case .mpmc, .lockFree, .multicast, .multicastLockFree: true
        }
    }

    /// Whether several consumers may share the items.
    var takesConsumers: Bool {
        switch self {
        case .hybrid, .batch, .multicast, .multicastLockFree: false
        case .mpmc, .lockFree: true
        }
    }

    /// The fewest slots of a ring.
    public var capacityMin: Int { self == .mpmc ? 2 : 1 }

    func assembly<Item: TrialItem>(
        of item: Item.Type,
        _ topology: RingTopology,
        capacity: Int
    ) -> TrialAssembly {
        switch self {
        case .hybrid:
            QueueAssembly<HybridRing<Item>.Producer, HybridRing<Item>.Consumer>(
                topology: topology,
                capacity: capacity
            ).erased
        case .batch:
            QueueAssembly<BatchRing<Item>.Producer, BatchRing<Item>.Consumer>(
                topology: topology,
                capacity: capacity
            ).erased
        case .mpmc:
            QueueAssembly<MPMCRing<Item>.Producer, MPMCRing<Item>.Consumer>(
                topology: topology,
                capacity: capacity
            ).erased
        case .lockFree:
            QueueAssembly<LockFreeRing<Item>.Producer, LockFreeRing<Item>.Consumer>(
                topology: topology,
                capacity: capacity
            ).erased
        case .multicast:
            MulticastAssembly<MulticastProducer<Item>>(
                topology: topology,
                capacity: capacity
            ).erased
        case .multicastLockFree:
            MulticastAssembly<AppendingProducer<Item>>(
                topology: topology,
                capacity: capacity
            ).erased
        }
    }
}

extension HybridRingOver.Producer: PublishingEnd
where Element: TrialItem, C == HardwareCell, S == SlotStorage {
    static func makeRing(
        capacity: Int,
        producers: Int,
        consumers: Int
    ) throws(RingError) -> HybridRing<Element> {
        try HybridRing(capacity: capacity)
    }

    static func make(on ring: HybridRing<Element>) -> Self { ring.makeProducer() }
}

extension HybridRingOver.Consumer: TakingEnd
where Element: TrialItem, C == HardwareCell, S == SlotStorage {
    static func make(on ring: HybridRing<Element>) -> Self { ring.makeConsumer() }

    @inline(__always)
    mutating func take(
        upTo count: Int,
        _ batch: inout ItemBatch<Element>,
        _ check: inout OrderCheck
    ) -> Int {
        var taken = 0
        while taken < count, let item = tryTake() {
            check.take(item)
            taken &+= 1
        }
        return taken
    }
}

extension BatchRingOver.Producer: PublishingEnd
where Element: TrialItem, C == HardwareCell, S == SlotStorage {
    static func makeRing(
        capacity: Int,
        producers: Int,
        consumers: Int
    ) throws(RingError) -> BatchRing<Element> {
        try BatchRing(capacity: capacity)
    }

    static func make(on ring: BatchRing<Element>) -> Self { ring.makeProducer() }

    @inline(__always)
    mutating func publish(_ batch: inout ItemBatch<Element>) -> Int {
        batch.empty(spans: { tryPublish(batch: $0) })
    }

    @inline(__always)
    mutating func publish(
        from first: UInt64,
        upTo count: Int,
        _ batch: inout ItemBatch<Element>
    ) -> Int {
        // SAFETY: every place is filled before `publish` and none is touched after it.
        let places = unsafe claim(count)
        for index in 0..<places.count {
            // SAFETY: the index is inside the claim.
            unsafe places[index] = Element(tag: first &+ UInt64(truncatingIfNeeded: index))
        }
        publish(places.count)
        return places.count
    }
}

extension BatchRingOver.Consumer: TakingEnd
where Element: TrialItem, C == HardwareCell, S == SlotStorage {
    static func make(on ring: BatchRing<Element>) -> Self { ring.makeConsumer() }

    @inline(__always)
    mutating func take(
        upTo count: Int,
        _ batch: inout ItemBatch<Element>,
        _ check: inout OrderCheck
    ) -> Int {
        // SAFETY: no element is touched after `release`.
        let elements = unsafe drain(count)
        for index in 0..<elements.count {
            // SAFETY: the index is inside the drained part.
            check.take(unsafe elements[index])
        }
        release(elements.count)
        return elements.count
    }
}

extension MPMCRingOver.Producer: PublishingEnd
where Element: TrialItem, C == HardwareCell, S == SlotStorage {
    static func makeRing(
        capacity: Int,
        producers: Int,
        consumers: Int
    ) throws(RingError) -> MPMCRing<Element> {
        try MPMCRing(capacity: capacity)
    }

    static func make(on ring: MPMCRing<Element>) -> Self { ring.makeProducer() }

    @inline(__always)
    mutating func publish(_ batch: inout ItemBatch<Element>) -> Int {
        batch.empty(spans: { tryPublish(batch: $0) })
    }
}

extension MPMCRingOver.Consumer: TakingEnd
where Element: TrialItem, C == HardwareCell, S == SlotStorage {
    static func make(on ring: MPMCRing<Element>) -> Self { ring.makeConsumer() }

    @inline(__always)
    mutating func move(upTo count: Int, into batch: inout ItemBatch<Element>) -> Int {
        batch.fill(upTo: count, appending: { tryTake(into: &$0) })
    }
}

extension LockFreeRingOver.Producer: PublishingEnd
where Element: TrialItem, C == HardwareCell, S == SlotStorage {
    static func makeRing(
        capacity: Int,
        producers: Int,
        consumers: Int
    ) throws(RingError) -> LockFreeRing<Element> {
        try LockFreeRing(capacity: capacity, ends: producers + consumers)
    }

    static func make(on ring: LockFreeRing<Element>) -> Self { ring.makeProducer() }

    @inline(__always)
    mutating func publish(_ batch: inout ItemBatch<Element>) -> Int {
        batch.empty(spans: { tryPublish(batch: $0) })
    }
}

extension LockFreeRingOver.Consumer: TakingEnd
where Element: TrialItem, C == HardwareCell, S == SlotStorage {
    static func make(on ring: LockFreeRing<Element>) -> Self { ring.makeConsumer() }

    @inline(__always)
    mutating func move(upTo count: Int, into batch: inout ItemBatch<Element>) -> Int {
        batch.fill(upTo: count, appending: { tryTake(into: &$0) })
    }
}
