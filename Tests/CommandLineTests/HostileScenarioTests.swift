import Foundation
import Testing

@Suite("Hostile scenarios")
struct HostileScenarioTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
    }

    /// Runs `x.yaml`, which is refused: exit code 2, nothing on standard output, no results.
    private func refusal(_ path: String = "x.yaml") async throws -> String {
        let outcome = try await Gyre.run(["run", path], in: place)
        #expect(outcome.code == 2, "\(outcome.everything.prefix(2000))")
        #expect(outcome.output == "")
        #expect(try !place.names().contains("results"))
        return outcome.errors
    }

    @Test(
        "what is no scenario is refused with its place and the way out",
        arguments: [
            ("", "x.yaml: error: is empty; a scenario begins with 'gyre: 1'"),
            ("\u{FEFF}", "x.yaml: error: is empty; "),
            ("gyre: 1\n", "x.yaml:1:1: error: "),
            ("gyre: 2\nname: x\n", "x.yaml:1:7: error: "),
            ("{]", "x.yaml:1:2: error: not YAML: "),
            ("gyre: 1\nname: \"open\n", "error: not YAML: "),
            ("gyre: 1\n---\ngyre: 1\n", "x.yaml:2:1: error: a scenario file holds one document"),
            ("a: &a [b]\nc: *a\n", "x.yaml:2:4: error: anchors (&) and aliases (*)"),
        ]
    )
    func refused(text: String, message: String) async throws {
        try place.write(text, to: "x.yaml")
        let errors = try await refusal()
        #expect(errors.contains(message), "\(errors)")
    }

    @Test("all mistakes of a file are told at once, each with line, column and nearest name")
    func allAtOnce() async throws {
        let text = Shop(lease: "0s").text
            .replacing("partitions: 2", with: "partitons: 2")
            .replacing("capacity: 4096", with: "capacity: 1000")
            .replacing("topic: orders\n    rate", with: "topic: order\n    rate")
            .replacing("payload: 64B", with: "payload: -64B")
            .replacing("seed: 7", with: "seed: 7, seed: 8")
        try place.write(text, to: "x.yaml")
        let errors = try await refusal()
        for message in [
            "x.yaml:5:21: error: unknown key 'partitons' in a topic; did you mean 'partitions'?",
            "x.yaml:5:35: error: capacity 1,000 is not a power of two; use 512 or 1024",
            "x.yaml:8:12: error: no topic named 'order'; did you mean 'orders'?",
            "x.yaml:10:14: error: '-64B' is negative",
            "x.yaml:15:12: error: '0s' is no time at all",
            "error: key 'seed' stands twice in one mapping; first in line",
        ] {
            #expect(errors.contains(message), "\(message) in\n\(errors)")
        }
    }

    @Test(
        "numbers that are none, or out of all bounds, are refused with what they should be",
        arguments: [
            ("total: 2k/s", "total: .nan"), ("total: 2k/s", "total: .inf"),
            ("total: 2k/s", "total: -2k/s"), ("total: 2k/s", "total: 0/s"),
            ("total: 2k/s", "total: 1e300/s"), ("total: 2k/s", "total: 99999999999999999999/s"),
            ("payload: 64B", "payload: 64"), ("payload: 64B", "payload: 99EiB"),
            ("count: 100", "count: 0"), ("count: 100", "count: 1.5"), ("count: 100", "count: -1"),
            ("partitions: 2", "partitions: 0"), ("partitions: 2", "partitions: 1G"),
            ("capacity: 4096", "capacity: 0"), ("capacity: 4096", "capacity: 9223372036854775808"),
            ("warmup: 100ms", "warmup: 1:30"), ("warmup: 100ms", "warmup: on"),
            ("duration: 300ms", "duration: 0s"), ("duration: 300ms", "duration: 100000h"),
            ("duration: 300ms", "duration: -1s"), ("drain: 5s", "drain: ~"),
            ("seed: 7", "seed: -7"), ("seed: 7", "seed: 0x7"), ("events: 100k", "events: 1e9"),
        ]
    )
    func numbers(good: String, bad: String) async throws {
        let text = Shop().text.replacing(good, with: bad)
        #expect(text != Shop().text)
        try place.write(text, to: "x.yaml")
        let errors = try await refusal()
        #expect(
            errors.contains(/^x\.yaml:\d+:\d+: error: \S+/.anchorsMatchLineEndings()),
            "\(errors)"
        )
        #expect(errors.count < 500, "\(errors)")
    }

    @Test(
        "a large file is refused by its size, unread",
        arguments: ["valid-looking", "zeros"]
    )
    func large(kind: String) async throws {
        let line = Array("  - { name: orders, partitions: 2, capacity: 4096 } # junk\n".utf8)
        let megabytes = 100
        try place.write("", to: "x.yaml")
        let file = try FileHandle(forWritingTo: place.url.appending(path: "x.yaml"))
        if kind == "zeros" {
            try file.truncate(atOffset: UInt64(megabytes) << 20)
        } else {
            var block = Data("gyre: 1\ntopics:\n".utf8)
            while block.count < 1 << 20 { block.append(contentsOf: line) }
            for _ in 0..<megabytes { try file.write(contentsOf: block) }
        }
        try file.close()
        let errors = try await refusal()
        #expect(errors.hasPrefix("x.yaml: error: is 100"), "\(errors.prefix(300))")
        #expect(errors.contains("a scenario file has at most 1 MiB"))
    }

    @Test(
        "YAML bombs are refused at once and in one line",
        arguments: ["laughs", "brackets", "braces", "dashes", "keys", "questions"]
    )
    func bombs(kind: String) async throws {
        let deep = 100_000
        let text =
            switch kind {
            case "laughs":
                (1...30).reduce("a0: &a0 [lol, lol]\n") { text, level in
                    let inner = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
                    return text + "a\(level): &a\(level) [\(inner)]\n"
                }
            case "brackets": "gyre: " + String(repeating: "[", count: deep)
            case "braces": "gyre: " + String(repeating: "{a: ", count: deep)
            case "dashes": String(repeating: "- ", count: deep)
            case "keys": "gyre: 1\n" + (0..<60_000).map { "key\($0): 1\n" }.joined()
            default: String(repeating: "? ", count: deep)
            }
        try place.write(text, to: "x.yaml")
        let errors = try await refusal()
        #expect(errors.split(separator: "\n").count <= 101)
        #expect(errors.contains("error: "), "\(errors.prefix(300))")
    }

    @Test("other encodings are refused by name; CRLF and a byte order mark are nothing special")
    func encodings() async throws {
        try place.write([0xFF, 0xFE, 0x67, 0x00], to: "x.yaml")
        #expect(try await refusal() == "x.yaml: error: is UTF-16; save it as UTF-8\n")
        try place.write(Array("gyre: 1\nname: caf".utf8) + [0xE9], to: "x.yaml")
        #expect(try await refusal() == "x.yaml:2:10: error: is not UTF-8; save it as UTF-8\n")
        try place.write("\u{FEFF}" + Shop().text.replacing("\n", with: "\r\n"), to: "x.yaml")
        let outcome = try await Gyre.run(["run", "x.yaml", "--plan"], in: place)
        #expect(outcome.code == 0 && outcome.errors == "", "\(outcome.everything)")
        #expect(outcome.output.hasPrefix("shop\n  Does the shop bill every order once?\n"))
    }

    @Test("words that YAML 1.1 takes for truth values are names here")
    func words() async throws {
        for word in ["no", "on", "y", "off", "NULL"] {
            let text = Shop().text.replacing("name: shop", with: "name: \(word)")
            try place.write(text, to: "x.yaml")
            let outcome = try await Gyre.run(["run", "x.yaml", "--plan"], in: place)
            #expect(
                outcome.code == (word == "NULL" ? 2 : 0) || outcome.output.hasPrefix(word),
                "\(word): \(outcome.everything)"
            )
        }
    }

    @Test(
        "files that are not there, or are something else, are named",
        arguments: [
            ("none.yaml", "none.yaml: error: no such file or folder"),
            ("empty", "empty: error: holds no .yaml file"),
            ("loop", "error: "), ("/dev/zero", "/dev/zero: error: is not a regular file"),
            ("folder.yaml/x.yaml", "folder.yaml/x.yaml: error: "),
        ]
    )
    func places(path: String, message: String) async throws {
        for name in ["empty", "folder.yaml"] {
            let folder = place.url.appending(path: name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(
            atPath: place.path("loop"),
            withDestinationPath: "loop"
        )
        let errors = try await refusal(path)
        #expect(errors.contains(message), "\(errors)")
        #expect(!errors.contains("Domain"), "\(errors)")
    }

    @Test(
        "payload files are checked before the run",
        arguments: [
            ("{ file: none.bin }", "no file 'none.bin'; looked for "),
            ("{ file: . }", "'.' is a folder, not a file"),
            ("{ file: /dev/zero }", "'/dev/zero' is not a regular file"),
            ("{ lines: empty.txt }", "empty.txt"),
        ]
    )
    func payloads(payload: String, message: String) async throws {
        try place.write("", to: "empty.txt")
        let text = Shop().text.replacing("payload: 64B", with: "payload: \(payload)")
        try place.write(text, to: "x.yaml")
        let errors = try await refusal()
        #expect(errors.contains(message), "\(errors)")
    }

    @Test("a file that cannot be read says why")
    func unreadable() async throws {
        // Permissions do not stop root; nobody can read the start of a process's memory.
        let outcome = try await Gyre.run(["run", "/proc/self/mem"], in: place)
        #expect(outcome.code == 2, "\(outcome.everything)")
        #expect(outcome.errors == "/proc/self/mem: error: cannot be read: input/output error\n")
    }
}
