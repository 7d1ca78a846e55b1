import Foundation
import Messaging
import Testing

extension Promise {
    func deliversIntact(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        let keys: [EventKey] = [
            .none, EventKey(pattern: 0, index: 7), EventKey(pattern: 1, index: 0),
            EventKey(pattern: 2, index: 1 << 39), EventKey(pattern: 3, index: 0),
        ]
        var received = 0
        for size in [0, 1, 2, 3, 15, 16, 17, 191, 192, 193, 4096, 65535, 65536] {
            try producer.publish(keys.map { producer.event(key: $0, size: size) })
            for delivery in try consumer.take(exactly: keys.count) {
                #expect(delivery.isIntact, "size \(size)")
                #expect(delivery.header == producer.sent[received], "size \(size)")
                #expect(delivery.payload.count == size)
                #expect(delivery.topic == 0 && delivery.partition == 0)
                #expect(!delivery.isRedelivered && delivery.attempt <= 1)
                received += 1
                try consumer.answer(.ack, [delivery])
            }
        }
    }

    func deliversInOrder(_ rig: Rig<some BrokerSession>) throws {
        let producers = try (0..<2).map { try rig.producer($0) }
        let consumer = try rig.consumer()
        for round in 0..<20 {
            let producer = producers[round % 2]
            try producer.publish((0..<30).map { producer.event(partition: UInt16($0 % 3)) })
        }
        var offsets: [EventID: Int64] = [:]
        for producer in producers {
            for (header, outcome) in zip(producer.sent, try producer.settled()) {
                offsets[header.id] = outcome.offset
            }
        }
        var received: [Delivery] = []
        let isDone = try rig.clock.wait {
            received += try consumer.takeAndAcknowledge()
            return received.count >= 600
        }
        try #require(isDone, "received \(received.count) of 600 events")
        for partition in 0..<3 {
            let own = received.filter { $0.partition == partition }
            #expect(own.map(\.offset) == own.map(\.offset).sorted())
            for number in 0..<2 {
                let numbers = own.filter { $0.header.producer == number }.map(\.header.n)
                #expect(numbers == Array(0..<100), "partition \(partition)")
            }
        }
        #expect(received.allSatisfy { $0.offset == offsets[$0.header.id] })
        #expect(received.allSatisfy { $0.partition == $0.header.partition })
    }

    func everyGroupSeesAll(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumers = try (0..<3).map { try rig.consumer(group: $0) }
        for consumer in consumers { #expect(try consumer.take().isEmpty) }
        try producer.publish((0..<200).map { _ in producer.event() })
        for consumer in consumers {
            let numbers = try consumer.take(exactly: 200).map(\.header.n)
            #expect(numbers == Array(0..<200))
        }
    }

    func membersShare(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumers = try (0..<2).map { try rig.consumer(member: $0) }
        for consumer in consumers { #expect(try consumer.take().isEmpty) }
        try producer.publish((0..<400).map { producer.event(partition: UInt16($0 % 4)) })
        var received: [[Delivery]] = [[], []]
        let isDone = try rig.clock.wait {
            for (member, consumer) in consumers.enumerated() {
                received[member] += try consumer.takeAndAcknowledge()
            }
            return received[0].count + received[1].count >= 400
        }
        try #require(isDone)
        let all = received.joined()
        #expect(Set(all.map(\.header.id)).count == 400)
        for partition in 0..<4 {
            let numbers = all.filter { $0.partition == partition }.map(\.header.n)
            #expect(numbers.sorted() == Array(0..<100))
        }
        for member in received {
            for partition in 0..<4 {
                let numbers = member.filter { $0.partition == partition }.map(\.header.n)
                #expect(numbers == numbers.sorted())
            }
        }
    }

    func threadsShare(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        let events = (0..<3000).map { producer.event(partition: UInt16($0 % 2)) }
        let publishing = OwnThread {
            try producer.publish(events)
            return try producer.settled().filter { $0.outcome == .confirmed }.count
        }
        let receiving = OwnThread {
            var intact = 0
            let isDone = try rig.clock.wait {
                let taken = try consumer.take()
                intact += taken.count(where: \.isIntact)
                try consumer.answer(.ack, taken)
                return intact >= 3000
            }
            try #require(isDone, "only \(intact) of 3000 events came back intact")
            return try consumer.settled().count { $0 == .settled }
        }
        #expect(try publishing.result() == 3000)
        #expect(try receiving.result() == 3000)
    }

    func closeGivesBack(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let leaver = try rig.consumer(member: 0)
        let heir = try rig.consumer(member: 1)
        try producer.publish((0..<20).map { _ in producer.event() })
        let held = try leaver.take(exactly: 20)
        try leaver.answer(.ack, Array(held[..<5]))
        _ = try leaver.settled()
        leaver.end.close(at: rig.clock.now)
        let inherited = try heir.take(exactly: 15)
        #expect(inherited.map(\.header.n).sorted() == Array(5..<20))
        #expect(inherited.allSatisfy { $0.isRedelivered })
        // Its lease of 30 s cannot have run out.
        #expect(rig.clock.now < Instant(nanoseconds: 25_000_000_000))
    }

    func accountsAtRest(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        try producer.publish((0..<100).map { _ in producer.event() })
        try consumer.answer(.ack, consumer.take(exactly: 100))
        #expect(try consumer.settled().allSatisfy { $0 == .settled })
        let accounts = rig.session.accounts
        #expect(accounts.queued ?? 0 == 0)
        #expect(accounts.declaredDrops ?? 0 == 0)
    }
}

/// Runs a piece of work on a thread of its own.
// SAFETY: `work` and what it captures are used by the new thread alone until `result` has waited
// for its end; `outcome` is written before the semaphore is raised and read after it was lowered.
private final class OwnThread: @unchecked Sendable {
    private let end = DispatchSemaphore(value: 0)
    private var outcome: Result<Int, any Error> = .success(-1)
    private let work: () throws -> Int

    init(_ work: @escaping () throws -> Int) {
        self.work = work
        Thread.detachNewThread {
            self.outcome = Result(catching: self.work)
            self.end.signal()
        }
    }

    func result() throws -> Int {
        end.wait()
        return try outcome.get()
    }
}
