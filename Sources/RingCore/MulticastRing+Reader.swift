extension MulticastRingOver where C: ~Copyable, S: ~Copyable {
    /// Makes the reading end of a group, to be owned by one thread at a time.
    ///
    /// A group has at most one at a time (anything else traps); when it goes away another may be
    /// made, which continues at the last released sequence.
    ///
    /// A group that comes `after` others sees a sequence when all of those have released it, with
    /// whatever they wrote to its slot: a stage of a pipeline, or the end of a diamond. Those
    /// groups must not wait for this one in turn.
    public func makeReader(group: Int, after upstream: Range<Int> = 0..<0) -> Reader {
        precondition(group >= 0 && group < groups, "no such group in this ring")
        precondition(
            upstream.lowerBound >= 0 && upstream.upperBound <= groups && !upstream.contains(group),
            "a group comes after other groups of this ring"
        )
        precondition(token(1 + group).take(), "the group has a reader; a group has one at a time")
        return Reader(self, group, upstream)
    }

    /// A group's end: observes what is published, gives its slots, releases them.
    ///
    /// It belongs to one thread at a time; handing it over needs a happens-before edge, such as
    /// starting a thread or a lock. Every method is wait-free.
    @frozen
    public struct Reader: ~Copyable, Sendable {
        @usableFromInline let ring: MulticastRingOver<C, S>
        @usableFromInline let row: SlotRow
        @usableFromInline let head: Cursor<C>
        @usableFromInline let gate: Cursor<C>
        @usableFromInline let words: CursorRow<C>
        @usableFromInline let isShared: Bool
        /// The group whose gate this reader moves.
        public let group: Int
        /// The groups that release a sequence before this one sees it.
        public let upstream: Range<Int>
        @usableFromInline var gatePosition: UInt64
        /// The sequence below which this reader knows everything to be published.
        @usableFromInline var observed: UInt64

        init(_ ring: MulticastRingOver<C, S>, _ group: Int, _ upstream: Range<Int>) {
            self.ring = ring
            row = ring.row
            self.group = group
            self.upstream = upstream
            head = ring.head
            words = ring.words
            gate = ring.gate(group)
            isShared = ring.producers == .multiple
            gatePosition = ring.gate(group).loadOwn()
            observed = gatePosition
        }

        deinit {
            ring.token(1 + group).giveBack()
        }
    }
}

extension MulticastRingOver.Reader where C: ~Copyable, S: ~Copyable {
    /// The sequence below which this group has released everything.
    @inlinable
    public var released: UInt64 { gatePosition }

    /// The published sequences from `next` on without a gap, at most `max` of them.
    ///
    /// Empty when `next` is not published. `next` may be anything from `released` up, so a group
    /// may look again at what it has not released. Touches a producer's cache line only when what
    /// this reader knows does not fill `max`. To a group that comes after others, published means
    /// released by them.
    @inlinable
    public mutating func available(from next: UInt64, max: Int) -> Range<UInt64> {
        precondition(next >= released && max >= 0, "released sequences may be overwritten")
        let wanted = next &+ UInt64(max)
        if observed < wanted {
            if !upstream.isEmpty {
                observed = ring.slowestGate(of: upstream)
            } else if isShared {
                // From the last known position, so that a gap before `next` is not jumped.
                while observed != wanted && words.isPublished(observed) { observed &+= 1 }
            } else {
                observed = head.observe()
            }
        }
        return next..<Swift.max(next, Swift.min(observed, wanted))
    }

    /// The address of the slot of a published sequence that this group has not released.
    ///
    /// - Safety: `sequence` must come from `available` and not be released; at most `slotBytes`
    ///   bytes may be read, and not after `release`.
    @unsafe
    @inlinable @inline(__always)
    public func slot(_ sequence: UInt64) -> UnsafeRawPointer {
        ring.space.willRead(row.index(sequence), count: 1)
        // SAFETY: the caller has observed the sequence, and its gate keeps producers out.
        return unsafe UnsafeRawPointer(row.address(sequence))
    }

    /// Lets producers reuse every slot below `sequence` as far as this group is concerned.
    ///
    /// Traps unless `sequence` lies between what was released before and what was observed.
    @inlinable
    public mutating func release(below sequence: UInt64) {
        precondition(
            sequence >= released && sequence <= observed,
            "a group releases forward, and only what it has observed"
        )
        guard sequence != released else { return }
        gatePosition = sequence
        gate.publish(sequence)
    }
}
