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
