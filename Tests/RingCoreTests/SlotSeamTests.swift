import RingCore
import Synchronization
import Testing

/// The model sees only accesses that a ring tells of; production rings tell nobody.
@Suite("Accesses to slots, as told", .watchdog)
struct SlotSeamTests {
    private let log = SlotLog()

    private func slots(_ capacity: Int, _ stride: Int) -> LoggingSlots {
        LoggingSlots(SlotStorage(capacity: capacity, stride: stride), log)
    }

    private func cell(_: RingCellRole, _ value: UInt64) -> HardwareCell { HardwareCell(value) }

    @Test("a hybrid ring tells of each write and read")
    func hybrid() throws {
        let ring = try HybridRingOver<UInt64, HardwareCell, LoggingSlots>(
            capacity: 2,
            firstSequence: 1,
            makeSlots: slots,
            cell: cell
        )
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        #expect(producer.tryPublish(7) == nil)
        #expect(consumer.tryTake() == 7)
        #expect(log.lines == ["write 1 1", "read 1 1"])
    }

    @Test("a batch ring tells of each write and read, piece by piece")
    func batches() throws {
        let ring = try BatchRingOver<UInt64, HardwareCell, LoggingSlots>(
            capacity: 4,
            firstSequence: 3,
            makeSlots: slots,
            cell: cell
        )
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        #expect(producer.tryPublish(batch: [7, 8].span) == 2)
        #expect(consumer.tryTake() == 7)
        // SAFETY: nothing is read.
        #expect(unsafe consumer.drain(4).count == 1)
        consumer.release(1)
        #expect(unsafe producer.claim(2).count == 2)
        #expect(
            log.lines == ["write 3 1", "write 0 1", "read 3 1", "read 0 1", "write 1 2"]
        )
    }

    @Test("a many-to-many ring tells of each write, and of each copy before it is kept")
    func manyToMany() throws {
        let ring = try MPMCRingOver<UInt64, HardwareCell, LoggingSlots>(
            capacity: 2,
            firstSequence: 1,
            makeSlots: slots,
            cell: cell
        )
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        #expect(producer.tryPublish(batch: [7, 8].span) == 2)
        let taken = [UInt64](capacity: 2) { _ = consumer.tryTake(into: &$0) }
        #expect(taken == [7, 8])
        #expect(
            log.lines == [
                "write 1 1", "write 0 1", "peek 1 1", "peek 0 1", "keep 1 1", "keep 0 1",
            ]
        )
    }

    @Test("a lock-free ring tells of each write and read")
    func lockFree() throws {
        let ring = try LockFreeRingOver<UInt64, HardwareCell, LoggingSlots>(
            capacity: 2,
            ends: 2,
            firstSequence: 0,
            makeSlots: slots,
            cell: cell
        )
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        #expect(producer.tryPublish(7) == nil)
        #expect(consumer.tryTake() == 7)
        #expect(log.lines == ["write 2 1", "read 2 1"], "slot 2 is the producer's spare one")
    }

    @Test("a multicast ring tells of each write and read", arguments: [false, true])
    func multicast(isLockFree: Bool) throws {
        let ring = try MulticastRingOver<HardwareCell, LoggingSlots>(
            capacity: 2,
            slotBytes: 64,
            producers: isLockFree ? .lockFree(ends: 1) : .single,
            groups: 1,
            firstSequence: 1,
            slots: slots(3, 64),
            cell: cell
        )
        if isLockFree {
            var appender = ring.makeAppender()
            ringSlotWrite(appender, 7)
            #expect(appender.tryAppend() == 1)
        } else {
            var writer = ring.makeWriter()
            let claim = writer.tryClaim(1)
            ringSlotWrite(writer, 1, 7)
            writer.publish(claim)
        }
        var reader = ring.makeReader(group: 0)
        #expect(reader.available(from: 1, max: 1) == 1..<2)
        #expect(ringSlotRead(reader, 1) == 7)
        let slot = isLockFree ? 2 : 1
        #expect(log.lines == ["write \(slot) 1", "read \(slot) 1"])
    }
}

/// What a ring told of its slots; pieces of no slots are left out.
private final class SlotLog: Sendable {
    private let all = Mutex<[String]>([])

    var lines: [String] { all.withLock { $0 } }

    func add(_ what: String, _ first: Int, _ count: Int) {
        guard count > 0 else { return }
        all.withLock { $0.append("\(what) \(first) \(count)") }
    }
}

/// The slots of production builds, which also write down what they are told.
private struct LoggingSlots: ~Copyable, SlotSpace {
    private let storage: SlotStorage
    private let log: SlotLog

    init(_ storage: consuming SlotStorage, _ log: SlotLog) {
        self.storage = storage
        self.log = log
    }

    var base: UnsafeMutableRawPointer {
        // SAFETY: the storage lives as long as these slots.
        unsafe storage.base
    }

    func willWrite(_ first: Int, count: Int) { log.add("write", first, count) }
    func willRead(_ first: Int, count: Int) { log.add("read", first, count) }
    func willPeek(_ first: Int, count: Int) { log.add("peek", first, count) }
    func didKeep(_ first: Int, count: Int) { log.add("keep", first, count) }
}
