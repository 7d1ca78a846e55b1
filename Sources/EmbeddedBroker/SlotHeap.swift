internal import Messaging

/// Shelf slots by time and then offset, the earliest first, in preallocated memory.
///
/// A binary heap that knows where each slot stands, because an answer may take any slot out of
/// the middle; the general-purpose heap of swift-collections removes at its ends alone.
struct SlotHeap {
    /// One slot and what it is ordered by.
    struct Node {
        var due: Instant
        var offset: UInt64
        var slot: Int32

        func isBefore(_ other: Node) -> Bool {
            due == other.due ? offset < other.offset : due < other.due
        }
    }

    private var nodes: [Node] = []
    private var positions: [Int32]

    private static let absent: Int32 = -1

    /// A heap for slots 0 ..< `capacity`.
    init(capacity: Int) {
        nodes.reserveCapacity(capacity)
        positions = Array(repeating: Self.absent, count: capacity)
    }

    var count: Int { nodes.count }

    /// The earliest slot.
    var first: Node? { nodes.first }

    /// The slot at `position`, in no order that means anything.
    func slot(at position: Int) -> Int { Int(nodes[position].slot) }

    func contains(_ slot: Int) -> Bool { positions[slot] != Self.absent }

    /// Adds a slot that is not in the heap.
    mutating func insert(_ slot: Int, due: Instant, offset: UInt64) {
        precondition(!contains(slot), "slot stands in the heap already")
        nodes.append(Node(due: due, offset: offset, slot: Int32(slot)))
        positions[slot] = Int32(nodes.count - 1)
        rise(nodes.count - 1)
    }

    /// Takes out a slot, wherever it stands.
    mutating func remove(_ slot: Int) {
        let position = Int(positions[slot])
        precondition(position >= 0, "slot does not stand in the heap")
        positions[slot] = Self.absent
        let last = nodes.removeLast()
        guard position < nodes.count else { return }
        place(last, at: position)
        rise(position)
        sink(Int(positions[Int(last.slot)]))
    }

    private mutating func place(_ node: Node, at position: Int) {
        nodes[position] = node
        positions[Int(node.slot)] = Int32(position)
    }

    private mutating func rise(_ start: Int) {
        var position = start
        let node = nodes[position]
        while position > 0 {
            let parent = (position - 1) / 2
            guard node.isBefore(nodes[parent]) else { break }
            place(nodes[parent], at: position)
            position = parent
        }
        place(node, at: position)
    }

    private mutating func sink(_ start: Int) {
        var position = start
        let node = nodes[position]
        while true {
            var child = 2 * position + 1
            guard child < nodes.count else { break }
            if child + 1 < nodes.count, nodes[child + 1].isBefore(nodes[child]) { child += 1 }
            guard nodes[child].isBefore(node) else { break }
            place(nodes[child], at: position)
            position = child
        }
        place(node, at: position)
    }
}
