import Messaging
import SubprocessDriver
import Testing

/// What brokers with fewer or other habits than the sample amount to.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct ReplyTests {
    @Test(
        "a reply to publish decides the crossing's outcome",
        arguments: [
            (#""ok":{"partition":0,"offset":8}"#, .confirmed, 8),
            (#""ok":{"partition":1,"offset":8}"#, .confirmed, -1),
            // Of two partitions, nobody knows which.
            (#""ok":{"offset":8,"more":[1]}"#, .confirmed, -1), (#""ok":{}"#, .confirmed, -1),
            (#""error":{"message":"m","definite":true}"#, .refused, -1),
            (#""error":{"message":"m","definite":false}"#, .indeterminate, -1),
            (#""error":{}"#, .indeterminate, -1),
        ] as [(String, CrossingOutcome, Int64)]
    )
    func publish(reply: String, outcome: CrossingOutcome, offset: Int64) throws {
        for capability in ["confirm", "nack"] {
            let rig = try Rig(
                ShellBroker.afterOpen(
                    "read -r line; echo '{\"id\":2,\(reply)}'; cat >/dev/null",
                    capabilities: "\"\(capability)\""
                ),
                ShellBroker.plan
            )
            let producer = try rig.producer()
            try producer.publish([producer.event()])
            let settled = try #require(try producer.settled().first)
            // Without `confirm` an "ok" says nothing, but a refusal still does.
            let isKnown = capability == "confirm" || outcome != .confirmed
            #expect(settled.outcome == (isKnown ? outcome : .indeterminate))
            #expect(settled.offset == (isKnown ? offset : -1))
        }
    }

    @Test("a delivery with the least that is allowed is unrecognised and has no place")
    func leastDelivery() throws {
        let delivery = #"{"topic":"t","partition":1,"payload":"","receipt":""}"#
        let rig = try Rig(
            ShellBroker.afterOpen(
                "read -r line; echo '{\"id\":2,\"ok\":[\(delivery)]}'; cat >/dev/null",
                capabilities: #""confirm""#
            ),
            ShellBroker.plan
        )
        let consumer = try rig.consumer()
        let asked = rig.clock.now
        let received = try #require(try consumer.take(exactly: 1).first)
        #expect(received.envelope == .unrecognised && received.offset == -1)
        // It does not say that it is new.
        #expect(received.attempt == 0 && received.isRedelivered && received.partition == 1)
        #expect(received.payload.count == 0 && received.header.key == .none)
        #expect(received.header.due == received.invoked && received.invoked >= asked)
        // What is not declared is not sent, and nothing is known of it.
        try consumer.answer(.nack, [received])
        #expect(try consumer.settled() == [.indeterminate])
    }

    @Test(
        "where the flag is missing, the attempt speaks for it",
        arguments: [
            (#""attempt":1,"#, 1, false), (#""attempt":2,"#, 2, true), ("", 0, true),
            (#""attempt":2,"redelivered":false,"#, 2, false),
            (#""attempt":1,"redelivered":true,"#, 1, true),
            (#""attempt":0,"redelivered":false,"#, Delivery.notACount, false),
            (#""attempt":0,"#, Delivery.notACount, true),
        ]
    )
    func flag(members: String, attempt: UInt32, isRedelivered: Bool) throws {
        let delivery = #"{"topic":"t","partition":1,\#(members)"payload":"","receipt":""}"#
        let rig = try Rig(
            ShellBroker.afterOpen(
                "read -r line; echo '{\"id\":2,\"ok\":[\(delivery)]}'; cat >/dev/null",
                capabilities: #""confirm""#
            ),
            ShellBroker.plan
        )
        let received = try #require(try rig.consumer().take(exactly: 1).first)
        #expect(received.attempt == attempt && received.isRedelivered == isRedelivered)
    }

    @Test("a broker that can wait is asked to, for a part of the lease")
    func longPoll() throws {
        for (lease, wait) in [(30_000, 100), (200, 50)] {
            let rig = try Rig(
                ShellBroker.afterOpen(
                    """
                    read -r line
                    case "$line" in
                    *'"wait_ms":\(wait)}') echo '{"id":2,"error":{"message":"as expected"}}';;
                    *) echo "$line";;
                    esac
                    read -r line
                    exit 9
                    """,
                    capabilities: #""long-poll""#
                ),
                SessionPlan(
                    topics: [TopicPlan(name: "t")],
                    groups: [
                        GroupPlan(name: "g", topic: 0, leaseNanoseconds: Int64(lease) * 1_000_000)
                    ],
                    producers: 1
                )
            )
            #expect(try rig.failure(after: .receive) == .brokerDied("it exited with code 9"))
        }
    }

    @Test("a broker that only ever answers receives with errors is given up")
    func failingReceives() throws {
        let rig = try Rig(
            ShellBroker.afterOpen(
                """
                id=2
                while read -r line; do
                    echo '{"id":'$id',"error":{"message":"not now"}}'
                    id=$((id + 1))
                done
                """,
                patience: .milliseconds(300)
            ),
            ShellBroker.plan
        )
        guard case .protocolViolation(let expected, let received) = try rig.failure(after: .receive)
        else { throw Unexpected() }
        #expect(expected == "deliveries, after errors for too long")
        #expect(received.contains("not now"))
    }

    struct Unexpected: Error {}

    @Test(
        "a broker that refuses several answers at once is asked again in halves",
        .enabled(if: Python.isInstalled, "python3 is not installed"),
        arguments: [Promise.staleIsRefused, .secondAnswerIsRefused, .answersAreNumbered]
    )
    func allOrNothing(_ promise: Promise) throws {
        let script = """
            import sys, time
            sys.path.insert(0, sys.argv[1])
            import sample_broker
            class Strict(sample_broker.Broker):
                def settle(self, request, action):
                    now, seen = time.monotonic(), set()
                    for receipt in request["receipts"]:
                        partition, offset, attempt, topic = receipt.split("/", 3)
                        cursor = self.cursors[request["group"], topic][int(partition)]
                        held = cursor.holds(int(offset), int(attempt), now)
                        if not held or receipt in seen:
                            raise sample_broker.Refused("stale receipt")
                        seen.add(receipt)
                    return super().settle(request, action)
            sample_broker.serve(Strict())
            """
        let driver = SubprocessDriver(command: ["python3", "-c", script, Python.folder])
        try promise.examine(try Rig(driver, promise.plan))
    }
}
