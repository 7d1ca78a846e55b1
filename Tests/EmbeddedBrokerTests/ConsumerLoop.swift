import EmbeddedBroker
import Foundation
import Messaging
import RingDriver

/// A consumer thread that refuses one delivery in a hundred and judges what it is given.
///
/// Keeps, for each event, how often it came, and for each key of each producer the newest first
/// delivery, both by number.
final class ConsumerLoop {
    private(set) var faults: [String] = []
    private(set) var acknowledged: UInt64 = 0
    private(set) var refused: UInt64 = 0

    private let consumer: RingConsumer
    private let order: RedeliveryOrder
    private let producers: Int
    private var seen: [UInt32] = []
    private var isAcknowledged: [Bool] = []
    private var newest: [EventKey: UInt64] = [:]
    /// By key, under `block-key`: the first refused event, and the round that refused it.
    private var held: [EventKey: (n: UInt64, round: Int)] = [:]
    private var round = 0
    private var deliveries = Batch<Delivery>(capacity: 64)
    private var answers = Batch<Settlement>(capacity: 64)
    private var results = Batch<SettlementResult>(capacity: 64)
    private var handled: UInt64 = 0

    init(_ consumer: RingConsumer, producers: Int, order: RedeliveryOrder) {
        self.consumer = consumer
        self.order = order
        self.producers = producers
    }

    /// Runs until `total` events are acknowledged or something is wrong.
    func run(total: UInt64) {
        seen = Array(repeating: 0, count: Int(total))
        isAcknowledged = Array(repeating: false, count: Int(total))
        while acknowledged < total, faults.isEmpty {
            round += 1
            deliveries.removeAll()
            answers.removeAll()
            results.removeAll()
            consumer.receive(into: &deliveries, max: 64, at: .zero)
            if deliveries.isEmpty { sched_yield() }
            for index in 0..<deliveries.count { handle(deliveries[index]) }
            consumer.settle(answers, in: 0..<answers.count, at: .zero)
            consumer.poll(into: &results, at: .zero)
            for index in 0..<results.count where results[index].outcome != .settled {
                fault("an answer in time was called \(results[index].outcome)")
            }
        }
    }

    private func handle(_ delivery: Delivery) {
        let header = delivery.header
        let index = Int(header.n) * producers + Int(header.producer)
        seen[index] += 1
        if isAcknowledged[index] { fault("\(header.n) came after it was acknowledged") }
        if delivery.attempt != seen[index] || delivery.isRedelivered != (seen[index] > 1) {
            fault("delivery \(seen[index]) of \(header.n) says \(delivery.attempt)")
        }
        // SAFETY: the delivery was received just now.
        let body = unsafe delivery.payload.bytes.load(as: SIMD8<UInt64>.self)
        if body != SIMD8(repeating: header.n) { fault("\(header.n) has the body \(body)") }
        checkOrder(delivery)
        handled += 1
        if handled % 100 == 7 {
            refused += 1
            hold(header)
            answers.append(Settlement(.nack, of: delivery))
        } else {
            acknowledged += 1
            isAcknowledged[index] = true
            if held[header.key]?.n == header.n { held[header.key] = nil }
            answers.append(Settlement(.ack, of: delivery))
        }
    }

    private func checkOrder(_ delivery: Delivery) {
        let header = delivery.header
        if let (n, since) = held[header.key], header.n > n, round > since {
            fault("\(header.n) came while \(n) of its key was refused")
        }
        if delivery.attempt == 1 {
            if let last = newest[header.key], header.n <= last {
                fault("\(header.n) came first after \(last) of its key")
            }
            newest[header.key] = header.n
        }
    }

    private func hold(_ header: EventHeader) {
        guard order == .blockKey else { return }
        if let (n, _) = held[header.key], n < header.n { return }
        held[header.key] = (header.n, round)
    }

    private func fault(_ what: String) {
        faults.append(what)
    }
}

/// One thread that publishes, receives and answers in turn, and keeps no account of it.
final class EndlessLoop {
    private let rig: Rig
    private let consumer: RingConsumer
    private var events = Batch<OutboundEvent>(capacity: 32)
    private var told = Batch<Messaging.Confirmation>(capacity: 64)
    private var deliveries = Batch<Delivery>(capacity: 64)
    private var answers = Batch<Settlement>(capacity: 64)
    private var results = Batch<SettlementResult>(capacity: 64)
    private var next: UInt64 = 0

    init(_ rig: Rig) {
        self.rig = rig
        consumer = rig.consumer()
        for _ in 0..<32 { events.append(rig.event(key: 3, isIdempotent: true)) }
    }

    func run(rounds: Int) {
        for round in 0..<rounds {
            for index in 0..<32 {
                var event = events[index]
                event.header.n = next
                event.header.key = EventKey(rawValue: 1 + next % 7)
                events[index] = event
                next += 1
            }
            _ = rig.producer.publish(events, in: 0..<32, at: .zero)
            told.removeAll()
            rig.producer.poll(into: &told, at: .zero)
            answer(refusing: round % 5)
        }
    }

    private func answer(refusing refused: Int) {
        deliveries.removeAll()
        answers.removeAll()
        results.removeAll()
        consumer.receive(into: &deliveries, max: 64, at: .zero)
        for index in 0..<deliveries.count {
            let kind: Settlement.Kind = index == refused ? .nack : .ack
            answers.append(Settlement(kind, of: deliveries[index]))
        }
        consumer.settle(answers, in: 0..<answers.count, at: .zero)
        consumer.poll(into: &results, at: .zero)
    }
}
