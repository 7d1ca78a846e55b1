/// The memory of a ring's slots, with a seam before every access.
///
/// Production rings use `SlotStorage`, in which both calls vanish. A modelled space learns here
/// which thread is about to touch which slots, and so finds accesses that no happens-before
/// orders.
public protocol SlotSpace: ~Copyable, Sendable {
    /// Where the first slot begins; it never moves.
    var base: UnsafeMutableRawPointer { get }

    /// Called before `count` consecutive slots are written by a thread that owns them.
    func willWrite(_ first: Int, count: Int)

    /// Called before `count` consecutive slots are read, published and not yet released.
    func willRead(_ first: Int, count: Int)

    /// Called before `count` consecutive slots are copied by a thread that does not own them, and
    /// that will throw the copy away unless it keeps it.
    func willPeek(_ first: Int, count: Int)

    /// Called when copies turn out to be worth keeping: no write may have overlapped the peek.
    func didKeep(_ first: Int, count: Int)
}
