import Foundation
import Messaging
import RingDriver
import Synchronization

/// Tells producers that the consumers have stopped, be it at a fault.
final class Over: Sendable {
    let flag = Atomic(false)
}

/// What the members of a group have done together; orders nothing between their threads.
final class GroupProgress: Sendable {
    let wanted: UInt64
    let isOver = Over()
    private let acknowledged = Atomic<UInt64>(0)

    init(wanted: UInt64) { self.wanted = wanted }

    func add(_ count: Int) {
        let (_, sum) = acknowledged.wrappingAdd(UInt64(count), ordering: .relaxed)
        if sum >= wanted { stop() }
    }

    func stop() { isOver.flag.store(true, ordering: .relaxed) }
}

/// A member that leaves its group after some batches and comes back at once.
///
/// It refuses one delivery in ten and answers all that it holds before it leaves, so whoever takes
/// its partitions finds refused events, and no event is acknowledged twice.
final class VisitingMember {
    private(set) var faults: [String] = []
    /// Events by their number over all partitions.
    private(set) var acknowledged: [UInt64] = []
    private(set) var visits = 0

    private let number: UInt16
    private let session: RingSession
    private let partitions: Int
    private let progress: GroupProgress
    private var deliveries = Batch<Delivery>(capacity: 16)
    private var answers = Batch<Settlement>(capacity: 16)
    private var results = Batch<SettlementResult>(capacity: 32)
    private var handled = 0

    private static let batchesPerVisit = 20

    init(_ number: UInt16, of session: RingSession, _ partitions: Int, _ progress: GroupProgress) {
        self.number = number
        self.session = session
        self.partitions = partitions
        self.progress = progress
    }

    /// Comes and goes until all members together have acknowledged enough, or something is wrong.
    func run() {
        while !progress.isOver.flag.load(ordering: .relaxed) {
            visits += 1
            let consumer = session.makeConsumer(group: 0, member: number)
            for _ in 0..<Self.batchesPerVisit { answerOneBatch(of: consumer) }
            consumer.close(at: .zero)
            sched_yield()
        }
    }

    private func answerOneBatch(of consumer: RingConsumer) {
        deliveries.removeAll()
        answers.removeAll()
        results.removeAll()
        consumer.receive(into: &deliveries, max: 16, at: .zero)
        if deliveries.isEmpty { sched_yield() }
        let before = acknowledged.count
        for index in 0..<deliveries.count { answer(deliveries[index]) }
        consumer.settle(answers, in: 0..<answers.count, at: .zero)
        consumer.poll(into: &results, at: .zero)
        for index in 0..<results.count where results[index].outcome != .settled {
            fault("an answer in time was called \(results[index].outcome)")
        }
        progress.add(acknowledged.count - before)
    }

    private func answer(_ delivery: Delivery) {
        let header = delivery.header
        // SAFETY: the delivery was received just now.
        let body = unsafe delivery.payload.bytes.load(as: SIMD8<UInt64>.self)
        if body != SIMD8(repeating: header.n) { fault("\(header.n) has the body \(body)") }
        handled += 1
        guard handled % 10 != 3 else { return answers.append(Settlement(.nack, of: delivery)) }
        acknowledged.append(header.n * UInt64(partitions) + UInt64(delivery.partition))
        answers.append(Settlement(.ack, of: delivery))
    }

    private func fault(_ what: String) {
        faults.append(what)
        progress.stop()
    }
}
