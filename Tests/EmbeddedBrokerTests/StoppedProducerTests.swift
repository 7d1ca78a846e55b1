import Messaging
import RingCore
import Testing

@testable import EmbeddedBroker

/// What reaches a group while a producer has stopped in the middle of publishing.
///
/// Every step of the rings' own calls is stopped at in the modelled tests of RingCore; here it is
/// the place between them, with the partition, its intake and a group around.
@Suite("While a producer has stopped for ever, the embedded broker")
struct StoppedProducerTests {
    private let rig: Rig

    init() throws {
        rig = try Rig(topic(), [])
    }

    @Test("delivers what the others append")
    func lockFree() throws {
        let partition = try partition(.lockFree(ends: 2))
        let stopped = partition.ring.makeAppender()
        let event = rig.event(n: 9)
        // SAFETY: the slot is the stopped end's, which never appends it, and the event fits.
        unsafe withUnsafePointer(to: event) {
            unsafe partition.layout.write($0, to: stopped.slot)
        }
        #expect(try delivered(partition) == [0, 1, 2, 3, 4, 5])
        withExtendedLifetime(stopped) {}
    }

    @Test("delivers nothing behind an open claim, where producers claim")
    func claims() throws {
        let partition = try partition(.multiple)
        var stopped = partition.ring.makeWriter()
        #expect(stopped.tryClaim(1) == 0..<1)
        #expect(try delivered(partition) == [])
    }

    private func partition(_ producers: RingProducers) throws -> Partition {
        try Partition(topic(4), number: 0, producers: producers, groups: 1)
    }

    /// Publishes six events through four slots, as room permits, and gives what the group got.
    private func delivered(_ partition: Partition) throws -> [UInt64] {
        let intake = PartitionIntake(partition)
        let share = PartitionShare(partition, group: 0, plan: group(), run: 1)
        share.adopt(0, at: .zero, isAbsent: { _ in false })
        var events = Batch<OutboundEvent>(capacity: 6)
        for n in 0..<6 as Range<UInt64> { events.append(rig.event(n: n)) }
        var confirmations = ConfirmationQueue(capacity: 8)
        var settlements = SettlementQueue(capacity: 8)
        var numbers: [UInt64] = []
        var sent = 0
        for _ in 0..<3 {
            sent += intake.publish(
                events,
                in: sent..<6,
                crossing: UInt64(sent),
                into: &confirmations
            )
            var deliveries = Batch<Delivery>(capacity: 8)
            _ = share.receive(0, limit: 8, at: .zero, into: &deliveries)
            var answers = Batch<Settlement>(capacity: 8)
            for index in 0..<deliveries.count {
                numbers.append(deliveries[index].header.n)
                answers.append(Settlement(.ack, of: deliveries[index], nanoseconds: 0))
            }
            _ = share.settle(0, answers, in: 0..<answers.count, at: .zero, into: &settlements)
            // The next receive releases what is settled.
            _ = share.receive(0, limit: 0, at: .zero, into: &deliveries)
        }
        return numbers
    }
}
