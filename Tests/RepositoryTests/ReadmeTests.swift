import Foundation
import Testing

@Suite("README")
struct ReadmeTests {
    private let readme: Readme
    private let lines: Int

    init() throws {
        let text = try Repository.text("README.md")
        readme = Readme(text)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
    }

    @Test("it fits on a page")
    func length() {
        #expect(lines <= 120)
    }

    @Test("one command runs the main scenario, one the tests, each installing what it needs")
    func setUp() {
        for end in ["swift run -c release gyre run scenarios/quickstart.yaml", "swift test"] {
            let lines = readme.commands.filter { $0.hasSuffix("&& " + end) }
            #expect(lines.count == 1)
            #expect(lines.allSatisfy { $0.contains("apt-get install -y libjemalloc-dev") })
        }
    }

    @Test("its commands and flags exist in the program")
    func commands() throws {
        #expect(readme.calls.count > 5)
        #expect(try readme.unknown { try Self.gyre([$0, "--help"]) } == [])
    }

    @Test("the files that it names exist")
    func files() {
        #expect(readme.files.contains("scenarios/quickstart.yaml"))
        #expect(readme.files.filter { !Repository.exists($0) } == [])
    }

    @Test("unknown commands, flags and files are noticed")
    func unknown() {
        let readme = Readme(
            """
            See `scenarios/none.yaml`.
            ```sh
            cat > results/x.yaml <<'EOF'
            gyre boil
            EOF
            gyre run results/x.yaml --plan && gyre fry x
            gyre run a --plane || true
            swift run -c release gyre bake
            ```
            ```
            gyre roast
            ```
            """
        )
        let found = readme.unknown { name in
            name == "run" ? "USAGE: gyre run [<options>]\n --plan  Plans." : "USAGE: gyre <command>"
        }
        #expect(
            found == [
                "gyre fry: no such command", "gyre run: no flag --plane",
                "gyre bake: no such command",
            ]
        )
        #expect(readme.files == ["scenarios/none.yaml"])
    }

    /// What the program beside the tests prints; SwiftPM builds both into one folder.
    private static func gyre(_ arguments: [String]) throws -> String {
        let tests = URL(fileURLWithPath: CommandLine.arguments[0])
        let program = Process()
        program.executableURL = tests.deletingLastPathComponent().appendingPathComponent("gyre")
        program.arguments = arguments
        let output = Pipe()
        program.standardOutput = output
        try program.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        program.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
