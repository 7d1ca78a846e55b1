extension MulticastRingOver where C: ~Copyable, S: ~Copyable {
    /// Makes a producer's end of a ring with lock-free producers, to be owned by one thread.
    ///
    /// Traps beyond the number of `ends` that the ring was made for; one that goes away makes room.
    public func makeAppender() -> Appender {
        precondition(producers.isLockFree, "only lock-free producers append")
        return Appender(self)
    }

    /// A producer's end that owns a slot, fills it, and appends it to the sequence.
    ///
    /// It belongs to one thread at a time. Between two calls it holds up nobody: there is no claim
    /// that would have to be published.
    @frozen
    public struct Appender: ~Copyable, Sendable {
        @usableFromInline let ring: MulticastRingOver<C, S>
        @usableFromInline var side: ExchangeSide<C>
        /// A lower bound of the slowest group's gate.
        @usableFromInline var knownGate: UInt64

        init(_ ring: MulticastRingOver<C, S>) {
            self.ring = ring
            side = ExchangeSide(
                ring.words,
                ring.head,
                ring.code,
                isConsumer: false,
                own: ring.spares.take()
            )
            knownGate = ring.slowestGate()
        }

        deinit { ring.spares.giveBack(side.own) }
    }
}

extension MulticastRingOver.Appender where C: ~Copyable, S: ~Copyable {
    /// The slot to fill before the next `tryAppend`; another one after each that succeeded.
    ///
    /// - Safety: at most `slotBytes` bytes may be written, and not after `tryAppend` succeeded.
    @unsafe
    @inlinable @inline(__always)
    public var slot: UnsafeMutableRawPointer {
        ring.space.willWrite(side.own, count: 1)
        // SAFETY: the slot stands at no place and belongs to no other end.
        return unsafe ring.row.slot(side.own)
    }

    /// Publishes the slot with all that was written to it, and answers its sequence.
    ///
    /// Nil when the ring is full: some group has not released what is `capacity` back. The slot
    /// keeps its bytes then. Lock-free; reads the groups' gates only when the last known one does
    /// not leave room.
    @inlinable
    public mutating func tryAppend() -> UInt64? {
        let start = side.position.observe()
        var sequence = start
        while true {
            let word = side.row[sequence].observe()
            let filled = side.code.free(sequence) &+ side.code.turn
            if side.code.distance(word, from: filled) >= 0 {
                side.help(&sequence)
                continue
            }
            guard hasRoom(sequence) else { return nil }
            let desired = filled | UInt64(truncatingIfNeeded: side.own)
            guard side.row[sequence].exchange(word, for: desired).exchanged else { continue }
            // What stood there was released by every group, so the slot is this end's now.
            side.own = side.code.slot(word)
            side.moveOn(from: start, to: sequence &+ 1)
            return sequence
        }
    }

    /// Whether every group has released the sequence one lap before `sequence`.
    @inlinable
    mutating func hasRoom(_ sequence: UInt64) -> Bool {
        let capacity = ring.code.sequenceMask &+ 1
        // The known gate may be ahead of an old value of the head: then nothing is in use.
        if sequence &- Swift.min(sequence, knownGate) < capacity { return true }
        knownGate = ring.slowestGate()
        return sequence &- Swift.min(sequence, knownGate) < capacity
    }
}
