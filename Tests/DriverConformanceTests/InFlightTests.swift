import Foundation
import Messaging
import SubprocessDriver
import Testing

/// What is under way at once, counted by what the program was sent.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct InFlightTests {
    /// The lines that a program was sent, by operation, once `body` is done with the session.
    private func requests(
        replying script: String = "cat ",
        _ body: (Rig<SubprocessSession>) throws -> Void
    ) throws -> [String: [String]] {
        let log = FileManager.default.temporaryDirectory.appending(path: "gyre-\(UUID())")
        defer {
            do { try FileManager.default.removeItem(at: log) } catch { Issue.record(error) }
        }
        let rig = try Rig(
            ShellBroker.afterOpen(
                "\(script)>'\(log.path())'",
                capabilities: #""confirm","nack""#
            ),
            ShellBroker.plan
        )
        try body(rig)
        try rig.closeAndCheck()
        let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
        return Dictionary(grouping: lines.map(String.init)) { line in
            String(line.split(separator: "\"op\":\"").last?.prefix { $0 != "\"" } ?? "")
        }
    }

    @Test("events leave room among the requests under way for those of consumers")
    func bounds() throws {
        let requests = try requests { rig in
            let producer = rig.session.makeProducer(0, topic: 0)
            let consumer = rig.session.makeConsumer(group: 0, member: 0)
            var batch = Batch<OutboundEvent>(capacity: 2000)
            while !batch.isFull {
                batch.append(
                    OutboundEvent(header: EventHeader(), payload: PayloadReference(), topic: 0)
                )
            }
            #expect(try producer.publish(batch, in: 0..<500, at: .zero) == 500)
            #expect(try producer.publish(batch, in: 500..<2000, at: .zero) == 268)
            #expect(try producer.publish(batch, in: 768..<2000, at: .zero) == 0)
            var deliveries = Batch<Delivery>(capacity: 10)
            for _ in 0..<10 { try consumer.receive(into: &deliveries, max: 10, at: .zero) }
        }
        #expect(requests["publish"]?.count == 768)
        #expect(requests["receive"]?.count == 1)
        #expect(requests["close"]?.count == 1)
        let numbers = (requests["publish"] ?? []).map { $0.prefix { $0 != "," } }
        #expect(numbers.first == #"{"id":2"# && Set(numbers).count == 768)
    }

    @Test("a consumer that finds nothing asks again after a millisecond")
    func pace() throws {
        let answering = """
            while read -r line; do
                echo "$line" >&3
                id=${line#*:}
                echo '{"id":'${id%%,*}',"ok":[]}' >&4
            done 4>&1 3
            """
        let requests = try requests(replying: answering) { rig in
            let consumer = rig.session.makeConsumer(group: 0, member: 0)
            var deliveries = Batch<Delivery>(capacity: 10)
            for now in [Int64(0), 999_999, 1_000_000, 1_999_999, 2_000_000] {
                _ = try rig.clock.wait(.milliseconds(100)) {
                    try consumer.receive(
                        into: &deliveries,
                        max: 10,
                        at: Instant(nanoseconds: now)
                    )
                    return false
                }
            }
        }
        #expect(requests["receive"]?.count == 3)
    }

    @Test(
        "a program that owes a reply to an answer is not found empty",
        arguments: [(":", false), (#"echo '{"id":'$id',"ok":{}}'"#, true)]
    )
    func owing(answer: String, isEmpty: Bool) throws {
        let delivery = #"{"topic":"t","partition":1,"payload":"","receipt":"r"}"#
        let rig = try Rig(
            ShellBroker.afterOpen(
                """
                read -r line
                echo '{"id":2,"ok":[\(delivery)]}'
                while read -r line; do
                    id=${line#*:}
                    id=${id%%,*}
                    case "$line" in
                    *'"op":"receive"'*) echo '{"id":'$id',"ok":[]}' ;;
                    *) \(answer) ;;
                    esac
                done
                """,
                capabilities: #""confirm""#
            ),
            ShellBroker.plan
        )
        let consumer = try rig.consumer()
        let received = try consumer.take(exactly: 1)
        try consumer.answer(.ack, received)
        let began = rig.clock.now
        let found = try rig.clock.wait(.milliseconds(500)) {
            _ = try consumer.take()
            return rig.session.wasFoundEmpty(since: began)
        }
        #expect(found == isEmpty)
    }

    @Test("a receipt that was never given is stale, and the others keep their numbers")
    func unknownReceipt() throws {
        let delivery = #"{"topic":"t","partition":1,"payload":"","receipt":"r"}"#
        let rig = try Rig(
            ShellBroker.afterOpen(
                """
                read -r line
                echo '{"id":2,"ok":[\(delivery),\(delivery)]}'
                for id in 3 4 5 6 7 8; do read -r line; echo '{"id":'$id',"ok":{}}'; done
                """,
                capabilities: #""confirm""#
            ),
            ShellBroker.plan
        )
        let consumer = try rig.consumer()
        let known = try consumer.take(exactly: 2)
        var unknown = known[0]
        unknown.receipt = 99
        try consumer.answer(.ack, [known[0], unknown, known[1]])
        #expect(try consumer.settled() == [.settled, .staleReceipt, .settled])
    }
}
