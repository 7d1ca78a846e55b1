import Messaging
import Testing

@Suite struct DeliveryRunTests {
    /// The third plain delivery of a run, or one that differs in something.
    private static func delivery(
        _ step: UInt64,
        offset: Int64? = nil,
        _ change: (inout Delivery) -> Void = { _ in }
    ) -> Delivery {
        var header = EventHeader()
        header.id = EventID(producer: 3, epoch: 0, sequence: 70 + step)
        header.n = 40 + step
        header.producer = 3
        header.partition = 2
        header.digest = 1000 + step
        var delivery = Delivery(
            header: header,
            payload: PayloadReference(),
            receipt: 1,
            offset: offset ?? Int64(100 + step),
            invoked: Instant(nanoseconds: 5),
            attempt: 1,
            topic: 1,
            partition: 2,
            isRedelivered: false,
            envelope: .intact
        )
        change(&delivery)
        return delivery
    }

    private static let differences: [(name: String, change: @Sendable (inout Delivery) -> Void)] = [
        ("n ahead", { $0.header.n += 1 }),
        ("n behind", { $0.header.n -= 1 }),
        ("producer", { $0.header.producer = 4 }),
        ("sent to another partition", { $0.header.partition = 1 }),
        ("client's attempt", { $0.header.attempt = 2 }),
        ("copy", { $0.header.copy = 1 }),
        ("dead letter", { $0.header.deadLetterReason = 1 }),
        ("attempts of a dead letter", { $0.header.deadLetterAttempts = 3 }),
        ("offset", { $0.offset += 1 }),
        ("no offset", { $0.offset = -1 }),
        ("call", { $0.invoked = Instant(nanoseconds: 6) }),
        ("attempt", { $0.attempt = 2 }),
        ("topic", { $0.topic = 0 }),
        ("partition", { $0.partition = 0 }),
        ("flag", { $0.isRedelivered = true }),
        ("envelope", { $0.envelope = .corrupted }),
    ]

    @Test("a run ends at the first delivery that differs", arguments: 0..<16)
    func difference(_ number: Int) {
        let difference = Self.differences[number]
        for place in 1..<4 {
            var batch = Batch<Delivery>(capacity: 5)
            for step in 0..<5 {
                batch.append(Self.delivery(UInt64(step)))
                if step == place { difference.change(&batch[place]) }
            }
            #expect(batch.endOfRun(from: 0, below: 5) == place, "\(difference.name)")
        }
    }

    @Test("a run goes on over identifiers, keys, digests, bodies, times and receipts")
    func sameness() {
        var batch = Batch<Delivery>(capacity: 4)
        for step in 0..<UInt64(4) {
            batch.append(
                Self.delivery(step) { delivery in
                    delivery.header.key = EventKey(pattern: 0, index: step)
                    delivery.header.due = Instant(nanoseconds: Int64(step))
                    delivery.header.sent = Instant(nanoseconds: Int64(2 * step))
                    delivery.header.payloadBytes = UInt32(step)
                    delivery.receipt = 50 + step
                }
            )
        }
        #expect(batch.endOfRun(from: 0, below: 4) == 4)
        #expect(batch.endOfRun(from: 1, below: 3) == 3)
        #expect(batch.endOfRun(from: 3, below: 4) == 4)
    }

    @Test("where no offsets are shown, none are compared")
    func withoutOffsets() {
        var batch = Batch<Delivery>(capacity: 3)
        for step in 0..<UInt64(3) { batch.append(Self.delivery(step, offset: -1)) }
        #expect(batch.endOfRun(from: 0, below: 3) == 3)
        batch[2].offset = 102
        #expect(batch.endOfRun(from: 0, below: 3) == 2)
    }

    @Test("fields that are compared as words lie in them")
    func layout() {
        #expect(MemoryLayout<EventHeader>.offset(of: \.producer) == 56)
        #expect(MemoryLayout<EventHeader>.offset(of: \.deadLetterAttempts) == 63)
        #expect(MemoryLayout<Delivery>.offset(of: \.header) == 0)
        #expect(MemoryLayout<Delivery>.offset(of: \.invoked) == 96)
        #expect(MemoryLayout<Delivery>.offset(of: \.attempt) == 104)
        #expect(MemoryLayout<Delivery>.offset(of: \.topic) == 108)
        #expect(MemoryLayout<Delivery>.offset(of: \.partition) == 110)
        #expect(MemoryLayout<Delivery>.offset(of: \.isRedelivered) == 112)
        #expect(MemoryLayout<Delivery>.offset(of: \.envelope) == 113)
    }
}
