/// One side of a lock-free ring: where its next place is, and the slot that its end owns.
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

extension LockFreeRingOver where C: ~Copyable, S: ~Copyable {
    /// Makes a producer's end, owned by one thread at a time; traps beyond `ends` of both kinds.
    public func makeProducer() -> Producer { Producer(self) }

    /// Makes a consumer's end, owned by one thread at a time; traps beyond `ends` of both kinds.
    public func makeConsumer() -> Consumer { Consumer(self) }

    /// An end that publishes.
    @frozen
    public struct Producer: ~Copyable, Sendable {
        @usableFromInline let ring: LockFreeRingOver<Element, C, S>
        @usableFromInline var side: ExchangeSide<C>

        init(_ ring: LockFreeRingOver<Element, C, S>) {
            self.ring = ring
            side = ExchangeSide(
                ring.row,
                ring.tail,
                ring.code,
                isConsumer: false,
                own: ring.spares.take()
            )
        }

        deinit { ring.spares.giveBack(side.own) }

        /// Publishes an element, or hands it back when the ring is full.
        @inlinable
        public mutating func tryPublish(_ element: Element) -> Element? {
            // SAFETY: the slot is this end's alone until it is exchanged.
            unsafe ring.fill(side.own, with: element)
            let start = side.position.observe()
            var sequence = start
            guard side.exchange(&sequence) else { return element }
            side.moveOn(from: start, to: sequence)
            return nil
        }

        /// Publishes the front of a batch, one element after the other, and says how many.
        ///
        /// Other producers' elements may come between. A producer that is stopped has published
        /// the elements so far.
        @inlinable
        public mutating func tryPublish(batch: Span<Element>) -> Int {
            let start = side.position.observe()
            var sequence = start
            var index = 0
            while index < batch.count {
                // SAFETY: as for a single element.
                unsafe ring.fill(side.own, with: batch[index])
                guard side.exchange(&sequence) else { break }
                index &+= 1
            }
            side.moveOn(from: start, to: sequence)
            return index
        }
    }

    /// An end that takes.
    @frozen
    public struct Consumer: ~Copyable, Sendable {
        @usableFromInline let ring: LockFreeRingOver<Element, C, S>
        @usableFromInline var side: ExchangeSide<C>

        init(_ ring: LockFreeRingOver<Element, C, S>) {
            self.ring = ring
            side = ExchangeSide(
                ring.row,
                ring.head,
                ring.code,
                isConsumer: true,
                own: ring.spares.take()
            )
        }

        deinit { ring.spares.giveBack(side.own) }

        /// Takes the oldest element, or answers nil when there is none.
        @inlinable
        public mutating func tryTake() -> Element? {
            let start = side.position.observe()
            var sequence = start
            guard side.exchange(&sequence) else { return nil }
            side.moveOn(from: start, to: sequence)
            // SAFETY: the exchange gave this end a slot that a producer had filled.
            return unsafe ring.element(side.own)
        }

        /// Appends elements to `output` until it is full or there are no more; answers how many.
        ///
        /// Elements between them may have gone to other consumers.
        @inlinable
        public mutating func tryTake(into output: inout OutputSpan<Element>) -> Int {
            let start = side.position.observe()
            var sequence = start
            var count = 0
            while output.freeCapacity > 0, side.exchange(&sequence) {
                // SAFETY: as for a single element.
                output.append(unsafe ring.element(side.own))
                count &+= 1
            }
            side.moveOn(from: start, to: sequence)
            return count
        }
    }
}
