/// How the word of a place tells its lap, whether it is filled, and which slot stands there.
///
/// From the top: the lap, one bit for *filled*, the slot's number. A place goes through "free in
/// lap 0", "filled in lap 0", "free in lap 1", …, each one more than the last, so no word comes
/// back before the laps wrap, after 2⁵⁰ sequences or more.
@frozen
@usableFromInline
struct PlaceCode: Sendable {
    /// The bits of a word that are the slot's number.
    @usableFromInline let slotMask: UInt64
    @usableFromInline let sequenceMask: UInt64
    @usableFromInline let shift: UInt64

    /// The code for `capacity` places, a power of two, over `slots` slots.
    init(capacity: Int, slots: Int) {
        let slotBits = UInt64(Int.bitWidth - (slots - 1).leadingZeroBitCount)
        slotMask = (1 << slotBits) - 1
        sequenceMask = UInt64(capacity - 1)
        shift = 1 + slotBits - UInt64(capacity.trailingZeroBitCount)
    }

    /// One turn later: free becomes filled, filled becomes free in the next lap.
    @inlinable @inline(__always)
    var turn: UInt64 { slotMask &+ 1 }

    /// The word, without a slot, of a place that is free for `sequence`.
    @inlinable @inline(__always)
    func free(_ sequence: UInt64) -> UInt64 {
        (sequence & ~sequenceMask) &<< shift
    }

    /// Whether a word says that its place is filled for `sequence`.
    @inlinable @inline(__always)
    func isFilled(_ word: UInt64, _ sequence: UInt64) -> Bool {
        word & ~slotMask == free(sequence) &+ turn
    }

    /// The slot's number in a word.
    @inlinable @inline(__always)
    func slot(_ word: UInt64) -> Int {
        Int(truncatingIfNeeded: word & slotMask)
    }

    /// By how many turns a word is ahead of another, times `turn`.
    @inlinable @inline(__always)
    func distance(_ word: UInt64, from due: UInt64) -> Int64 {
        Int64(bitPattern: (word & ~slotMask) &- due)
    }
}

/// Where the next place of a lock-free ring's end is, and the slot that the end owns.
@frozen
@usableFromInline
struct ExchangeSide<C: Cell64 & ~Copyable>: Sendable {
    @usableFromInline let row: CursorRow<C>
    @usableFromInline let position: Cursor<C>
    @usableFromInline let code: PlaceCode
    /// The turn that this side waits for: free for producers, filled for consumers.
    @usableFromInline let dueTurn: UInt64
    /// The slot that the end owns.
    @usableFromInline var own: Int

    init(
        _ row: CursorRow<C>,
        _ position: Cursor<C>,
        _ code: PlaceCode,
        isConsumer: Bool,
        own: Int
    ) {
        self.row = row
        self.position = position
        self.code = code
        dueTurn = isConsumer ? code.turn : 0
        self.own = own
    }

    /// Exchanges the own slot for the one at the first place from `sequence` on whose turn it is.
    ///
    /// `sequence` then is the one after. False when that place has not had its other side's turn:
    /// the ring is full, or empty.
    @inlinable
    mutating func exchange(_ sequence: inout UInt64) -> Bool {
        while true {
            let place = row[sequence]
            let word = place.observe()
            let due = code.free(sequence) &+ dueTurn
            let distance = code.distance(word, from: due)
            if distance == 0 {
                let desired = (due &+ code.turn) | UInt64(truncatingIfNeeded: own)
                guard place.exchange(word, for: desired).exchanged else { continue }
                own = code.slot(word)
                sequence &+= 1
                return true
            }
            if distance < 0 { return false }
            help(&sequence)
        }
    }

    /// Goes on from a place that has had its turn, for whoever saw to it may have stopped there.
    @inlinable
    func help(_ sequence: inout UInt64) {
        let seen = position.observe()
        if Int64(bitPattern: seen &- sequence) > 0 {
            sequence = seen
        } else {
            sequence &+= 1
            _ = position.exchange(seen, for: sequence)
        }
    }

    /// Moves the position to `end`, unless others have done so.
    @inlinable @inline(__always)
    func moveOn(from start: UInt64, to end: UInt64) {
        var seen = start
        while Int64(bitPattern: end &- seen) > 0 {
            let (exchanged, original) = position.exchange(seen, for: end)
            if exchanged { return }
            seen = original
        }
    }
}

/// The slots that neither a place nor an end holds: one for every end that does not exist.
///
/// Ends come and go through it; no publishing or taking touches it.
@frozen
@usableFromInline
struct SpareSlots<C: Cell64 & ~Copyable>: ~Copyable, Sendable {
    private let cells: CellBlock<C>
    private let count: Int

    /// Holds `count` slots from number `first` on.
    init(first: Int, count: Int, cell: (RingCellRole, UInt64) -> C) {
        self.count = count
        // A slot's number plus one, or 0; behind them the number of ends.
        cells = CellBlock(count: count + 1, spacing: MemoryLayout<C>.stride) { index in
            index == count ? cell(.token(0), 0) : cell(.spare(index), UInt64(first + index + 1))
        }
    }

    /// How many ends exist.
    var ends: UInt64 {
        // SAFETY: init made this cell.
        unsafe cells.cursor(count).loadOwn()
    }

    /// Takes a slot for a new end; traps when there are as many ends as the ring has room for.
    func take() -> Int {
        // SAFETY: init made this cell.
        let ends = unsafe cells.cursor(count).count(1)
        precondition(ends < UInt64(count), "the ring has \(count) ends, and that was all")
        // Being counted means that a cell has a slot, though others may take it and leave another.
        while true {
            for index in 0..<count {
                // SAFETY: init made a cell for each.
                let cell = unsafe cells.cursor(index)
                let word = cell.newest()
                if word != 0, cell.advance(from: word, to: 0).exchanged { return Int(word - 1) }
            }
        }
    }

    /// Gives back the slot of an end that goes away.
    func giveBack(_ slot: Int) {
        var index = 0
        // SAFETY: the index stays below the number of cells.
        while unsafe !cells.cursor(index).exchange(0, for: UInt64(slot + 1)).exchanged {
            index = (index + 1) % count
        }
        // SAFETY: init made this cell.
        _ = unsafe cells.cursor(count).count(UInt64.max)
    }
}
