package import Messaging
internal import RingCore

/// Where one producer's events enter one partition; belongs to the producer's thread.
package final class PartitionIntake {
    private let partition: Partition
    private var end: IntakeEnd
    private var lane = ProducerLane()

    /// The intake of one producer; a partition with a single-producer ring has one at a time.
    package init(_ partition: Partition) {
        self.partition = partition
        end = IntakeEnd(partition.ring, partition.layout)
    }

    /// Takes events from the front of `range`, all of them for this partition, and says how many.
    ///
    /// Fewer than offered: the partition is full and its policy makes the producer wait, or
    /// `confirmations` is full. Each taken event is confirmed or refused at once.
    package func publish(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>,
        crossing: UInt64,
        into confirmations: inout ConfirmationQueue
    ) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, !confirmations.isFull {
            let crossing = crossing &+ UInt64(index &- range.lowerBound)
            let most = min(range.upperBound, index &+ self.end.runMax)
            let end = endOfRun(events, from: index, below: most)
            if end == index {
                confirmations.append(answer(to: events[index], crossing: crossing))
                index &+= 1
                continue
            }
            let stored = store(events, in: index..<end)
            if !stored.isEmpty {
                confirmations.append(
                    Confirmation(
                        firstCrossing: crossing,
                        count: UInt32(stored.count),
                        outcome: .confirmed,
                        firstOffset: Int64(stored.lowerBound)
                    )
                )
                index &+= stored.count
            }
            if index == end || (partition.groups == 0 && !stored.isEmpty) { continue }
            let left = index..<endOfRun(events, from: index, below: range.upperBound)
            guard !confirmations.isFull,
                let answer = overflow(
                    events,
                    in: left,
                    crossing: crossing &+ UInt64(stored.count)
                )
            else { break }
            confirmations.append(answer)
            index = left.upperBound
        }
        return index &- range.lowerBound
    }

    /// The end of the run of events from `start` on that are to be stored.
    private func endOfRun(
        _ events: borrowing Batch<OutboundEvent>,
        from start: Int,
        below end: Int
    ) -> Int {
        let layout = partition.layout
        let isIdempotent = events[start].isIdempotent
        var index = start
        while index < end, layout.holds(events[index]),
            events[index].isIdempotent == isIdempotent
        {
            if isIdempotent {
                let isNew =
                    index == start ? isNew(events[index]) : follows(events, index, from: start)
                guard isNew else { break }
            }
            index &+= 1
        }
        return index
    }

    private func isNew(_ event: OutboundEvent) -> Bool {
        lane.decide(epoch: event.header.id.epoch, event.header.n) == .store
    }

    /// Whether the event at `index` is new for certain because its predecessor in the run is.
    private func follows(
        _ events: borrowing Batch<OutboundEvent>,
        _ index: Int,
        from start: Int
    ) -> Bool {
        let event = events[index]
        let before = events[index &- 1]
        guard events[start].isIdempotent, event.header.n == before.header.n &+ 1,
            event.header.id.epoch == before.header.id.epoch
        else { return false }
        return lane.isAhead(epoch: event.header.id.epoch, event.header.n)
    }

    /// The confirmation of an event that is not stored: a repeat, or one that cannot be.
    private func answer(to event: OutboundEvent, crossing: UInt64) -> Confirmation {
        var answer = Confirmation(
            firstCrossing: crossing,
            count: 1,
            outcome: .refused,
            firstOffset: -1
        )
        guard partition.layout.holds(event) else { return answer }
        if case .repeated(let offset) = lane.decide(
            epoch: event.header.id.epoch,
            event.header.n
        ) {
            answer.outcome = .confirmed
            answer.firstOffset = offset
        }
        return answer
    }

    /// Stores as many events as there is room for, and gives their offsets.
    private func store(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>
    ) -> Range<UInt64> {
        var stored = end.store(events, in: range)
        if stored.isEmpty, partition.groups == 0, partition.forgetUnread() {
            stored = end.store(events, in: range)
        }
        guard !stored.isEmpty else { return stored }
        let first = range.lowerBound
        remember(events, in: first..<first + stored.count, stored.lowerBound)
        return stored
    }

    private func remember(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>,
        _ first: UInt64?
    ) {
        let header = events[range.lowerBound].header
        guard events[range.lowerBound].isIdempotent else { return }
        lane.remember(
            epoch: header.id.epoch,
            from: header.n,
            count: range.count,
            at: first.map { Int64($0) } ?? -1
        )
    }

    /// What becomes of a run that finds the partition full; `nil`: its producer waits.
    private func overflow(
        _ events: borrowing Batch<OutboundEvent>,
        in range: Range<Int>,
        crossing: UInt64
    ) -> Confirmation? {
        var answer = Confirmation(
            firstCrossing: crossing,
            count: UInt32(range.count),
            outcome: .refused,
            firstOffset: -1
        )
        switch partition.overflow {
        case .block:
            return nil
        case .dropOldest:
            partition.demandRoom(for: range.count)
            return nil
        case .reject:
            return answer
        case .dropNewest:
            partition.countNewestDropped(range.count)
            remember(events, in: range, nil)
            answer.outcome = .confirmed
            return answer
        }
    }
}
