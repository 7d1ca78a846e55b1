/// What a shared word of a ring is for, told to whoever makes its cell.
public enum RingCellRole: Hashable, Sendable {
    /// Multicast, single producer: everything below is published.
    case published
    /// Multicast, multiple producers: everything below is claimed.
    case claimed
    /// Multicast, multiple producers: the sequence last published in a slot, plus one.
    case availability(Int)
    /// Multicast: everything below is released by the group.
    case gate(Int)
    /// The word beside a slot's element, which says whose turn it is.
    case turn(Int)
    /// Lock-free kinds: the lap of a place, whether it is filled, and the slot that stands there.
    case place(Int)
    /// Lock-free kinds: a slot that no place and no end holds.
    case spare(Int)
    /// Where producers are; below it everything is published or claimed.
    case tail
    /// Where consumers are; below it everything is taken.
    case head
    /// Taken while an end that may exist only once does exist; where several may, their number.
    case token(Int)
}
