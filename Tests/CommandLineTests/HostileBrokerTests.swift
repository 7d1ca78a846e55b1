import Foundation
import Testing

@Suite("Hostile broker programs")
struct HostileBrokerTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
        try place.write(Shop().text, to: "shop.yaml")
    }

    private static let opened =
        #"read -r line; echo '{"id":1,"ok":{"capabilities":["confirm","redelivery","offsets"]}}'; "#

    private func run(_ script: String, _ arguments: String...) async throws -> Gyre.Outcome {
        try place.write(script, to: "broker.sh")
        let driver = [
            "--driver", "subprocess", "--set", "driver.command=[/bin/sh, broker.sh]",
        ]
        return try await Gyre.run(["run", "shop.yaml"] + driver + arguments, in: place)
    }

    @Test(
        "a program that is not fit to begin with ends the run before it begins",
        arguments: [
            ("exit 0", "it exited with code 0 before it answered `open`"),
            ("exit 9", "it exited with code 9 before it answered `open`"),
            ("kill -9 $$", "it was killed by signal 9 before it answered `open`"),
            ("echo garbage; cat", "received: garbage"), ("exec yes", "received: y"),
            ("exec cat /dev/zero", "expected lines of at most 16777216 bytes"),
            ("exec 1>&-; exec cat >&2", "it closed its standard output but did not exit"),
            ("echo; cat", "the broker broke the protocol"),
            (#"echo '{"id":1,"ok":[]}'; cat"#, "the broker broke the protocol"),
        ]
    )
    func unfit(script: String, message: String) async throws {
        let outcome = try await run(script)
        #expect(outcome.code == 3, "\(outcome.everything.prefix(2000))")
        #expect(outcome.output == "")
        #expect(
            outcome.errors.contains("error: shop: the broker "),
            "\(outcome.errors.prefix(2000))"
        )
        #expect(outcome.errors.contains(message), "\(outcome.errors.prefix(2000))")
        #expect(outcome.errors.utf8.count < 4096, "a flood is cut")
    }

    @Test(
        "a program that fails later ends the run, and what was recorded is kept and judged",
        arguments: [
            ("read -r line; exit 3", "it exited with code 3"),
            ("read -r line; echo nonsense; cat >/dev/null", "received: nonsense"),
            (#"read -r line; exec yes '{"id":77777,"ok":{}}'"#, "77777"),
            ("exec 0<&-; exec 1>&-; sleep 1", "the broker "),
        ]
    )
    func late(script: String, message: String) async throws {
        let outcome = try await run(Self.opened + script)
        #expect(outcome.code == 3, "\(outcome.everything.prefix(2000))")
        #expect(outcome.output.hasPrefix("ERROR: the broker "), "\(outcome.output)")
        #expect(outcome.output.contains(message), "\(outcome.output)")
        let folder = try place.onlyRun()
        let record = try place.record(of: folder)
        #expect(record["exit_code"] as? Int == 3)
        #expect(try place.names(in: folder).count == 7)
    }

    @Test("silence is an end after five seconds, by the request that was never answered")
    func silence() async throws {
        async let neverOpened = run("cat >/dev/null; exit")
        let other = try HostileBrokerTests()
        async let neverAnswered = other.run(Self.opened + "cat >/dev/null; exit")
        let first = try await neverOpened
        #expect(first.code == 3, "\(first.everything)")
        #expect(first.errors.contains("left a request unanswered for 5 s: open"))
        let second = try await neverAnswered
        #expect(second.code == 3, "\(second.everything)")
        #expect(second.output.contains("left a request unanswered for 5 s"))
    }

    @Test(
        "a command that does not exist or cannot be run is named",
        arguments: [
            ("/nonexistent/broker", "`/nonexistent/broker` is not available: No such file"),
            ("/", "`/` is not available: Permission denied"),
            ("[]", "set driver.command"), ("", "driver.command"),
        ]
    )
    func command(command: String, message: String) async throws {
        let outcome = try await Gyre.run(
            ["run", "shop.yaml", "--driver", "subprocess", "--set", "driver.command=" + command],
            in: place
        )
        #expect([2, 3].contains(outcome.code), "\(outcome.everything)")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test("what a program writes on standard error is shown")
    func standardError() async throws {
        let outcome = try await run("echo 'no licence found' >&2; exit 1")
        #expect(outcome.code == 3)
        #expect(outcome.errors.contains("no licence found\n"), "\(outcome.errors)")
    }

    @Test(
        "a program in another language can be run",
        .enabled(if: PythonBrokers.canRun, "needs python3")
    )
    func sample() async throws {
        let command = PythonBrokers.command("sample_broker.py")
        let outcome = try await Gyre.run(
            [
                "run", "shop.yaml", "--driver", "subprocess", "--set", "driver.command=\(command)",
                "--set", "producers.web.rate.total=300/s",
            ],
            in: place
        )
        #expect(outcome.code == 0, "\(outcome.everything)")
        #expect(outcome.output.hasPrefix("PASS: "))
        #expect(outcome.errors.contains("'capacity' has no effect on the driver 'subprocess'"))
    }
}
