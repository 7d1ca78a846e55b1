extension MulticastRingOver where C: ~Copyable, S: ~Copyable {
    /// Makes a producer's end, to be owned by one thread.
    ///
    /// A ring of a single producer has at most one at a time (anything else traps); when it goes
    /// away another may be made, which continues behind the last published sequence.
    public func makeWriter() -> Writer {
        if producers == .single {
            precondition(token(0).take(), "the ring has a writer; a single-producer ring has one")
        }
        return Writer(self)
    }

    /// A producer's end: claims sequences, gives their slots, publishes them.
    ///
    /// It belongs to one thread at a time; handing it over needs a happens-before edge, such as
    /// starting a thread. Every claim must be published: groups wait at the first sequence that
    /// is not, and once the ring is full so do all producers (`claimed` and `published` of the
    /// ring show it). With a single producer a claim that dies with its writer is claimed anew by
    /// the next writer; with several it is lost, and the ring stalls at `published` until
    /// someone who knows that the writer is gone fills and publishes those sequences in its place,
    /// with a writer of its own.
    @frozen
    public struct Writer: ~Copyable, Sendable {
        @usableFromInline let ring: MulticastRingOver<C, S>
        @usableFromInline let row: SlotRow
        @usableFromInline let head: Cursor<C>
        @usableFromInline let words: CursorRow<C>
        @usableFromInline let isShared: Bool
        /// The next sequence to claim, when this is the only producer.
        @usableFromInline var next: UInt64
        /// The next sequence to publish, when this is the only producer.
        @usableFromInline var unpublished: UInt64
        /// A lower bound of the slowest group's gate.
        @usableFromInline var knownGate: UInt64

        init(_ ring: MulticastRingOver<C, S>) {
            self.ring = ring
            row = ring.row
            head = ring.head
            words = ring.words
            isShared = ring.producers == .multiple
            knownGate = ring.slowestGate()
            next = ring.head.loadOwn()
            unpublished = next
        }

        deinit {
            if !isShared { ring.token(0).giveBack() }
        }
    }
}

extension MulticastRingOver.Writer where C: ~Copyable, S: ~Copyable {
    /// Claims up to `count` consecutive sequences, fewer when the ring is nearly full.
    ///
    /// Empty when it is full, or when `count` is 0. Never blocks: wait-free for a single
    /// producer, lock-free for several. Reads the groups' gates only when the last known one does
    /// not leave room for all of `count`.
    @inlinable
    public mutating func tryClaim(_ count: Int) -> Range<UInt64> {
        precondition(count >= 0, "a claim has a size of 0 or more")
        return isShared ? claimShared(UInt64(count)) : claimAlone(UInt64(count))
    }

    @inlinable
    mutating func claimAlone(_ count: UInt64) -> Range<UInt64> {
        let capacity = row.mask &+ 1
        var free = capacity &- (next &- knownGate)
        if free < count {
            knownGate = ring.slowestGate()
            free = capacity &- (next &- knownGate)
        }
        let claim = next..<(next &+ Swift.min(count, free))
        next = claim.upperBound
        return claim
    }

    @inlinable
    mutating func claimShared(_ count: UInt64) -> Range<UInt64> {
        let capacity = row.mask &+ 1
        var start = head.loadOwn()
        while true {
            // The known gate may be ahead of an old value of the head: then nothing is in use.
            var used = start &- Swift.min(start, knownGate)
            if used &+ count > capacity {
                knownGate = ring.slowestGate()
                used = start &- Swift.min(start, knownGate)
            }
            // An old head overstates the room, so a refusal is never wrong; nor can a claim on an
            // old head succeed.
            let size = Swift.min(count, capacity &- Swift.min(used, capacity))
            guard size > 0 else { return start..<start }
            let (exchanged, original) = head.advance(from: start, to: start &+ size)
            if exchanged { return start..<(start &+ size) }
            start = original
        }
    }

    /// The address of the slot of a sequence that this writer has claimed and not published.
    ///
    /// - Safety: `sequence` must be part of a claim of this writer that is not published yet; at
    ///   most `slotBytes` bytes may be written, and not after `publish`.
    @unsafe
    @inlinable @inline(__always)
    public func slot(_ sequence: UInt64) -> UnsafeMutableRawPointer {
        ring.space.willWrite(row.index(sequence), count: 1)
        // SAFETY: the caller has claimed the sequence, so every group has released its slot.
        return unsafe row.address(sequence)
    }

    /// Makes a claimed range visible to every group, with all that was written to its slots.
    ///
    /// Wait-free. A single producer publishes its claims in order, whole or in parts from the
    /// front; anything else traps. Several may publish theirs in any order.
    @inlinable
    public mutating func publish(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        if isShared {
            var sequence = range.lowerBound
            while sequence != range.upperBound {
                words[sequence].publish(sequence &+ 1)
                sequence &+= 1
            }
            return
        }
        precondition(
            range.lowerBound == unpublished && range.upperBound <= next,
            "a single producer publishes what it claimed, in order"
        )
        unpublished = range.upperBound
        head.publish(unpublished)
    }
}
