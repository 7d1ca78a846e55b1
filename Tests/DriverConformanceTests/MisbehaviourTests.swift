import Messaging
import SubprocessDriver
import Testing

/// A line that a broker must not write, and what the message says was expected.
struct Offence: Sendable, CustomTestStringConvertible {
    let line: String
    let expected: String

    init(_ line: String, _ expected: String) {
        self.line = line
        self.expected = expected
    }

    var testDescription: String { line.isEmpty ? "an empty line" : String(line.prefix(70)) }

    /// In reply to `publish`, which is request 2.
    static let toPublish = [
        Offence("Traceback (most recent call last):", "a JSON object"),
        Offence("", "a JSON object"), Offence("[]", "another type"),
        Offence("null", "a value other than null"), Offence("7", "another type"),
        Offence(#"{"id":2,"ok":{}"#, "a JSON object"),
        Offence(#"{"id":2,"ok":{}} {"id":3}"#, "a JSON object"),
        Offence(#"{"ok":{}}"#, "a reply with `id`"),
        Offence(#"{"id":"2","ok":{}}"#, "another type at `id`"),
        Offence(#"{"id":null,"ok":{}}"#, "a value other than null at `id`"),
        Offence(#"{"id":-2,"ok":{}}"#, "a JSON object with values in range"),
        Offence(#"{"id":2}"#, "either `ok` or `error`"),
        Offence(#"{"id":2,"ok":{},"error":{"message":"m"}}"#, "either `ok` or `error`"),
        Offence(#"{"id":99,"ok":{}}"#, "the id of a request"),
        Offence(#"{"id":0,"ok":{}}"#, "the id of a request"),
        Offence(#"{"id":1,"ok":{}}"#, "one reply to request 1, not two"),
        Offence(#"{"id":2,"ok":[]}"#, "an object in reply to `publish`"),
        Offence(#"{"id":2,"ok":true}"#, "another type at `ok`"),
        Offence(#"{"id":2,"ok":{"partition":0,"offset":-1}}"#, "an offset of 0 or more"),
        Offence(#"{"id":2,"ok":{"offset":1.5}}"#, "a JSON object with values in range"),
        Offence(#"{"id":2,"ok":{"offset":"1"}}"#, "another type at `ok.offset`"),
        Offence(#"{"id":2,"ok":{"offset":true}}"#, "another type at `ok.offset`"),
        Offence(
            #"{"id":2,"ok":{"offset":9223372036854775808}}"#,
            "a JSON object with values in range"
        ),
        Offence(#"{"id":2,"error":"no"}"#, "another type at `error`"),
        Offence(#"{"id":2,"error":{"definite":"yes"}}"#, "another type at `error.definite`"),
    ]

    /// In reply to `receive`, which is request 2; each has one thing wrong.
    static let toReceive = [
        Offence(#"{"id":2,"ok":{}}"#, "an array of deliveries"),
        delivery(#""topic":"t""#, #""topic":"u""#, "a topic that was opened, not `u`"),
        delivery(#""topic":"t","#, "", "a reply with `topic`"),
        delivery(#""partition":1"#, #""partition":2"#, "a partition below 2, not 2"),
        delivery(#""partition":1"#, #""partition":-1"#, "a JSON object with values in range"),
        delivery(#""offset":4"#, #""offset":-4"#, "an `offset` of 0 or more"),
        delivery(#""offset":4,"#, "", "an `offset` of 0 or more"),
        delivery(
            #""offset":4"#,
            #""offset":18446744073709551615"#,
            "a JSON object with values in range"
        ),
        delivery(#""attempt":1"#, #""attempt":-1"#, "a JSON object with values in range"),
        delivery(#""attempt":1"#, #""attempt":4294967296"#, "a JSON object with values in range"),
        delivery(#""redelivered":false"#, #""redelivered":0"#, "another type at"),
        delivery(#""receipt":"r""#, #""receipt":5"#, "another type at"),
        delivery(#","receipt":"r""#, "", "a reply with `receipt`"),
        delivery(#""payload":"AAEC""#, #""payload":"AAE""#, "a JSON object with values in range"),
        delivery(#""payload":"AAEC""#, #""payload":"A?EC""#, "a JSON object with values in range"),
        delivery(#""payload":"AAEC","#, "", "a reply with `payload`"),
        delivery(#""headers":{}"#, #""headers":{"gyre-n":5}"#, "another type at"),
        delivery(#""headers":{}"#, #""headers":[]"#, "another type at"),
        delivery(#""key":"k""#, #""key":5"#, "another type at"),
        Offence(
            #"{"id":2,"ok":[\#(good),\#(good),\#(good)]}"#,
            "at most 2 deliveries, not 3"
        ),
    ]

    private static let good =
        #"{"topic":"t","partition":1,"offset":4,"key":"k","headers":{},"payload":"AAEC","#
        + #""attempt":1,"redelivered":false,"receipt":"r"}"#

    private static func delivery(_ right: String, _ wrong: String, _ expected: String) -> Offence {
        let parts = good.split(separator: right, omittingEmptySubsequences: false)
        precondition(parts.count == 2, "nothing to replace")
        return Offence(#"{"id":2,"ok":["# + parts.joined(separator: wrong) + "]}", expected)
    }
}

/// Whatever a program does, a session over it fails by name, for good and without a hang.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct MisbehaviourTests {
    @Test("a line that is no reply to a publish ends the session", arguments: Offence.toPublish)
    func offendsPublisher(_ offence: Offence) throws {
        try expectViolation(offence, after: .publish)
    }

    @Test("a line that is no reply to a receive ends the session", arguments: Offence.toReceive)
    func offendsReceiver(_ offence: Offence) throws {
        try expectViolation(offence, after: .receive)
    }

    private func expectViolation(_ offence: Offence, after provocation: Provocation) throws {
        let rig = try Rig(ShellBroker.replying(offence.line), ShellBroker.plan)
        let failure = try rig.failure(after: provocation)
        guard case .protocolViolation(let expected, let received) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(expected.contains(offence.expected))
        #expect(offence.line.hasPrefix(received.prefix { $0 != "…" }))
        try rig.closeAndCheck()
    }

    @Test("the same reply twice ends the session")
    func repliesTwice() throws {
        let driver = ShellBroker.afterOpen(
            #"""
            read -r line
            echo '{"id":2,"ok":{"partition":0,"offset":0}}'
            echo '{"id":2,"ok":{"partition":0,"offset":0}}'
            cat >/dev/null
            """#
        )
        let rig = try Rig(driver, ShellBroker.plan)
        let failure = try rig.failure(after: .publish)
        #expect(
            failure
                == .protocolViolation(
                    expected: "one reply to request 2, not two",
                    received: #"{"id":2,"ok":{"partition":0,"offset":0}}"#
                )
        )
        try rig.closeAndCheck()
    }

    @Test("a message shows the beginning of a long or unprintable line")
    func shortens() throws {
        let rig = try Rig(
            ShellBroker.afterOpen(
                "read -r line; printf 'a\\033[1m\\377'; printf '%0500d\\n' 0; cat >/dev/null"
            ),
            ShellBroker.plan
        )
        let failure = try rig.failure(after: .publish)
        guard case .protocolViolation(_, let received) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(received.hasPrefix("a\\u{1b}[1m\\u{fffd}000"))
        #expect(received.hasSuffix("000… (506 bytes)"))
        #expect(received.count < 250)
        try rig.closeAndCheck()
    }

    @Test("a line without end is cut off at the limit")
    func overlongLine() throws {
        let rig = try Rig(
            ShellBroker.afterOpen("read -r line; tr '\\0' a </dev/zero"),
            ShellBroker.plan
        )
        let failure = try rig.failure(after: .publish)
        guard case .protocolViolation(let expected, let received) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(expected == "lines of at most 16777216 bytes")
        #expect(received.hasPrefix("aaa") && received.count < 250)
        try rig.closeAndCheck()
    }

    @Test(
        "a program that ends is reported with how it ended",
        arguments: [
            ("exit 7", "it exited with code 7"), ("exit 0", "it exited with code 0"),
            ("kill -9 $$", "it was killed by signal 9"),
            ("exec >&-; cat >/dev/null", "it closed its standard output but did not exit"),
        ]
    )
    func ends(script: String, how: String) throws {
        for provocation in [Provocation.publish, .receive, .idle] {
            let rig = try Rig(ShellBroker.afterOpen(script), ShellBroker.plan)
            #expect(try rig.failure(after: provocation) == .brokerDied(how))
            try rig.closeAndCheck()
        }
    }

    @Test("what was answered before the program ended is still handed out")
    func lastWords() throws {
        let delivery = #"{"topic":"t","partition":1,"offset":4,"payload":"","receipt":"r"}"#
        let rig = try Rig(
            ShellBroker.afterOpen(
                """
                read -r line; read -r line
                echo '{"id":2,"ok":{"partition":0,"offset":9}}'
                echo '{"id":3,"ok":[\(delivery)]}'
                exit 1
                """,
                capabilities: #""confirm","offsets""#
            ),
            ShellBroker.plan
        )
        let producer = rig.session.makeProducer(0, topic: 0)
        let consumer = rig.session.makeConsumer(group: 0, member: 0)
        var batch = Batch<OutboundEvent>(capacity: 1)
        batch.append(OutboundEvent(header: EventHeader(), payload: PayloadReference(), topic: 0))
        #expect(try producer.publish(batch, in: 0..<1, at: rig.clock.now) == 1)
        var deliveries = Batch<Delivery>(capacity: 4)
        try consumer.receive(into: &deliveries, max: 4, at: rig.clock.now)
        let death = DriverFailure.brokerDied("it exited with code 1")
        // Nothing is asked for before the end is known.
        #expect(throws: death) {
            _ = try rig.clock.wait {
                try producer.publish(batch, in: 1..<1, at: rig.clock.now) != 0
            }
        }
        var confirmations = Batch<Messaging.Confirmation>(capacity: 4)
        try producer.poll(into: &confirmations, at: rig.clock.now)
        #expect(confirmations.count == 1 && confirmations[0].firstOffset == 9)
        try consumer.receive(into: &deliveries, max: 4, at: rig.clock.now)
        #expect(deliveries.count == 1 && deliveries[0].offset == 4)
        #expect(throws: death) {
            try producer.poll(into: &confirmations, at: rig.clock.now)
        }
        #expect(throws: death) {
            try consumer.receive(into: &deliveries, max: 4, at: rig.clock.now)
        }
    }

    @Test("a request that is left unanswered ends the session", arguments: [3, 200_000])
    func silent(size: Int) throws {
        // The larger events fill the pipe, which the program does not even read.
        let rig = try Rig(
            ShellBroker.afterOpen("exec sleep 1000", patience: .milliseconds(300)),
            ShellBroker.plan
        )
        let failure = try rig.failure(after: .publish, size: size)
        guard case .unanswered(let request, let seconds) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(request.hasPrefix("publish (id ") && seconds == 1)
        try rig.closeAndCheck()
    }

    @Test("time in which nobody listened is not held against the program")
    func notListening() throws {
        let rig = try Rig(
            ShellBroker.afterOpen("cat >/dev/null", patience: .seconds(5)),
            ShellBroker.plan
        )
        let producer = rig.session.makeProducer(0, topic: 0)
        var batch = Batch<OutboundEvent>(capacity: 1)
        batch.append(OutboundEvent(header: EventHeader(), payload: PayloadReference(), topic: 0))
        var confirmations = Batch<Messaging.Confirmation>(capacity: 1)
        #expect(try producer.publish(batch, in: 0..<1, at: .zero) == 1)
        let seconds = { (count: Int64) in Instant(nanoseconds: count * 1_000_000_000) }
        try producer.poll(into: &confirmations, at: seconds(1000))
        for second in Int64(1001)...1004 {
            try producer.poll(into: &confirmations, at: seconds(second))
        }
        #expect(throws: DriverFailure.unanswered(request: "publish (id 2)", seconds: 5)) {
            try producer.poll(into: &confirmations, at: seconds(1006))
        }
    }
}
