import Foundation
import Messaging
import SubprocessDriver
import Testing

/// A session that cannot be opened says why, and one that is closed leaves nothing behind.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct StartAndEndTests {
    private func failure(of driver: SubprocessDriver) throws -> DriverFailure {
        try #require(throws: DriverFailure.self) { _ = try driver.open(ShellBroker.plan) }
    }

    @Test(
        "a program or directory that is not there is unavailable",
        arguments: [
            (["no-such-broker"], nil), (["/etc/hostname"], nil), ([], nil), ([""], nil),
            (["cat"], "/no/such/directory"), (["no-such-broker"], "/tmp"),
        ] as [([String], String?)]
    )
    func missing(command: [String], directory: String?) throws {
        let driver = SubprocessDriver(command: command, workingDirectory: directory)
        guard case .unavailable = try failure(of: driver) else {
            Issue.record("\(try failure(of: driver))")
            return
        }
    }

    @Test("a program may run elsewhere and with variables of its own")
    func elsewhere() throws {
        var driver = ShellBroker.bare(
            #"""
            read -r line
            echo '{"id":1,"ok":{"capabilities":["'$PWD'","'$GYRE_TEST'","'$HOME'"]}}'
            cat >/dev/null
            """#
        )
        driver.workingDirectory = "/usr"
        driver.environment = ["GYRE_TEST": "a b"]
        let home = ProcessInfo.processInfo.environment["HOME", default: ""]
        let session = try driver.open(ShellBroker.plan)
        #expect(session.unknownCapabilities == ["/usr", "a b", home])
        session.close()
    }

    @Test(
        "an answer to open that is none is reported",
        arguments: [
            ("echo hello", "a JSON object"),
            (#"echo '{"id":1,"ok":{}}'"#, "a reply to `open` with `capabilities`"),
            (#"echo '{"id":1,"ok":[]}'"#, "a reply to `open` with `capabilities`"),
            (#"echo '{"id":1,"ok":{"capabilities":[1]}}'"#, "another type"),
            (#"echo '{"id":2,"ok":{"capabilities":[]}}'"#, "the id of a request"),
        ]
    )
    func wrongOpening(script: String, expected: String) throws {
        let failure = try failure(of: ShellBroker.bare("read -r line; \(script); cat >/dev/null"))
        guard case .protocolViolation(let said, _) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(said.contains(expected))
    }

    @Test("a program that refuses, ends or keeps silent at open is reported")
    func failedOpening() throws {
        let refusing = ShellBroker.bare(
            #"read -r line; echo '{"id":1,"error":{"message":"no licence"}}'; cat >/dev/null"#
        )
        #expect(
            try failure(of: refusing)
                == .unavailable(
                    what: "the broker program",
                    remedy: "it refused to open: no licence"
                )
        )
        #expect(
            try failure(of: ShellBroker.bare("exit 3"))
                == .brokerDied("it exited with code 3 before it answered `open`")
        )
        #expect(
            try failure(of: ShellBroker.bare("exec sleep 100", patience: .milliseconds(200)))
                == .unanswered(request: "open", seconds: 1)
        )
    }

    @Test("declared capabilities make the profile, unknown ones are kept apart")
    func profile() throws {
        let names = Capabilities.named.map { "\"\($0.name)\"" }.joined(separator: ",")
        let full = try Rig(
            ShellBroker.afterOpen("cat >/dev/null", capabilities: names),
            ShellBroker.plan
        )
        #expect(full.session.profile.capabilities.names == Capabilities.named.map(\.name))
        #expect(full.session.profile.deduplicationWindow == 1024)
        #expect(full.session.profile.isOrdered)
        let poor = try Rig(
            ShellBroker.afterOpen("cat >/dev/null", capabilities: #""x-new""#),
            ShellBroker.plan
        )
        #expect(poor.session.profile.capabilities == [])
        #expect(poor.session.profile.deduplicationWindow == 0)
        #expect(!poor.session.profile.isOrdered)
        #expect(poor.session.unknownCapabilities.first == "x-new")
    }

    @Test("a program that obeys is given the time to end by itself")
    func obedient() throws {
        let mark = FileManager.default.temporaryDirectory.appending(path: "gyre-\(UUID())").path()
        let rig = try Rig(
            ShellBroker.afterOpen(
                """
                read -r line
                case "$line" in *'"op":"close"'*) echo '{"id":2,"ok":{}}';; esac
                sleep 0.3
                echo "$line" >'\(mark)'
                """
            ),
            ShellBroker.plan
        )
        try rig.closeAndCheck()
        #expect(FileManager.default.contents(atPath: mark)?.isEmpty == false)
        try FileManager.default.removeItem(atPath: mark)
    }

    @Test(
        "a program that does not obey is ended with its children",
        arguments: ["", "trap '' TERM HUP; "]
    )
    func stubborn(trap: String) throws {
        let rig = try Rig(
            ShellBroker.bare(
                """
                \(trap)sleep 1000 &
                child=$!
                read -r line
                echo '{"id":1,"ok":{"capabilities":["pid '$$'","child '$child'"]}}'
                while :; do sleep 1000; done
                """
            ),
            ShellBroker.plan
        )
        let child = try #require(
            rig.session.unknownCapabilities.last.flatMap { Int($0.dropFirst(6)) }
        )
        #expect(isRunning(child))
        try rig.closeAndCheck()
        #expect(rig.clock.wait { !isRunning(child) })
    }

    @Test("the children of a program that has ended are ended too")
    func orphans() throws {
        let rig = try Rig(
            ShellBroker.bare(
                """
                sleep 1000 </dev/null >/dev/null 2>&1 &
                child=$!
                read -r line
                echo '{"id":1,"ok":{"capabilities":["pid '$$'","child '$child'"]}}'
                exit 5
                """
            ),
            ShellBroker.plan
        )
        let child = try #require(
            rig.session.unknownCapabilities.last.flatMap { Int($0.dropFirst(6)) }
        )
        #expect(try rig.failure(after: .idle) == .brokerDied("it exited with code 5"))
        #expect(rig.clock.wait { !isRunning(child) })
    }

    @Test("a session that is dropped without close ends its program")
    func dropped() throws {
        func opened() throws -> Int {
            let session = try ShellBroker.afterOpen("cat >/dev/null").open(ShellBroker.plan)
            let name = try #require(session.unknownCapabilities.last)
            let pid = try #require(Int(name.dropFirst(4)))
            #expect(isRunning(pid))
            return pid
        }
        #expect(!isListed(try opened()))
    }

    @Test("after close, ends take nothing and bring nothing")
    func closed() throws {
        let rig = try Rig(ShellBroker.afterOpen("cat >/dev/null"), ShellBroker.plan)
        let producer = rig.session.makeProducer(0, topic: 0)
        let consumer = try rig.consumer()
        try rig.closeAndCheck()
        var batch = Batch<OutboundEvent>(capacity: 1)
        batch.append(OutboundEvent(header: EventHeader(), payload: PayloadReference(), topic: 0))
        #expect(try producer.publish(batch, in: 0..<1, at: .zero) == 0)
        #expect(try consumer.take().isEmpty)
    }
}
