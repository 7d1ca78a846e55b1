import Foundation
import Testing

@testable import Scenarios

@Suite("Hostile input")
struct HostileInputTests {
    /// Writes `bytes` to a file of its own, reads it as a scenario and removes it.
    private func read(bytes: [UInt8], limits: PlanLimits = roomy) throws -> [String] {
        let path = NSTemporaryDirectory() + "/gyre-\(UUID().uuidString).yaml"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { remove(path) }
        let reading = ScenarioFile.read(path: path, limits: limits)
        #expect(reading.plan == nil)
        return reading.diagnostics.map { $0.description.replacing(path, with: "x.yaml") }
    }

    private func remove(_ path: String) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            Issue.record(error)
        }
    }

    private static let emptyRefusal =
        "x.yaml: error: is empty; a scenario begins with 'gyre: 1', see scenarios/quickstart.yaml"

    @Test(
        "text that is no scenario is refused with its place",
        arguments: [
            ("", emptyRefusal), ("# nothing\n", emptyRefusal),
            (
                "- a\n",
                "x.yaml:1:1: error: a scenario is a mapping that begins with 'gyre: 1', found a list"
            ),
            (
                "42",
                "x.yaml:1:1: error: a scenario is a mapping that begins with 'gyre: 1', found '42'"
            ),
            (
                "gyre: 1\n---\ngyre: 1\n",
                "x.yaml:2:1: error: a scenario file holds one document; this begins a second"
            ),
            (
                "gyre: 1\nrun:\n\tseed: 1\n",
                "x.yaml:3:1: error: not YAML: a tab cannot indent a line; use spaces"
            ),
            (
                "gyre: [1\n",
                "x.yaml:2:1: error: not YAML: did not find expected ',' or ']' (while parsing a flow sequence in line 1)"
            ),
            ("gyre: *nowhere\n", "x.yaml:1:7: error: found undefined alias"),
            ("gyre: &a 1\n", "x.yaml:1:7: error: anchors (&) and aliases (*) are not supported"),
            (
                "a: &a 1\nb: *a\n",
                "x.yaml:2:4: error: anchors (&) and aliases (*) are not supported: write the value again instead of '*a'"
            ),
            ("? [a, b]\n: 1\n", "x.yaml:1:3: error: a key must be a word, not a list or mapping"),
            (
                "gyre: \u{7}1\n",
                "x.yaml:1:7: error: contains the control character U+0007, which YAML does not allow"
            ),
        ]
    )
    func refused(text: String, expected: String) throws {
        #expect(try read(bytes: Array(text.utf8)) == [expected])
    }

    @Test("bytes that are no UTF-8 are refused with their place")
    func encodings() throws {
        let latin = Array("gyre: 1\nname: caf".utf8) + [0xE9, 0x0A]
        #expect(try read(bytes: latin) == ["x.yaml:2:10: error: is not UTF-8; save it as UTF-8"])
        let utf16: [UInt8] = [0xFF, 0xFE, 0x67, 0x00]
        #expect(try read(bytes: utf16) == ["x.yaml: error: is UTF-16; save it as UTF-8"])
        let nul: [UInt8] = [0x67, 0x00, 0x67]
        #expect(try read(bytes: nul)[0].contains("U+0000"))
    }

    @Test("a byte order mark moves no column")
    func byteOrderMark() throws {
        let found = try read(bytes: [0xEF, 0xBB, 0xBF] + Array("gyra: 1".utf8))
        #expect(found.contains { $0.hasPrefix("x.yaml:1:1: error: unknown key 'gyra'") })
    }

    @Test("a file above the limit is refused by its size")
    func tooLarge() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: (1 << 20) + 1)
        let found = try read(bytes: bytes)
        #expect(found == ["x.yaml: error: is 1 MiB long; a scenario file has at most 1 MiB"])
    }

    @Test("a sparse file of 100 MB is refused unread")
    func hundredMegabytes() throws {
        let path = NSTemporaryDirectory() + "/gyre-\(UUID().uuidString).yaml"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        defer { remove(path) }
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 100_000_000)
        try handle.close()
        let found = ScenarioFile.read(path: path, limits: roomy).diagnostics.map(\.message)
        #expect(found == ["is 95.37 MiB long; a scenario file has at most 1 MiB"])
    }

    @Test(
        "what is no regular file is refused without being opened",
        arguments: [
            ("/nonexistent/x.yaml", "no such file"), ("/", "is a folder, not a file"),
            ("/dev/zero", "is not a regular file"), ("", "'' is not a path"),
        ]
    )
    func places(path: String, message: String) {
        let found = ScenarioFile.read(path: path, limits: roomy).diagnostics.map(\.message)
        #expect(found == [message])
    }

    @Test("a billion laughs are refused before they are expanded", .timeLimit(.minutes(1)))
    func billionLaughs() {
        var text = "a0: &a0 [lol]\n"
        for level in 1...40 {
            let inner = "*a\(level - 1)"
            text +=
                "a\(level): &a\(level) [\(Array(repeating: inner, count: 9).joined(separator: ","))]\n"
        }
        text += "? *a40\n: 1\n"
        #expect(findings(text).contains { $0.contains("anchors (&) and aliases (*)") })
    }

    @Test(
        "deep nesting is refused",
        .timeLimit(.minutes(1)),
        arguments: [30, 900, 100_000]
    )
    func deep(levels: Int) {
        let refusal = "nested deeper than 24 levels"
        for (open, close) in [("[", "]"), ("{a: ", "}")] {
            let text =
                "gyre: " + String(repeating: open, count: levels)
                + String(repeating: close, count: levels)
            let found = findings(text)
            #expect(found.count == 1 && found[0].hasSuffix(refusal))
        }
        let list = findings(String(repeating: "- ", count: levels))
        #expect(list.count == 1 && list[0].hasSuffix(refusal))
        #expect(!findings(String(repeating: "{? ", count: levels)).isEmpty)
    }

    @Test("hashing a large key at every level ends", .timeLimit(.minutes(1)))
    func largeKeys() {
        let text =
            String(repeating: "{? ", count: 990) + String(repeating: "x", count: 1_000_000)
            + String(repeating: "}", count: 990)
        #expect(!findings(text).isEmpty)
    }

    @Test("a hundred thousand findings become a hundred")
    func manyFindings() {
        let text = "gyre: 1\n" + (0..<40_000).map { "k\($0): 1\n" }.joined()
        #expect(findings(text).count == 101)
    }

    private func findings(_ text: String) -> [String] {
        ScenarioFile.read(text: text, path: "x.yaml", limits: roomy).diagnostics.map(\.description)
    }
}
