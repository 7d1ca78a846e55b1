/// A shared position in a ring: everything below it has been published, claimed or released.
///
/// A cursor is the address of a cell; it names each operation by its part in the protocol and
/// says what it pairs with. Whoever holds one also holds the ring that owns the cell.
@safe
@frozen
@usableFromInline
struct Cursor<C: Cell64 & ~Copyable>: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) an immutable address of a Sendable cell.
    // Checked by: "the modelled ring keeps every promise in every interleaving".
    @usableFromInline let cell: UnsafeMutablePointer<C>

    /// - Safety: `cell` must be initialised and outlive this cursor.
    @unsafe
    @inlinable @inline(__always)
    init(_ cell: UnsafeMutablePointer<C>) {
        unsafe self.cell = cell
    }

    /// Reads a position that only this thread moves, that a token handed over, or that is a mere
    /// hint.
    @inlinable @inline(__always)
    func loadOwn() -> UInt64 {
        // SAFETY: the cell is alive as long as the ring, which the caller holds.
        unsafe cell.pointee.loadRelaxed()
    }

    /// Leaves a position to the next owner of the token, which `giveBack` and `take` order.
    @inlinable
    func leave(_ position: UInt64) {
        // SAFETY: as in loadOwn.
        unsafe cell.pointee.storeRelaxed(position)
    }

    /// Reads another thread's position; pairs with `publish`.
    @inlinable @inline(__always)
    func observe() -> UInt64 {
        // SAFETY: as in loadOwn.
        unsafe cell.pointee.loadAcquire()
    }

    /// Moves the position, and hands over all that was written before; pairs with `observe`.
    @inlinable @inline(__always)
    func publish(_ position: UInt64) {
        // SAFETY: as in loadOwn.
        unsafe cell.pointee.storeRelease(position)
    }

    /// Tries to move the position from `expected` to `desired`.
    ///
    /// It orders nothing else; whoever uses it for a claim gets the slots' happens-before from
    /// the cursors it observed.
    @inlinable @inline(__always)
    func advance(
        from expected: UInt64,
        to desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        // SAFETY: as in loadOwn.
        unsafe cell.pointee.compareExchangeWeakRelaxed(expected, desired)
    }

    /// Replaces a word that others exchange too, and hands over all that was written before.
    ///
    /// Fails only when the word differs. Whoever takes something over by it has acquired that
    /// when it observed `expected`, which no word becomes twice.
    @inlinable @inline(__always)
    func exchange(
        _ expected: UInt64,
        for desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        // SAFETY: as in loadOwn.
        unsafe cell.pointee.compareExchangeRelease(expected, desired)
    }

    /// Reads the value that no other one has followed, where a plain read may be old.
    ///
    /// Acquires; pairs with `exchange`.
    @inlinable
    func newest() -> UInt64 {
        // SAFETY: as in loadOwn.
        unsafe cell.pointee.compareExchangeAcquire(0, 0).original
    }

    /// Adds to a number that orders nothing, and returns the one before.
    @inlinable
    func count(_ amount: UInt64) -> UInt64 {
        // SAFETY: as in loadOwn.
        unsafe cell.pointee.fetchAddRelaxed(amount)
    }

    /// Takes a token (0 becomes 1); pairs with `giveBack`, so the next owner sees all of the last.
    @inlinable
    func take() -> Bool {
        // SAFETY: as in loadOwn.
        unsafe cell.pointee.compareExchangeAcquire(0, 1).exchanged
    }

    /// Gives a token back; pairs with `take`.
    @inlinable
    func giveBack() {
        // SAFETY: as in loadOwn.
        unsafe cell.pointee.storeRelease(0)
    }
}
