import Foundation
import Testing

@Suite("Terminals", .enabled(if: PseudoTerminal.arePossible, "needs /dev/ptmx"))
struct TerminalTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
        let shop = Shop(faults: [Shop.lostAnswers], inbox: "", thresholds: ["duplicated < 1"])
        try place.write(shop.text, to: "shop.yaml")
    }

    /// What a run shows on a terminal that is both standard output and standard error.
    private func shown(
        columns: UInt16,
        _ environment: [String: String],
        _ arguments: String...
    ) async throws -> String {
        let terminal = try #require(PseudoTerminal(columns: columns), "no pseudo terminals here")
        return try await Turns.shared.taking {
            let child = Child(
                Gyre.executable,
                ["run", "shop.yaml"] + arguments,
                in: place,
                environment: environment
            )
            let output = FileHandle(fileDescriptor: dup(terminal.end.fileDescriptor))
            try child.start(output: output, errors: terminal.end)
            terminal.watch()
            let ended = await child.end(within: Gyre.patience)
            #expect(ended.code == 1, "\(terminal.text)")
            #expect(await terminal.shows("\nRepeat: "))
            return terminal.text.replacing("\r\n", with: "\n")
        }
    }

    private static let escape = "\u{1B}["
    private static let erase = "\r\u{1B}[2K"

    @Test(
        "the report is as wide as the terminal, and no number is cut",
        arguments: [20, 40, 80, 200]
    )
    func width(columns: UInt16) async throws {
        let text = try await shown(columns: columns, ["TERM": "xterm"], "--no-color")
        let start = try #require(text.range(of: "FAIL: "))
        let report = text[start.lowerBound...]
        for line in report.split(separator: "\n") {
            if line.hasPrefix("Results: ") { break }
            #expect(line.count <= min(100, Int(columns)), "\(line)")
        }
        let words = report.split { " \n,".contains($0) }
        #expect(words.contains("p99.9") && words.contains("response"), "\(report)")
        let record = try place.record(of: try place.onlyRun())
        let totals = try #require(record["totals"] as? [String: Any])
        let duplicated = try #require(totals["duplicated"] as? Int)
        #expect(words.contains("\(duplicated)"), "\(report)")
    }

    @Test("the progress line stays on one line of a narrow terminal", arguments: [20, 40, 80])
    func progress(columns: UInt16) async throws {
        let text = try await shown(columns: columns, ["TERM": "xterm"], "--no-color")
        let lines = text.components(separatedBy: Self.erase).dropFirst().dropLast()
        #expect(lines.count > 2, "\(text)")
        for line in lines { #expect(line.count < Int(columns), "\(line)") }
        #expect(lines.contains { $0.contains("measuring 0 of 1 s") == (columns > 20) })
    }

    @Test(
        "colour and movement are for terminals that can and users who want them",
        arguments: [
            (["TERM": "xterm"], [], true, true), (["TERM": "dumb"], [], false, false),
            (["TERM": ""], [], false, false),
            (["TERM": "xterm", "NO_COLOR": "1"], [], false, true),
            (["TERM": "xterm", "NO_COLOR": ""], [], true, true),
            (["TERM": "xterm"], ["--no-color"], false, true),
        ] as [([String: String], [String], Bool, Bool)]
    )
    func capabilities(
        environment: [String: String],
        arguments: [String],
        isColored: Bool,
        moves: Bool
    ) async throws {
        let option = arguments.first ?? "--allow=inconclusive"
        let text = try await shown(columns: 100, environment, option)
        #expect(text.contains(Self.escape + "1;31mFAIL") == isColored, "\(text)")
        #expect(text.contains(Self.erase) == moves, "\(text)")
        let rest = text.replacing(Self.erase, with: "")
        #expect(rest.contains(Self.escape) == isColored, "\(rest)")
    }

    @Test("a pipe gets neither colour nor progress")
    func pipe() async throws {
        let outcome = try await Gyre.run(
            ["run", "shop.yaml"],
            in: place,
            environment: ["TERM": "xterm"]
        )
        #expect(outcome.code == 1)
        #expect(!outcome.everything.contains("\u{1B}"), "\(outcome.everything)")
    }
}
