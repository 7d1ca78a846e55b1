import Messaging
import Testing

extension Promise {
    func profileIsConsistent(_ rig: Rig<some BrokerSession>) throws {
        let profile = rig.session.profile
        #expect(profile.capabilities.contains(.dedup) == (profile.deduplicationWindow > 0))
        if profile.capabilities.contains(.keyOrder) { #expect(profile.isOrdered) }
    }

    func confirmsOnce(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        // More than any driver has in flight at once.
        for round in 0..<6 {
            try producer.publish((0..<500).map { producer.event(partition: UInt16($0 % 3)) })
            if round == 5 { producer.end.close() }
        }
        let outcomes = try producer.settled()
        #expect(outcomes.count == 3000)
        #expect(outcomes.allSatisfy { $0.outcome == .confirmed })
        try producer.poll()
    }

    func takesTheRestLater(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        var received: [Delivery] = []
        try producer.publish((0..<4096).map { producer.event(partition: UInt16($0 % 2)) }) {
            received += try consumer.takeAndAcknowledge()
        }
        _ = try producer.settled { received += try consumer.takeAndAcknowledge() }
        let isDone = try rig.clock.wait {
            received += try consumer.takeAndAcknowledge()
            return received.count >= 4096
        }
        try #require(isDone, "received \(received.count) of 4096 events")
        for partition in 0..<2 {
            let numbers = received.filter { $0.partition == partition }.map(\.header.n)
            #expect(numbers == Array(0..<2048), "partition \(partition)")
        }
        #expect(producer.sent.filter { $0.partition == 1 }.map(\.n) == Array(0..<2048))
    }

    func offsetsAreContiguous(_ rig: Rig<some BrokerSession>) throws {
        let producers = try (0..<2).map { try rig.producer($0) }
        for round in 0..<20 {
            let producer = producers[round % 2]
            try producer.publish((0..<30).map { producer.event(partition: UInt16($0 % 3)) })
        }
        var offsets: [UInt16: [Int64]] = [:]
        for producer in producers {
            let outcomes = try producer.settled()
            for (header, outcome) in zip(producer.sent, outcomes) {
                offsets[header.partition, default: []].append(outcome.offset)
            }
            for partition in 0..<3 {
                let own = zip(producer.sent, outcomes).filter { $0.0.partition == partition }
                #expect(own.map(\.1.offset) == own.map(\.1.offset).sorted())
            }
        }
        for partition in UInt16(0)..<3 {
            let sorted = offsets[partition, default: []].sorted()
            let first = try #require(sorted.first)
            #expect(sorted == Array(first..<first + 200), "partition \(partition)")
        }
    }

    func repeatIsStoredOnce(_ rig: Rig<some BrokerSession>) throws {
        let producer = try rig.producer()
        try producer.publish((0..<10).map { _ in producer.event(isIdempotent: true) })
        let repeats: [UInt64] = [9, 0, 5, 5]
        try producer.publish(repeats.map { producer.event(n: $0, isIdempotent: true) })
        try producer.publish([producer.event(n: 10, isIdempotent: true)])
        let outcomes = try producer.settled()
        let first = try #require(outcomes.first).offset
        let numbers = Array(Int64(0)...9) + [9, 0, 5, 5, 10]
        #expect(outcomes.map(\.offset) == numbers.map { first + $0 })
        #expect(outcomes.allSatisfy { $0.outcome == .confirmed })
        let numbersDelivered = try rig.consumer().take(exactly: 11).map(\.header.n)
        #expect(numbersDelivered == Array(0...10))
    }

    func oldRepeatIsRefused(_ rig: Rig<some BrokerSession>) throws {
        let window = rig.session.profile.deduplicationWindow
        let producer = try rig.producer()
        try producer.publish((0...window).map { _ in producer.event(isIdempotent: true) })
        try producer.publish([0, 1].map { producer.event(n: $0, isIdempotent: true) })
        let outcomes = try producer.settled().suffix(2).map(\.outcome)
        #expect(outcomes == [.refused, .confirmed], "0 is beyond the window of \(window)")
    }

    func oldEpochIsRefused(_ rig: Rig<some BrokerSession>) throws {
        let newer = try rig.producer(0, epoch: 1)
        try newer.publish([newer.event(isIdempotent: true)])
        let older = ProducerProbe(
            newer.end,
            number: 0,
            topic: 0,
            epoch: 0,
            run: rig.plan.run,
            clock: rig.clock,
            bodies: rig.bodies
        )
        #expect(try newer.settled().map(\.outcome) == [.confirmed])
        older.skipCrossings(1)
        try older.publish([older.event(n: 1, isIdempotent: true)])
        #expect(try older.settled().last?.outcome == .refused)
    }
}

extension ConsumerProbe {
    /// Takes what is at hand and acknowledges it.
    func takeAndAcknowledge() throws -> [Delivery] {
        let taken = try take()
        try answer(.ack, taken)
        return taken
    }
}
