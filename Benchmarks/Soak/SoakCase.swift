import RingCore

/// A kind of ring, with so many threads at each end.
struct SoakCase {
    enum Kind: String {
        case hybrid, batch, mpmc, multicast
    }

    var kind: Kind
    var producers: Int
    var consumers: Int

    private static let capacity = 1024
    private static let batch = 32

    /// What is soaked in turn; most have more threads than a small machine has cores.
    static let all = [
        SoakCase(kind: .hybrid, producers: 1, consumers: 1),
        SoakCase(kind: .batch, producers: 1, consumers: 1),
        SoakCase(kind: .mpmc, producers: 1, consumers: 1),
        SoakCase(kind: .mpmc, producers: 4, consumers: 4),
        SoakCase(kind: .multicast, producers: 1, consumers: 3),
        SoakCase(kind: .multicast, producers: 4, consumers: 2),
    ]

    var name: String { "\(kind.rawValue)-\(producers)p\(consumers)c" }

    /// How many consumers see each item.
    var copies: UInt64 { kind == .multicast ? UInt64(consumers) : 1 }

    /// Works for so many seconds on a new ring.
    func soak(seconds: Int64) throws -> Slice {
        let slice = Slice(seconds: seconds, producers: producers)
        switch kind {
        case .hybrid: Slice.run(hybrid(slice, try HybridRing(capacity: Self.capacity)))
        case .batch: Slice.run(batches(slice, try BatchRing(capacity: Self.capacity)))
        case .mpmc: Slice.run(many(slice, try MPMCRing(capacity: Self.capacity)))
        case .multicast:
            let ring = try MulticastRing(
                capacity: Self.capacity,
                slotBytes: 64,
                producers: producers == 1 ? .single : .multiple,
                groups: consumers
            )
            Slice.run(multicast(slice, ring))
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
                slice.consume(seesAll: true) { see in
                    guard let item = end.tryTake() else { return 0 }
                    see(item)
                    return 1
                }
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
        let consuming = (0..<consumers).map { _ -> @Sendable () -> Void in
            {
                var end = ring.makeConsumer()
                slice.consume(seesAll: seesAll) { see in
                    guard let item = end.tryTake() else { return 0 }
                    see(item)
                    return 1
                }
            }
        }
        return producing + consuming
    }

    private func multicast(_ slice: Slice, _ ring: MulticastRing) -> [@Sendable () -> Void] {
        let producing = (0..<UInt64(producers)).map { producer -> @Sendable () -> Void in
            {
                var end = ring.makeWriter()
                slice.produce(producer) { first, count in
                    let claim = end.tryClaim(count)
                    for (index, sequence) in claim.enumerated() {
                        // SAFETY: the sequence is claimed and not published.
                        unsafe end.slot(sequence).storeBytes(
                            of: first + UInt64(index),
                            as: UInt64.self
                        )
                    }
                    end.publish(claim)
                    return claim.count
                }
            }
        }
        let consuming = (0..<consumers).map { group -> @Sendable () -> Void in
            {
                var end = ring.makeReader(group: group)
                slice.consume(seesAll: true) { see in
                    let seen = end.available(from: end.released, max: Self.batch)
                    for sequence in seen {
                        // SAFETY: the sequence is published and not released.
                        see(unsafe end.slot(sequence).load(as: UInt64.self))
                    }
                    end.release(below: seen.upperBound)
                    return seen.count
                }
            }
        }
        return producing + consuming
    }
}
