import Messaging
import SubprocessDriver
import Testing

/// The faulty broker does what its name says, as far as the boundary shows it.
@Suite(
    .serialized,
    .timeLimit(.minutes(1)),
    .enabled(if: Python.isInstalled, "python3 is not installed")
)
struct FaultyBrokerTests {
    @Test(
        "a defect of the program itself ends the session",
        arguments: [
            ("crash", "died"), ("garbage", "protocol"), ("silent", "unanswered"),
            ("double-reply", "protocol"),
        ]
    )
    func ends(defect: String, kind: String) throws {
        var driver = SubprocessDriver(command: Python.faultyBroker(defect, "--after", "50"))
        driver.answerTimeout = .seconds(2)
        let rig = try Rig(driver, ShellBroker.plan)
        let producer = try rig.producer()
        let failure = #expect(throws: DriverFailure.self) {
            try producer.publish((0..<200).map { _ in producer.event() })
            _ = try producer.settled()
        }
        #expect("\(try #require(failure))".contains(kind))
    }

    @Test(
        "a defect shows in what is delivered",
        arguments: [
            "lose", "store-twice", "deliver-twice", "skip", "swap-order", "swap-bodies", "corrupt",
            "invent", "store-refused", "redeliver-acked", "misroute", "lie-offset", "start-at-two",
            "change-header",
        ]
    )
    func shows(defect: String) throws {
        let faults = try received(
            from: SubprocessDriver(
                command: Python.faultyBroker(defect, "--rate", "0.05")
            )
        )
        #expect(faults > 0)
    }

    @Test(
        "a defect shows in what is delivered again",
        arguments: ["lie-attempt", "lie-flag", "ignore-backoff", "forget-nacked"]
    )
    func showsAgain(defect: String) throws {
        let driver = SubprocessDriver(command: Python.faultyBroker(defect, "--rate", "0.1"))
        #expect(try receivedAgain(from: driver) > 0)
    }

    @Test("without a defect none shows")
    func showsNone() throws {
        #expect(try receivedAgain(from: SubprocessDriver(command: Python.sampleBroker)) == 0)
        #expect(try received(from: SubprocessDriver(command: Python.sampleBroker)) == 0)
    }

    /// How many of 100 refused events do not come again as they should.
    private func receivedAgain(from driver: SubprocessDriver) throws -> Int {
        let rig = try Rig(driver, ShellBroker.plan)
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        try producer.publish((0..<100).map { _ in producer.event() })
        let delay = Duration.milliseconds(200)
        let refused = try consumer.take(exactly: 100)
        let answered = try consumer.answer(.nack, refused, after: delay)
        var right = 0
        _ = try rig.clock.wait(.milliseconds(1500)) {
            let taken = try consumer.take()
            let isDue = rig.clock.now.nanoseconds(since: answered) >= delay.wholeNanoseconds
            right += taken.count { $0.attempt == 2 && $0.isRedelivered && isDue }
            return right == 100
        }
        return 100 - right
    }

    /// How many deliveries are not exactly what was sent and confirmed, once each and in order.
    private func received(from driver: SubprocessDriver) throws -> Int {
        let rig = try Rig(driver, ShellBroker.plan)
        let producer = try rig.producer()
        let consumer = try rig.consumer()
        try producer.publish((0..<400).map { producer.event(partition: UInt16($0 % 2)) })
        let outcomes = try producer.settled()
        var expected = [0, 1].map { partition in
            zip(producer.sent, outcomes).filter {
                $0.0.partition == partition && $0.1.outcome == .confirmed
            }.map { ($0.0.n, $0.1.offset) }
        }
        var faults = 0
        _ = try rig.clock.wait(.milliseconds(1500)) {
            let taken = try consumer.take()
            for delivery in taken {
                let lane = Int(delivery.partition)
                if let next = expected[lane].first,
                    next == (delivery.header.n, delivery.offset), delivery.isIntact,
                    delivery.partition == delivery.header.partition, delivery.attempt == 1
                {
                    expected[lane].removeFirst()
                } else {
                    faults += 1
                }
            }
            try consumer.answer(.ack, taken)
            return false
        }
        return faults + expected[0].count + expected[1].count
    }
}
