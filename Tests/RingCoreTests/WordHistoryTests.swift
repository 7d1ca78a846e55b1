import Synchronization
import Testing

@testable import RingCore

/// A thread that stopped with an old word in its hand must find that it is old, ever after.
///
/// Models run for a lap or two, in which even a lap of one bit is right.
@Suite("Words that never come back", .watchdog)
struct WordHistoryTests {
    /// More laps than 16 bits count.
    static let laps: UInt64 = 70_000

    private let history = WordHistory()

    private func slots(_ capacity: Int, _ stride: Int) -> SlotStorage {
        SlotStorage(capacity: capacity, stride: stride)
    }

    private func cell(_ role: RingCellRole, _ value: UInt64) -> RecordedCell {
        RecordedCell(value, role.tellsTurn ? history : nil)
    }

    @Test("the places of a lock-free ring")
    func lockFree() throws {
        let ring = try LockFreeRingOver<UInt64, RecordedCell, SlotStorage>(
            capacity: 1,
            ends: 2,
            firstSequence: 0,
            makeSlots: slots,
            cell: cell
        )
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        var isRight = true
        for value in 0..<Self.laps {
            let isRefused = producer.tryPublish(value) != nil
            isRight = isRight && !isRefused && consumer.tryTake() == value
        }
        #expect(isRight)
        history.expectNoReturn(writes: 2 * Self.laps)
    }

    @Test("the turns of a hybrid ring's slots")
    func hybrid() throws {
        let ring = try HybridRingOver<UInt64, RecordedCell, SlotStorage>(
            capacity: 1,
            firstSequence: 0,
            makeSlots: slots,
            cell: cell
        )
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        var isRight = true
        for value in 0..<Self.laps {
            let isRefused = producer.tryPublish(value) != nil
            isRight = isRight && !isRefused && consumer.tryTake() == value
        }
        #expect(isRight)
        history.expectNoReturn(writes: Self.laps)
    }

    @Test("the words of a multicast ring's slots", arguments: [false, true])
    func multicast(isLockFree: Bool) throws {
        let ring = try MulticastRingOver<RecordedCell, SlotStorage>(
            capacity: 1,
            slotBytes: 8,
            producers: isLockFree ? .lockFree(ends: 1) : .multiple,
            groups: 1,
            firstSequence: 0,
            slots: SlotStorage(capacity: 2, stride: 8),
            cell: cell
        )
        var reader = ring.makeReader(group: 0)
        let appender = isLockFree ? End(ring.makeAppender()) : nil
        let writer = isLockFree ? nil : End(ring.makeWriter())
        for sequence in 0..<Self.laps {
            if let appender { try #require(appender.value.tryAppend() == sequence) }
            if let writer {
                let claim = writer.value.tryClaim(1)
                writer.value.publish(claim)
            }
            try #require(reader.available(from: sequence, max: 1).count == 1)
            reader.release(below: sequence + 1)
        }
        history.expectNoReturn(writes: Self.laps)
    }

    /// Words begin as 0: to a word of fewer bits that is the turn of some sequence.
    @Test("a slot that was never filled is empty at every sequence", arguments: 1..<64)
    func neverFilled(bits: Int) throws {
        let first = (UInt64(1) << bits) - 1
        let hybrid = try HybridRing<UInt64>(capacity: 1, firstSequence: first)
        var only = hybrid.makeConsumer()
        #expect(only.tryTake() == nil)
        let many = try MPMCRing<UInt64>(capacity: 1, firstSequence: first)
        var any = many.makeConsumer()
        #expect(any.tryTake() == nil)
        let multicast = try MulticastRing(
            capacity: 1,
            slotBytes: 8,
            producers: .multiple,
            groups: 1,
            firstSequence: first
        )
        var reader = multicast.makeReader(group: 0)
        #expect(reader.available(from: first, max: 1).isEmpty)
    }

    @Test("the word of a place tells laps apart that are up to 2⁵⁰ sequences away")
    func tellsLapsApart() {
        let code = PlaceCode(capacity: 4, slots: 1 << 13)
        for bits in 2..<UInt64(50) {
            let later = code.free(1 << bits)
            #expect(code.distance(later, from: code.free(0)) == Int64(later), "2^\(bits)")
            #expect(later == (1 << bits) / 4 * 2 * code.turn)
            #expect(!code.isFilled(later &+ code.turn, 0))
            #expect(code.isFilled(later &+ code.turn, 1 << bits))
        }
    }
}

extension RingCellRole {
    /// Whether the word says whose turn a place is.
    fileprivate var tellsTurn: Bool {
        switch self {
        case .turn, .place, .availability: true
        default: false
        }
    }
}

/// What was written to the one word of a ring of one place.
private final class WordHistory: Sendable {
    private let words = Mutex<(all: Set<UInt64>, returns: Int)>(([], 0))

    fileprivate func note(_ word: UInt64) {
        words.withLock { if !$0.all.insert(word).inserted { $0.returns += 1 } }
    }

    func expectNoReturn(writes: UInt64, location: SourceLocation = #_sourceLocation) {
        words.withLock {
            #expect($0.returns == 0, "\($0.all.count) words", sourceLocation: location)
            #expect($0.all.count == Int(writes) + 1, sourceLocation: location)
        }
    }
}

/// The cell of production builds that also notes what it is given.
private struct RecordedCell: ~Copyable, Cell64 {
    private let cell: HardwareCell
    private let history: WordHistory?

    init(_ value: UInt64, _ history: WordHistory?) {
        cell = HardwareCell(value)
        self.history = history
        history?.note(value)
    }

    func loadRelaxed() -> UInt64 { cell.loadRelaxed() }

    func loadAcquire() -> UInt64 { cell.loadAcquire() }

    func storeRelaxed(_ value: UInt64) {
        history?.note(value)
        cell.storeRelaxed(value)
    }

    func storeRelease(_ value: UInt64) {
        history?.note(value)
        cell.storeRelease(value)
    }

    func compareExchangeWeakRelaxed(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        noted(desired, cell.compareExchangeWeakRelaxed(expected, desired))
    }

    func compareExchangeAcquire(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        noted(desired, cell.compareExchangeAcquire(expected, desired))
    }

    func compareExchangeRelease(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        noted(desired, cell.compareExchangeRelease(expected, desired))
    }

    func fetchAddRelaxed(_ amount: UInt64) -> UInt64 {
        let original = cell.fetchAddRelaxed(amount)
        history?.note(original &+ amount)
        return original
    }

    private func noted(
        _ desired: UInt64,
        _ answer: (exchanged: Bool, original: UInt64)
    ) -> (exchanged: Bool, original: UInt64) {
        if answer.exchanged { history?.note(desired) }
        return answer
    }
}
