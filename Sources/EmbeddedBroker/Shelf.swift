internal import Messaging

/// The events of one group in one partition for which a bitmap does not suffice.
///
/// Refused, expired, held back behind their key, or moved out of a ring that they pinned.
/// Preallocated. Under `block-key` the entries of a key that some refused event blocks form a
/// *chain* by offset, of which only the first may be handed out; a key without chain is free.
struct Shelf {
    /// One event.
    struct Entry {
        var offset: UInt64 = 0
        var key = EventKey.none
        /// Not before this, while it waits; the end of the lease, while it is leased.
        var due = Instant.zero
        /// How often it was handed out.
        var deliveries: UInt32 = 0
        var isLeased = false
        /// Whether some delivery of it was refused or ran out: it blocks its key until settled.
        var isRefused = false
        var isChained = false
        var next: Int32 = -1
        /// In the first entry of a chain: the last one.
        var tail: Int32 = -1
    }

    private var entries: [Entry]
    private var free: [Int32]
    private var offsets: SlotIndex
    private var chains: SlotIndex
    /// Who may be handed out, and when.
    private(set) var waiting: SlotHeap
    /// Who awaits an answer, and until when.
    private(set) var leases: SlotHeap

    let capacity: Int
    private let blocksKeys: Bool

    /// An empty shelf.
    init(capacity: Int, order: RedeliveryOrder) {
        self.capacity = capacity
        blocksKeys = order == .blockKey
        entries = Array(repeating: Entry(), count: capacity)
        free = (0..<Int32(capacity)).reversed()
        offsets = SlotIndex(capacity: capacity)
        chains = SlotIndex(capacity: blocksKeys ? capacity : 1)
        waiting = SlotHeap(capacity: capacity)
        leases = SlotHeap(capacity: capacity)
    }

    /// How many events lie on it.
    var count: Int { capacity - free.count }
    /// Whether some key is blocked.
    var hasBlockedKeys: Bool { !chains.isEmpty }

    subscript(slot: Int) -> Entry { entries[slot] }

    func slot(of offset: UInt64) -> Int? { offsets.slot(of: offset) }

    func isBlocked(_ key: EventKey) -> Bool {
        key != .none && chains.slot(of: key.rawValue) != nil
    }

    /// Adds an event that was handed out once and whose lease ends at `deadline`.
    mutating func addLeased(_ offset: UInt64, key: EventKey, deadline: Instant) -> Int {
        let slot = add(offset, key: key)
        entries[slot].deliveries = 1
        entries[slot].isLeased = true
        entries[slot].due = deadline
        leases.insert(slot, due: deadline, offset: offset)
        return slot
    }

    /// Adds an event that was never handed out, behind those of its blocked key.
    mutating func addBlocked(_ offset: UInt64, key: EventKey) -> Int {
        let slot = add(offset, key: key)
        entries[slot].due = Instant(nanoseconds: .min)
        chain(slot)
        return slot
    }

    /// Hands out the first event that is due; the caller knows that there is one.
    mutating func lease(_ slot: Int, until deadline: Instant) {
        waiting.remove(slot)
        entries[slot].deliveries += 1
        entries[slot].isLeased = true
        entries[slot].due = deadline
        leases.insert(slot, due: deadline, offset: entries[slot].offset)
        if entries[slot].isChained, !entries[slot].isRefused { unchain(slot) }
    }

    /// Moves the end of a lease.
    mutating func extend(_ slot: Int, until deadline: Instant) {
        leases.remove(slot)
        entries[slot].due = deadline
        leases.insert(slot, due: deadline, offset: entries[slot].offset)
    }

    /// Ends a lease without success: again, not before `due`.
    mutating func refuse(_ slot: Int, until due: Instant) {
        leases.remove(slot)
        entries[slot].isLeased = false
        entries[slot].isRefused = true
        entries[slot].due = due
        guard blocksKeys, entries[slot].key != .none else { return offer(slot) }
        if !entries[slot].isChained { return chain(slot) }
        if chains.slot(of: entries[slot].key.rawValue) == slot { offer(slot) }
    }

    /// Lets every leased event hold back its key, as a refused one does, while its lease goes on.
    mutating func blockLeasedKeys() {
        guard blocksKeys else { return }
        for position in 0..<leases.count {
            let slot = leases.slot(at: position)
            guard entries[slot].key != .none else { continue }
            entries[slot].isRefused = true
            if !entries[slot].isChained { chain(slot) }
        }
    }

    /// Forgets an event that is leased.
    mutating func remove(_ slot: Int) {
        leases.remove(slot)
        if entries[slot].isChained { unchain(slot) }
        offsets.remove(entries[slot].offset)
        free.append(Int32(slot))
    }

    private mutating func add(_ offset: UInt64, key: EventKey) -> Int {
        guard let slot = free.popLast() else {
            preconditionFailure("shelf of \(capacity) events is full")
        }
        entries[Int(slot)] = Entry()
        entries[Int(slot)].offset = offset
        entries[Int(slot)].key = key
        offsets.set(offset, to: Int(slot))
        return Int(slot)
    }

    private mutating func offer(_ slot: Int) {
        waiting.insert(slot, due: entries[slot].due, offset: entries[slot].offset)
    }

    /// Puts an entry into the chain of its key, by offset.
    private mutating func chain(_ slot: Int) {
        entries[slot].isChained = true
        let key = entries[slot].key.rawValue
        guard let head = chains.slot(of: key) else {
            return lead(slot, tail: slot, next: -1)
        }
        let offset = entries[slot].offset
        if offset < entries[head].offset {
            // The former first entry steps back, unless it is out at a consumer already.
            if waiting.contains(head) { waiting.remove(head) }
            return lead(slot, tail: Int(entries[head].tail), next: Int32(head))
        }
        let tail = Int(entries[head].tail)
        var before = head
        if offset > entries[tail].offset {
            before = tail
        } else {
            while entries[Int(entries[before].next)].offset < offset {
                before = Int(entries[before].next)
            }
        }
        entries[slot].next = entries[before].next
        entries[before].next = Int32(slot)
        if before == tail { entries[head].tail = Int32(slot) }
    }

    private mutating func unchain(_ slot: Int) {
        let key = entries[slot].key.rawValue
        guard let head = chains.slot(of: key) else {
            preconditionFailure("entry \(slot) is chained to no chain")
        }
        let next = entries[slot].next
        entries[slot].isChained = false
        entries[slot].next = -1
        if head != slot {
            var before = head
            while entries[before].next != Int32(slot) { before = Int(entries[before].next) }
            entries[before].next = next
            if entries[head].tail == Int32(slot) { entries[head].tail = Int32(before) }
        } else if next < 0 {
            chains.remove(key)
        } else {
            lead(Int(next), tail: Int(entries[slot].tail), next: entries[Int(next)].next)
        }
    }

    /// Makes `slot` the first of its key's chain; if it is not out at a consumer it may go now.
    private mutating func lead(_ slot: Int, tail: Int, next: Int32) {
        entries[slot].tail = Int32(tail)
        entries[slot].next = next
        chains.set(entries[slot].key.rawValue, to: slot)
        if !entries[slot].isLeased { offer(slot) }
    }
}
