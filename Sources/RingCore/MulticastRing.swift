/// The multicast ring of production builds.
public typealias MulticastRing = MulticastRingOver<HardwareCell, SlotStorage>
/// A producer's end of a multicast ring.
public typealias RingWriter = MulticastRing.Writer
/// A group's end of a multicast ring.
public typealias RingReader = MulticastRing.Reader

/// How many threads claim in a multicast ring.
public enum RingProducers: Hashable, Sendable {
    /// One writer at a time: claims and publication are wait-free.
    case single
    /// Any number of writers, which claim ranges by compare-and-swap.
    case multiple
}

/// A bounded ring in which every group reads every slot.
///
/// A producer claims consecutive sequences, fills their slots in place and publishes them; each
/// group's reader observes what is published, drains it and releases it. A slot is claimed anew
/// only when every group has released it: the slowest group gates the producers.
///
/// Progress. With a single producer every operation of both ends is wait-free (a claim costs at
/// most one load per group). With multiple producers a claim is lock-free, publishing and reading
/// are wait-free, but the ring as a whole is *not* lock-free: a producer that stops between claim
/// and publish holds up every group at that sequence, and soon all producers. `claimed` greater
/// than `published` that does not change is how to see it. Nothing ever blocks: a full ring
/// refuses, an empty one answers with an empty range.
///
/// Memory is allocated by `init` alone. Sequences count from `firstSequence` and never wrap: 64
/// bits last for centuries.
public final class MulticastRingOver<
    C: Cell64 & ~Copyable,
    S: SlotSpace & ~Copyable
>: Sendable {
    /// The number of slots, a power of two.
    public let capacity: Int
    /// Bytes of one slot, a multiple of 8; of 64 where slots shall not share a cache line.
    public let slotBytes: Int
    /// How many threads claim.
    public let producers: RingProducers
    /// The number of groups, each of which sees every sequence.
    public let groups: Int
    @usableFromInline let firstSequence: UInt64
    @usableFromInline let row: SlotRow
    @usableFromInline let positions: CellBlock<C>
    let availability: CellBlock<C>
    @usableFromInline let tokens: CellBlock<C>
    @usableFromInline let space: S

    /// Creates a ring over given slots, with cells made by `cell`.
    ///
    /// - Throws: `RingError` when a size is not one that a ring can have.
    public init(
        capacity: Int,
        slotBytes: Int,
        producers: RingProducers,
        groups: Int,
        firstSequence: UInt64,
        slots: consuming S,
        cell: (RingCellRole, UInt64) -> C
    ) throws(RingError) {
        try RingError.check(capacity: capacity, slotBytes: slotBytes, groups: groups)
        self.capacity = capacity
        self.slotBytes = slotBytes
        self.producers = producers
        self.groups = groups
        self.firstSequence = firstSequence
        let head: RingCellRole = producers == .single ? .published : .claimed
        positions = CellBlock(count: 1 + groups, spacing: cellSpacing) { index in
            cell(index == 0 ? head : .gate(index - 1), firstSequence)
        }
        // Zero is no sequence plus one, so nothing reads as published in the first lap.
        let words = producers == .single ? 0 : capacity
        availability = CellBlock(count: words, spacing: MemoryLayout<C>.stride) { index in
            cell(.availability(index), 0)
        }
        tokens = CellBlock(count: 1 + groups, spacing: MemoryLayout<C>.stride) { index in
            cell(.token(index), 0)
        }
        space = slots
        // SAFETY: the space has that many slots of that size, and goes away after the ring's ends.
        unsafe row = SlotRow(base: space.base, stride: slotBytes, capacity: capacity)
    }

    /// The sequence after the last one claimed by producers that share the ring.
    ///
    /// With a single producer claims are the writer's own affair, and this equals `published`.
    /// Any thread may ask; the answer orders nothing.
    public var claimed: UInt64 { head.loadOwn() }

    /// The sequence below which everything is published.
    ///
    /// Any thread may ask, and then sees what was written before those publications; a lower bound
    /// while others publish, exact when they rest. With multiple producers it costs a scan over
    /// what the slowest group has not released.
    public var published: UInt64 {
        guard producers == .multiple else { return head.observe() }
        var sequence = slowestGate()
        while words.isPublished(sequence) { sequence &+= 1 }
        return sequence
    }

    /// The sequence below which `group` has released everything.
    ///
    /// Any thread may ask, and then sees what the group did before it released.
    public func released(by group: Int) -> UInt64 {
        precondition(group >= 0 && group < groups, "no such group in this ring")
        return gate(group).observe()
    }

    @inlinable @inline(__always)
    var head: Cursor<C> {
        // SAFETY: cell 0 exists, and the ring that owns the block is held by the caller.
        unsafe positions.cursor(0)
    }

    @inlinable @inline(__always)
    func gate(_ group: Int) -> Cursor<C> {
        // SAFETY: init made one cell per group after cell 0; callers check the group once.
        unsafe positions.cursor(1 &+ group)
    }

    func token(_ index: Int) -> Cursor<C> {
        // SAFETY: init made one token for the writer and one per group.
        unsafe tokens.cursor(index)
    }

    /// The word of each slot, by sequence; only producers that share the ring have them.
    var words: CursorRow<C> {
        // SAFETY: init made one cell per slot, densely, and the caller holds the ring.
        unsafe CursorRow(availability, mask: row.mask)
    }

    /// The sequence below which every group has released; acquires those slots for writing.
    @inlinable
    func slowestGate() -> UInt64 { slowestGate(of: 0..<groups) }

    /// The sequence below which all of some groups have released; there must be one.
    @inlinable
    func slowestGate(of some: Range<Int>) -> UInt64 {
        var slowest = UInt64.max
        var group = some.lowerBound
        while group < some.upperBound {
            slowest = Swift.min(slowest, gate(group).observe())
            group &+= 1
        }
        return slowest
    }
}

extension MulticastRingOver where C == HardwareCell, S == SlotStorage {
    /// Creates an empty ring; the only call that allocates.
    ///
    /// - Throws: `RingError` unless `capacity` is a power of two (1 is allowed), `slotBytes` a
    ///   positive multiple of 8 and `groups` at least 1.
    public convenience init(
        capacity: Int,
        slotBytes: Int,
        producers: RingProducers,
        groups: Int,
        firstSequence: UInt64 = 0
    ) throws(RingError) {
        try RingError.check(capacity: capacity, slotBytes: slotBytes, groups: groups)
        try self.init(
            capacity: capacity,
            slotBytes: slotBytes,
            producers: producers,
            groups: groups,
            firstSequence: firstSequence,
            slots: SlotStorage(capacity: capacity, stride: slotBytes),
            cell: { _, value in HardwareCell(value) }
        )
    }
}

extension RingError {
    static func check(capacity: Int, slotBytes: Int, groups: Int) throws(RingError) {
        guard slotBytes > 0, slotBytes % 8 == 0 else { throw .badSlotBytes(slotBytes) }
        try check(capacity: capacity, slotBytes: slotBytes)
        guard groups >= 1 else { throw .badGroupCount(groups) }
    }
}

extension CursorRow where C: ~Copyable {
    /// Whether `sequence` is published; acquires its slot.
    @inlinable @inline(__always)
    func isPublished(_ sequence: UInt64) -> Bool {
        self[sequence].observe() == sequence &+ 1
    }
}
