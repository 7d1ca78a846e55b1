package import Messaging

/// What one consumer group knows of one partition: a pure state machine fed with time.
///
/// Reads no clock, takes no lock, sees no bytes: an `EventStore` copies them when an event leaves
/// the ring for the shelf. In order and with every answer given it keeps a watermark and one
/// bitmap a batch; whatever else happens to an event is kept on the shelf. A claim takes no more
/// than the shelf has room for, so every event handed out can be refused at any time.
///
/// Each call first lets what is over be over (`tick`), so an answer at or after the end of a lease
/// is stale however seldom the group is polled. Nothing here allocates after `init`.
package struct GroupPartition: Sendable {
    package let settings: GroupSettings
    /// Raised whenever the partition changes hands.
    package private(set) var generation: UInt32 = 0
    package internal(set) var counters = GroupCounters()
    /// The next offset that was never claimed.
    package private(set) var claimed: UInt64 = 0

    var ledger: LeaseLedger
    var shelf: Shelf
    /// Whether a claim of a single event goes to the ring first: neither may starve the other.
    private var prefersRing = false

    /// The bitmaps that a group keeps at most; beyond it old batches move to the shelf.
    private static let mostBatches = 1024

    /// A group that has seen nothing of its partition.
    package init(_ settings: GroupSettings) {
        precondition(settings.prefetch > 0, "a group must be able to hold one delivery")
        precondition(settings.shelfCapacity > 0, "a shelf must hold at least one event")
        self.settings = settings
        ledger = LeaseLedger(capacity: max(2, min(settings.capacity, Self.mostBatches)))
        shelf = Shelf(capacity: settings.shelfCapacity, order: settings.order)
    }

    /// Every offset below it is settled or shelved: its ring slot is free for this group.
    package var watermark: UInt64 { ledger.lowestOpen ?? claimed }

    /// Deliveries that await an answer.
    package var unanswered: Int { ledger.open &+ shelf.leases.count }

    /// Events on the shelf that wait to be handed out.
    package var shelved: Int { shelf.count &- shelf.leases.count }

    /// Whether new events of some key have to wait.
    package var hasBlockedKeys: Bool { shelf.hasBlockedKeys }

    /// When the next lease ends or the next shelved event is due; `nil` if only new events matter.
    package var nextDeadline: Instant? {
        var next = ledger.oldest?.deadline
        for candidate in [shelf.leases.first?.due, shelf.waiting.first?.due] {
            guard let candidate else { continue }
            next = min(next ?? candidate, candidate)
        }
        return next
    }

    /// Where the bytes of an unanswered delivery lie now, or `nil` if it is over.
    package func location(of receipt: Receipt, at now: Instant) -> EventLocation? {
        if receipt.attempt == 1, let deadline = ledger.deadline(of: receipt.offset) {
            return now < deadline ? .ring : nil
        }
        guard let slot = leasedSlot(of: receipt), now < shelf[slot].due else { return nil }
        return .shelf(slot)
    }

    /// Hands out up to `limit` events: what is due on the shelf, then new ones below `published`.
    ///
    /// `handOuts` must have room for `limit` more elements.
    package mutating func claim<Store: EventStore & ~Copyable>(
        _ limit: Int,
        published: UInt64,
        at now: Instant,
        from store: borrowing Store,
        into handOuts: inout Batch<HandOut>
    ) {
        precondition(handOuts.room >= limit, "no room for the events to hand out")
        tick(at: now, store)
        relieve(store)
        let wanted = min(limit, settings.prefetch &- unanswered)
        guard wanted > 0 else { return }
        var left = wanted
        if shelf.waiting.count > 0 {
            // A quarter of each claim is for new events, lest a poisoned event starve them.
            let quota = wanted > 1 ? wanted - wanted / 4 : prefersRing ? 0 : 1
            prefersRing = wanted == 1 && !prefersRing
            left &-= claimShelved(min(quota, left), at: now, into: &handOuts)
        }
        left &-= claimNew(left, below: published, at: now, from: store, into: &handOuts)
        if left > 0, shelf.waiting.count > 0 {
            _ = claimShelved(left, at: now, into: &handOuts)
        }
    }

    /// Skips events below `limit` that were never claimed, and says how many.
    package mutating func skip(below limit: UInt64) -> Int {
        guard limit > claimed else { return 0 }
        let skipped = limit &- claimed
        claimed = limit
        return Int(skipped)
    }

    /// Counts events that a full partition has lost for this group.
    package mutating func countDrops(_ drops: Int) {
        counters.dropped &+= Int64(drops)
    }

    /// Gives the partition to another member: whatever is unanswered becomes due at once.
    package mutating func handOver<Store: EventStore & ~Copyable>(
        at now: Instant,
        _ store: borrowing Store
    ) {
        giveBack(at: now, store)
        generation &+= 1
    }

    /// Gives the partition to another member while its owner may still answer: leases go on.
    ///
    /// One that fell silent may have been handed something the moment before, and one that shares
    /// with a newcomer still works on its last batch.
    package mutating func takeOver<Store: EventStore & ~Copyable>(
        at now: Instant,
        _ store: borrowing Store
    ) {
        abandon(at: now, store)
        generation &+= 1
    }

    func leasedSlot(of receipt: Receipt) -> Int? {
        guard let slot = shelf.slot(of: receipt.offset) else { return nil }
        return shelf[slot].isLeased && shelf[slot].deliveries == receipt.attempt ? slot : nil
    }

    private mutating func claimShelved(
        _ limit: Int,
        at now: Instant,
        into handOuts: inout Batch<HandOut>
    ) -> Int {
        var taken = 0
        while taken < limit, let next = shelf.waiting.first, next.due <= now {
            let slot = Int(next.slot)
            shelf.lease(slot, until: now.advanced(byNanoseconds: settings.leaseNanoseconds))
            let attempt = shelf[slot].deliveries
            handOuts.append(
                HandOut(first: next.offset, count: 1, slot: slot, attempt: attempt)
            )
            taken &+= 1
        }
        return taken
    }

    private mutating func claimNew<Store: EventStore & ~Copyable>(
        _ limit: Int,
        below published: UInt64,
        at now: Instant,
        from store: borrowing Store,
        into handOuts: inout Batch<HandOut>
    ) -> Int {
        var taken = 0
        while taken < limit, claimed < published {
            if ledger.isFull { relieve(store) }
            let room = shelf.capacity &- shelf.count &- ledger.open
            guard room > 0 else {
                counters.shelfFull &+= 1
                break
            }
            let most = min(
                LeaseLedger.longestBatch,
                room,
                Int(truncatingIfNeeded: published &- claimed)
            )
            taken &+=
                shelf.hasBlockedKeys
                ? claimPast(most, wanted: limit &- taken, at: now, from: store, into: &handOuts)
                : claimRun(min(most, limit &- taken), at: now, into: &handOuts)
        }
        return taken
    }

    private mutating func claimRun(
        _ count: Int,
        at now: Instant,
        into handOuts: inout Batch<HandOut>
    ) -> Int {
        let first = claimed
        claimed &+= UInt64(count)
        ledger.add(
            .init(
                start: first,
                count: UInt64(count),
                open: LeaseLedger.mask(0, count),
                deadline: now.advanced(byNanoseconds: settings.leaseNanoseconds)
            )
        )
        handOuts.append(HandOut(first: first, count: count, slot: -1, attempt: 1))
        return count
    }

    /// As `claimRun`, but events of blocked keys go to the shelf.
    private mutating func claimPast<Store: EventStore & ~Copyable>(
        _ most: Int,
        wanted: Int,
        at now: Instant,
        from store: borrowing Store,
        into handOuts: inout Batch<HandOut>
    ) -> Int {
        let first = claimed
        var open: UInt64 = 0
        var taken = 0
        var run = 0
        while claimed &- first < UInt64(most), taken < wanted {
            let key = store.key(of: claimed)
            if shelf.isBlocked(key) {
                store.shelve(claimed, into: shelf.addBlocked(claimed, key: key))
                Self.append(run, endingAt: claimed, to: &handOuts)
                run = 0
            } else {
                open |= 1 &<< (claimed &- first)
                taken &+= 1
                run &+= 1
            }
            claimed &+= 1
        }
        Self.append(run, endingAt: claimed, to: &handOuts)
        ledger.add(
            .init(
                start: first,
                count: claimed &- first,
                open: open,
                deadline: now.advanced(byNanoseconds: settings.leaseNanoseconds)
            )
        )
        return taken
    }

    private static func append(
        _ run: Int,
        endingAt end: UInt64,
        to handOuts: inout Batch<HandOut>
    ) {
        guard run > 0 else { return }
        handOuts.append(
            HandOut(first: end &- UInt64(run), count: run, slot: -1, attempt: 1)
        )
    }
}

/// Where the bytes of an event lie.
package enum EventLocation: Hashable, Sendable {
    /// In the slot of its offset.
    case ring
    /// At this place of the shelf.
    case shelf(Int)
}
