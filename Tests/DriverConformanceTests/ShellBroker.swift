import Foundation
import Messaging
import SubprocessDriver
import Testing

/// Brokers of a few lines of shell, that misbehave in one way each.
enum ShellBroker {
    /// Answers `open`, gives its process number as a capability, then runs `script`.
    static func afterOpen(
        _ script: String,
        capabilities: String = #""confirm","redelivery","offsets""#,
        patience: Duration = .seconds(5)
    ) -> SubprocessDriver {
        bare(
            """
            read -r line
            echo '{"id":1,"ok":{"capabilities":[\(capabilities),"pid '$$'"]}}'
            \(script)
            """,
            patience: patience
        )
    }

    /// Runs `script` from the beginning.
    static func bare(_ script: String, patience: Duration = .seconds(5)) -> SubprocessDriver {
        SubprocessDriver(command: ["/bin/sh", "-c", script], answerTimeout: patience)
    }

    /// Reads one request, answers with `line`, and goes on reading.
    static func replying(_ line: String) -> SubprocessDriver {
        afterOpen("read -r line; printf '%s\\n' '\(line)'; cat >/dev/null")
    }

    static let plan = SessionPlan(
        topics: [TopicPlan(name: "t", partitions: 2)],
        groups: [GroupPlan(name: "g", topic: 0)],
        producers: 1,
        run: 4711
    )
}

/// What one request provokes.
enum Provocation: Sendable {
    case publish
    case receive
    case idle
}

/// Whether a process is still there and is no zombie.
func isRunning(_ pid: Int) -> Bool {
    guard let stat = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return false }
    let fields = String(decoding: stat, as: UTF8.self).split(separator: ")")
    return fields.last?.split(separator: " ").first != "Z"
}

/// Whether a process is still listed, zombies included.
func isListed(_ pid: Int) -> Bool {
    FileManager.default.fileExists(atPath: "/proc/\(pid)")
}

extension Rig<SubprocessSession> {
    /// The process number that a `ShellBroker` gives as a capability.
    var pid: Int? {
        session.unknownCapabilities.lazy.compactMap {
            $0.hasPrefix("pid ") ? Int($0.dropFirst(4)) : nil
        }.first
    }

    /// The failure that `provocation` ends in, after checks that it then stays so for every end.
    func failure(after provocation: Provocation, size: Int = 3) throws -> DriverFailure {
        let producer = try producer()
        let consumer = try consumer()
        var seen: DriverFailure?
        let isOver = try clock.wait(.seconds(30)) {
            do {
                switch provocation {
                case .publish where producer.sent.isEmpty || size > 3:
                    try producer.publish([producer.event(size: size)])
                case .publish, .idle: try producer.poll()
                case .receive: _ = try consumer.take(2)
                }
            } catch let failure as DriverFailure {
                seen = failure
            }
            return seen != nil
        }
        try #require(isOver, "nothing failed")
        let failure = try #require(seen)
        #expect(throws: failure) { try producer.publish([producer.event()]) }
        #expect(throws: failure) { try producer.poll() }
        #expect(throws: failure) { try consumer.take() }
        let stray = Delivery(
            header: EventHeader(),
            payload: PayloadReference(),
            receipt: 0,
            offset: 0,
            invoked: clock.now,
            attempt: 1,
            topic: 0,
            partition: 0,
            isRedelivered: false,
            envelope: .intact
        )
        #expect(throws: failure) { try consumer.answer(.ack, [stray]) }
        return failure
    }

    /// Ends the session, and checks that nothing of the program is left.
    func closeAndCheck() throws {
        let pid = try #require(pid)
        let began = clock.now
        session.close()
        session.close()
        #expect(clock.now.nanoseconds(since: began) < 10_000_000_000)
        #expect(!isListed(pid), "the program was not reaped")
    }
}
