package import Messaging

extension GroupPartition {
    /// Acknowledges the first of `offsets`, which were handed out from the ring, and says how many.
    ///
    /// Constant time a claimed batch. 0, with nothing changed, if they are not of that kind any
    /// more: then the first has to be answered by `settle`.
    package mutating func acknowledge(_ offsets: Range<UInt64>, at now: Instant) -> Int {
        ledger.close(offsets, at: now)
    }

    /// Takes the answer to one delivery; `false` if that delivery is over and nothing was touched.
    package mutating func settle<Store: EventStore & ~Copyable>(
        _ receipt: Receipt,
        _ answer: Answer,
        at now: Instant,
        _ store: borrowing Store
    ) -> Bool {
        tick(at: now, store)
        if receipt.attempt == 1, let deadline = ledger.deadline(of: receipt.offset) {
            guard now < deadline else { return refuseStale() }
            settleClaimed(receipt.offset, answer, deadline: deadline, at: now, store)
            return true
        }
        guard let slot = leasedSlot(of: receipt) else { return refuseStale() }
        settleShelved(slot, answer, at: now)
        return true
    }

    private mutating func refuseStale() -> Bool {
        counters.staleReceipts &+= 1
        return false
    }

    private mutating func settleClaimed<Store: EventStore & ~Copyable>(
        _ offset: UInt64,
        _ answer: Answer,
        deadline: Instant,
        at now: Instant,
        _ store: borrowing Store
    ) {
        ledger.take(offset)
        if case .acknowledge = answer { return }
        let key = store.key(of: offset)
        let slot = shelf.addLeased(offset, key: key, deadline: deadline)
        store.shelve(offset, into: slot)
        settleShelved(slot, answer, at: now)
    }

    private mutating func settleShelved(_ slot: Int, _ answer: Answer, at now: Instant) {
        switch answer {
        case .acknowledge:
            shelf.remove(slot)
        case .refuse(let delay):
            giveUpOrRefuse(slot, until: now.advanced(byNanoseconds: max(0, delay)))
        case .extend(let length):
            shelf.extend(slot, until: now.advanced(byNanoseconds: max(0, length)))
        }
    }

    /// Ends a delivery without success: again later, unless it was the last one allowed.
    mutating func giveUpOrRefuse(_ slot: Int, until due: Instant) {
        if let most = settings.maxDeliveries, shelf[slot].deliveries >= most {
            counters.exhausted &+= 1
            shelf.remove(slot)
        } else {
            shelf.refuse(slot, until: due)
        }
    }
}
