import RingCore

/// A kind of ring, with so many threads at each end.
struct SoakCase {
    enum Kind: String {
        case hybrid, batch, mpmc, multicast
        case lockFree = "lock-free"
        case lockFreeMulticast = "multicast-lock-free"
    }

    var kind: Kind
    var producers: Int
    var consumers: Int

    static let capacity = 1024
    static let batch = 32

    /// What is soaked in turn; most have more threads than a small machine has cores.
    static let all = [
        SoakCase(kind: .hybrid, producers: 1, consumers: 1),
        SoakCase(kind: .batch, producers: 1, consumers: 1),
        SoakCase(kind: .mpmc, producers: 1, consumers: 1),
        SoakCase(kind: .mpmc, producers: 4, consumers: 4),
        SoakCase(kind: .lockFree, producers: 1, consumers: 1),
        SoakCase(kind: .lockFree, producers: 4, consumers: 4),
        SoakCase(kind: .multicast, producers: 1, consumers: 3),
        SoakCase(kind: .multicast, producers: 4, consumers: 2),
        SoakCase(kind: .lockFreeMulticast, producers: 4, consumers: 2),
    ]

    var name: String { "\(kind.rawValue)-\(producers)p\(consumers)c" }

    /// How many consumers see each item.
    var copies: UInt64 {
        switch kind {
        case .multicast, .lockFreeMulticast: UInt64(consumers)
        case .hybrid, .batch, .mpmc, .lockFree: 1
        }
    }

    /// Works for so many seconds on a new ring.
    func soak(seconds: Int64) throws -> Slice {
        let slice = Slice(seconds: seconds, producers: producers)
        switch kind {
        case .hybrid: Slice.run(hybrid(slice, try HybridRing(capacity: Self.capacity)))
        case .batch: Slice.run(batches(slice, try BatchRing(capacity: Self.capacity)))
        case .mpmc: Slice.run(many(slice, try MPMCRing(capacity: Self.capacity)))
        case .lockFree:
            let ends = producers + consumers
            let ring = try LockFreeRing<UInt64>(capacity: Self.capacity, ends: ends)
            Slice.run(lockFree(slice, ring))
        case .multicast:
            let ring = try multicastRing(producers == 1 ? .single : .multiple)
            Slice.run(writers(slice, ring) + readers(slice, ring))
        case .lockFreeMulticast:
            let ring = try multicastRing(.lockFree(ends: producers))
            Slice.run(appenders(slice, ring) + readers(slice, ring))
        }
        return slice
    }

    private func hybrid(_ slice: Slice, _ ring: HybridRing<UInt64>) -> [@Sendable () -> Void] {
        [
            {
                var end = ring.makeProducer()
                slice.produce(0) { first, _ in end.tryPublish(first) == nil ? 1 : 0 }
            },
            {
                var end = ring.makeConsumer()
                slice.consume(seesAll: true) { see in Self.one(end.tryTake(), see) }
            },
        ]
    }

    private func batches(_ slice: Slice, _ ring: BatchRing<UInt64>) -> [@Sendable () -> Void] {
        [
            {
                var end = ring.makeProducer()
                slice.produce(0) { first, count in
                    // SAFETY: every place is filled before `publish`, none is touched after it.
                    let places = unsafe end.claim(count)
                    for index in 0..<places.count {
                        unsafe places[index] = first + UInt64(index)
                    }
                    end.publish(places.count)
                    return places.count
                }
            },
            {
                var end = ring.makeConsumer()
                slice.consume(seesAll: true) { see in
                    // SAFETY: no element is touched after `release`.
                    let items = unsafe end.drain(Self.batch)
                    for index in 0..<items.count { see(unsafe items[index]) }
                    end.release(items.count)
                    return items.count
                }
            },
        ]
    }

    private func many(_ slice: Slice, _ ring: MPMCRing<UInt64>) -> [@Sendable () -> Void] {
        let seesAll = consumers == 1
        let producing = (0..<UInt64(producers)).map { producer -> @Sendable () -> Void in
            {
                var end = ring.makeProducer()
                slice.produce(producer) { first, count in
                    let items = (0..<UInt64(count)).map { first + $0 }
                    return end.tryPublish(batch: items.span)
                }
            }
        }
        let consuming = (0..<consumers).map { consumer -> @Sendable () -> Void in
            {
                var end = ring.makeConsumer()
                slice.consume(seesAll: seesAll) { see in
                    // Every other one takes batches.
                    if consumer & 1 == 0 { return Self.one(end.tryTake(), see) }
                    return Self.batch(see) { end.tryTake(into: &$0) }
                }
            }
        }
        return producing + consuming
    }

    private func lockFree(
        _ slice: Slice,
        _ ring: LockFreeRing<UInt64>
    ) -> [@Sendable () -> Void] {
        let seesAll = consumers == 1
        let producing = (0..<UInt64(producers)).map { producer -> @Sendable () -> Void in
            {
                var end = ring.makeProducer()
                slice.produce(producer) { first, count in
                    let items = (0..<UInt64(count)).map { first + $0 }
                    return end.tryPublish(batch: items.span)
                }
            }
        }
        let consuming = (0..<consumers).map { consumer -> @Sendable () -> Void in
            {
                var end = ring.makeConsumer()
                slice.consume(seesAll: seesAll) { see in
                    if consumer & 1 == 0 { return Self.one(end.tryTake(), see) }
                    return Self.batch(see) { end.tryTake(into: &$0) }
                }
            }
        }
        return producing + consuming
    }

    /// Shows an item if there is one, and says how many there were.
    private static func one(_ item: UInt64?, _ see: (UInt64) -> Void) -> Int {
        guard let item else { return 0 }
        see(item)
        return 1
    }

    /// Shows a batch of items, and says how many there were.
    private static func batch(
        _ see: (UInt64) -> Void,
        _ take: (inout OutputSpan<UInt64>) -> Int
    ) -> Int {
        let items = [UInt64](capacity: batch) { _ = take(&$0) }
        for item in items { see(item) }
        return items.count
    }
}
