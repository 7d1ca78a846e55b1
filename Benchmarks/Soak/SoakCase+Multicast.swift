import RingCore

extension SoakCase {
    func multicastRing(_ producers: RingProducers) throws -> MulticastRing {
        try MulticastRing(
            capacity: Self.capacity,
            slotBytes: 64,
            producers: producers,
            groups: consumers
        )
    }

    /// Producers that claim sequences, fill their slots and publish them.
    func writers(_ slice: Slice, _ ring: MulticastRing) -> [@Sendable () -> Void] {
        (0..<UInt64(producers)).map { producer in
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
    }

    /// Producers that fill a slot of their own and append it.
    func appenders(_ slice: Slice, _ ring: MulticastRing) -> [@Sendable () -> Void] {
        (0..<UInt64(producers)).map { producer in
            {
                var end = ring.makeAppender()
                slice.produce(producer) { first, _ in
                    // SAFETY: the slot is this end's until it is appended.
                    unsafe end.slot.storeBytes(of: first, as: UInt64.self)
                    return end.tryAppend() == nil ? 0 : 1
                }
            }
        }
    }

    /// Groups that see every item.
    func readers(_ slice: Slice, _ ring: MulticastRing) -> [@Sendable () -> Void] {
        (0..<consumers).map { group in
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
    }
}
