package import Messaging

extension GroupPartition {
    /// Ends every lease that is over by `now`: its event is due at once.
    package mutating func tick<Store: EventStore & ~Copyable>(
        at now: Instant,
        _ store: borrowing Store
    ) {
        // Leases are all of one length, so the oldest batch ends first.
        while let oldest = ledger.oldest, oldest.deadline <= now {
            counters.expired &+= 1
            endOldest(at: now, store)
        }
        while let next = shelf.leases.first, next.due <= now {
            counters.expired &+= 1
            giveUpOrRefuse(Int(next.slot), until: now)
        }
    }

    /// Makes everything unanswered due at once.
    mutating func giveBack<Store: EventStore & ~Copyable>(
        at now: Instant,
        _ store: borrowing Store
    ) {
        tick(at: now, store)
        while ledger.oldest != nil { endOldest(at: now, store) }
        while let next = shelf.leases.first { giveUpOrRefuse(Int(next.slot), until: now) }
    }

    /// The consumer has forgotten what it was handed out: leases run out by themselves.
    ///
    /// Under `block-key` later events of these keys wait until then; else a consumer that is back
    /// before its old leases end would see them first.
    package mutating func abandon<Store: EventStore & ~Copyable>(
        at now: Instant,
        _ store: borrowing Store
    ) {
        tick(at: now, store)
        guard settings.order == .blockKey else { return }
        while let (offset, deadline) = ledger.takeLowestOpen() {
            let slot = shelf.addLeased(offset, key: store.key(of: offset), deadline: deadline)
            store.shelve(offset, into: slot)
        }
        shelf.blockLeasedKeys()
    }

    /// Moves the oldest open events to the shelf, lease and all, while they pin the ring.
    ///
    /// That is while what lies between the watermark and the last claim fills three quarters of
    /// the ring, or every bitmap is in use.
    mutating func relieve<Store: EventStore & ~Copyable>(_ store: borrowing Store) {
        while ledger.isFull || isPinned, let (offset, deadline) = ledger.takeLowestOpen() {
            counters.relieved &+= 1
            let slot = shelf.addLeased(offset, key: store.key(of: offset), deadline: deadline)
            store.shelve(offset, into: slot)
        }
    }

    private var isPinned: Bool {
        ledger.open > 0 && (claimed &- watermark) &* 4 >= UInt64(settings.capacity) &* 3
    }

    private mutating func endOldest<Store: EventStore & ~Copyable>(
        at now: Instant,
        _ store: borrowing Store
    ) {
        guard let (offset, deadline) = ledger.takeLowestOpen() else { return }
        let slot = shelf.addLeased(offset, key: store.key(of: offset), deadline: deadline)
        store.shelve(offset, into: slot)
        giveUpOrRefuse(slot, until: now)
    }
}
