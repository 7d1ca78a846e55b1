import Messaging
import RingDriver
import Testing

@Suite("A repeated event of an idempotent producer", .everyIntake)
struct DeduplicationTests {
    /// Publishes one event and gives what it was told.
    private func send(_ rig: Rig, _ n: UInt64, epoch: UInt8 = 0) throws -> Messaging.Confirmation {
        let event = rig.event(n: n, epoch: epoch, isIdempotent: true)
        #expect(rig.publish([event]) == 1)
        return try #require(rig.confirmations().first)
    }

    @Test("is confirmed with its old offset inside the window and refused beyond it")
    func window() throws {
        let rig = try Rig(topic(4096), [group()])
        rig.publish((0..<1100).map { rig.event(n: $0, isIdempotent: true) })
        _ = rig.confirmations()
        for n in [1099, 1098, 500, 76] as [UInt64] {
            let told = try send(rig, n)
            #expect(told.outcome == .confirmed && told.firstOffset == Int64(n))
        }
        for n in [75, 0] as [UInt64] { #expect(try send(rig, n).outcome == .refused) }
        #expect(rig.session.accounts.queued == 1100)
    }

    @Test("is stored when it comes late but for the first time")
    func lateFirst() throws {
        let rig = try Rig(topic(4096), [group()])
        #expect(try send(rig, 0).firstOffset == 0)
        #expect(try send(rig, 5).firstOffset == 1, "gaps are allowed")
        #expect(try send(rig, 3).firstOffset == 2)
        #expect(try send(rig, 3).firstOffset == 2)
        #expect(try send(rig, 2000).firstOffset == 3)
        #expect(try send(rig, 1500).firstOffset == 4)
        #expect(try send(rig, 1029).firstOffset == 5, "no trace of number 5 in its place")
        #expect(try send(rig, 976).outcome == .refused)
        #expect(try send(rig, 977).firstOffset == 6)
    }

    @Test("is not mistaken for a number a whole window older")
    func aliasing() throws {
        let rig = try Rig(topic(4096), [group()])
        rig.publish((0..<1024).map { rig.event(n: $0, isIdempotent: true) })
        _ = rig.confirmations()
        #expect(try send(rig, 1030).firstOffset == 1024)
        #expect(try send(rig, 1027).firstOffset == 1025)
    }

    @Test("is found inside one batch, copies side by side or apart")
    func insideOneBatch() throws {
        let rig = try Rig(topic(), [group()])
        let numbers: [UInt64] = [0, 0, 1, 2, 1, 3, 3, 2]
        #expect(rig.publish(numbers.map { rig.event(n: $0, isIdempotent: true) }) == 8)
        let told = rig.confirmations().flatMap { range in
            (0..<Int64(range.count)).map { range.firstOffset + $0 }
        }
        #expect(told == [0, 0, 1, 2, 1, 3, 3, 2])
        #expect(rig.receive(rig.consumer()).numbers == [0, 1, 2, 3])
    }

    @Test("of an earlier epoch is refused, and a later epoch begins anew")
    func epochs() throws {
        let rig = try Rig(topic(), [group()])
        #expect(try send(rig, 0, epoch: 3).firstOffset == 0)
        #expect(try send(rig, 1, epoch: 2).outcome == .refused)
        #expect(try send(rig, 0, epoch: 4).firstOffset == 1)
        #expect(try send(rig, 0, epoch: 4).firstOffset == 1)
        #expect(try send(rig, 1, epoch: 3).outcome == .refused)
    }

    @Test("is stored again by a producer that does not ask for it")
    func notIdempotent() throws {
        let rig = try Rig(topic(), [group()])
        rig.publish([rig.event(n: 0), rig.event(n: 0), rig.event(n: 0, isIdempotent: true)])
        #expect(rig.session.accounts.queued == 3)
    }

    @Test("is new for another partition and for another producer")
    func scope() throws {
        let rig = try Rig(topic(partitions: 2), [group()], producers: 2)
        let other = rig.session.makeProducer(1, topic: 0)
        rig.publish([rig.event(partition: 0, n: 0, isIdempotent: true)])
        rig.publish([rig.event(partition: 1, n: 0, isIdempotent: true)])
        rig.publish([rig.event(partition: 0, n: 0, isIdempotent: true)], by: other)
        #expect(rig.session.accounts.queued == 3)
    }

    @Test("stays dropped when it was dropped, and may come back when it was refused")
    func overflow() throws {
        for (policy, offset) in [(OverflowPolicy.dropNewest, -1), (.reject, 1)] {
            let rig = try Rig(topic(1, overflow: policy), [group()])
            let consumer = rig.consumer()
            _ = try send(rig, 0)
            _ = try send(rig, 1)
            rig.settle(consumer, .ack, rig.receive(consumer))
            let told = try send(rig, 1)
            #expect(told.outcome == .confirmed && told.firstOffset == Int64(offset))
        }
    }
}
