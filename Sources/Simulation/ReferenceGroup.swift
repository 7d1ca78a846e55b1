internal import EmbeddedBroker
internal import Messaging

/// What a group must do with a partition, written down so plainly that it is seen to be right.
///
/// One record an event and a scan for every question; the judge of `GroupPartition`.
struct ReferenceGroup {
    struct Event {
        var key: EventKey
        var deliveries: UInt32 = 0
        /// Out at a consumer until then.
        var leaseEnd: Instant?
        /// Refused, not to be delivered before.
        var notBefore: Instant?
        /// Some delivery was refused or ran out, and it is not settled since.
        var isRefused = false
        var isSettled = false
    }

    let settings: GroupSettings
    private(set) var events: [Event] = []

    init(_ settings: GroupSettings) {
        self.settings = settings
    }

    var unanswered: Int { events.count { $0.leaseEnd != nil } }
    var isDone: Bool { events.allSatisfy(\.isSettled) }

    mutating func publish(_ key: EventKey) {
        events.append(Event(key: key))
    }

    /// Ends leases that are over by `now`.
    mutating func tick(at now: Instant) {
        for index in events.indices {
            if let end = events[index].leaseEnd, end <= now { fail(index, until: now) }
        }
    }

    mutating func handOver(at now: Instant) {
        for index in events.indices where events[index].leaseEnd != nil {
            fail(index, until: now)
        }
    }

    mutating func abandon() {
        guard settings.order == .blockKey else { return }
        for index in events.indices where events[index].leaseEnd != nil {
            events[index].isRefused = true
        }
    }

    mutating func skip(_ offsets: Range<Int>) {
        for offset in offsets { events[offset].isSettled = true }
    }

    /// Whether a receipt is good.
    func accepts(_ receipt: Receipt, at now: Instant) -> Bool {
        let event = events[Int(receipt.offset)]
        guard let end = event.leaseEnd else { return false }
        return event.deliveries == receipt.attempt && now < end
    }

    mutating func settle(_ receipt: Receipt, _ answer: Answer, at now: Instant) {
        let index = Int(receipt.offset)
        switch answer {
        case .acknowledge:
            events[index].leaseEnd = nil
            events[index].isSettled = true
        case .refuse(let delay):
            fail(index, until: now.advanced(byNanoseconds: delay))
        case .extend(let length):
            events[index].leaseEnd = now.advanced(byNanoseconds: length)
        }
    }

    /// Why `index` may not be handed out now; `nil` if it may.
    func objection(to index: Int, at now: Instant) -> String? {
        let event = events[index]
        if event.isSettled { return "it is settled" }
        if event.leaseEnd != nil { return "it is out already" }
        if let notBefore = event.notBefore, now < notBefore { return "it is not due" }
        for (earlier, other) in events[..<index].enumerated() where !other.isSettled {
            if event.deliveries == 0, other.deliveries == 0, sharesOrder(event, other) {
                return "offset \(earlier) was never handed out"
            }
            if blocks(other, event) { return "offset \(earlier) blocks its key" }
        }
        return nil
    }

    mutating func deliver(_ index: Int, at now: Instant) {
        events[index].deliveries += 1
        events[index].notBefore = nil
        events[index].leaseEnd = now.advanced(byNanoseconds: settings.leaseNanoseconds)
    }

    private func blocks(_ earlier: Event, _ event: Event) -> Bool {
        settings.order == .blockKey && event.key != .none && earlier.key == event.key
            && earlier.isRefused
    }

    private func sharesOrder(_ earlier: Event, _ event: Event) -> Bool {
        // Without blocking, first deliveries come in the order of the partition.
        settings.order == .pass || earlier.key == event.key
    }

    private mutating func fail(_ index: Int, until due: Instant) {
        events[index].leaseEnd = nil
        if let most = settings.maxDeliveries, events[index].deliveries >= most {
            events[index].isSettled = true
        } else {
            events[index].isRefused = true
            events[index].notBefore = due
        }
    }
}
