import Foundation
import Testing

@Suite("Histories")
struct HistoryFileTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
    }

    private static let demands = [
        "--lease", "100ms", "--delivery", "at-least-once", "--ordering", "per-key", "--effect",
        "exactly-once",
    ]

    @Test(
        "a full history is judged as the run was",
        arguments: [(Shop(faults: [Shop.lostAnswers]).inbox, 0), ("", 1)] as [(String, Int32)]
    )
    func same(inbox: String, code: Int32) async throws {
        let shop = Shop(faults: [Shop.lostAnswers], inbox: inbox)
        try place.write(shop.text, to: "shop.yaml")
        let run = try await Gyre.run(["run", "shop.yaml", "--history", "full"], in: place)
        #expect(run.code == code, "\(run.everything)")
        let folder = try place.onlyRun()
        let file = folder + "/history.jsonl"
        let table = try await Gyre.run(["check", file] + Self.demands, in: place)
        #expect(table.code == code, "\(table.everything)")
        #expect(table.output.hasPrefix("\(file): \(code == 0 ? "valid" : "violated")\n"))
        let arguments = ["check", "--model", "delivery", "--format", "json", file] + Self.demands
        let line = try await Gyre.run(arguments, in: place)
        #expect(line.code == code, "\(line.everything)")
        #expect(line.errors == "")
        #expect(line.output.split(separator: "\n").count == 1)
        let verdict = try verdict(line.output)
        #expect(verdict["file"] as? String == file)
        #expect(verdict["valid"] as? Bool == (code == 0))
        #expect(verdict["unknown"] as? [String] == [])
        let anomalies = try #require(verdict["anomalies"] as? [String: [Any]])
        let record = try place.record(of: folder)
        let recorded = try #require(record["anomalies"] as? [[String: Any]])
        #expect(Set(anomalies.keys) == Set(recorded.compactMap { $0["name"] as? String }))
    }

    @Test("each line is an operation in Jepsen's vocabulary, in order")
    func lines() async throws {
        try place.write(Shop().text, to: "shop.yaml")
        let run = try await Gyre.run(["run", "shop.yaml", "--history", "full"], in: place)
        #expect(run.code == 0, "\(run.everything)")
        let text = try place.read(try place.onlyRun() + "/history.jsonl")
        var last = -1
        var time = 0
        var kinds: Set<String> = []
        for line in text.split(separator: "\n") {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let record = try #require(object)
            #expect(Set(record.keys) == ["index", "time", "process", "type", "f", "value"])
            let index = try #require(record["index"] as? Int)
            let now = try #require(record["time"] as? Int)
            guard index > last, now >= time else {
                Issue.record("out of order: \(line)")
                return
            }
            (last, time) = (index, now)
            kinds.insert(try #require(record["f"] as? String))
            #expect(
                ["invoke", "ok", "fail", "info"].contains(record["type"] as? String),
                "\(line)"
            )
        }
        #expect(kinds.isSuperset(of: ["publish", "deliver", "ack", "apply", "drain"]), "\(kinds)")
    }

    @Test(
        "--history none keeps no records, anomalies keeps the witnesses",
        arguments: [("none", 1), ("anomalies", 2)]
    )
    func modes(mode: String, least: Int) async throws {
        let shop = Shop(faults: [Shop.lostAnswers], inbox: "")
        try place.write(shop.text, to: "shop.yaml")
        let run = try await Gyre.run(["run", "shop.yaml", "--history", mode], in: place)
        #expect(run.code == 1, "\(run.everything)")
        let folder = try place.onlyRun()
        #expect(try !place.names(in: folder).contains("history.jsonl"))
        let lines = try place.read(folder + "/anomalies.jsonl").split(separator: "\n")
        let first = try #require(lines.first { $0.contains("double-apply") })
        let object = try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any]
        let witness = try #require(object?["witness"] as? [Any])
        #expect(mode == "none" ? witness.count == least : witness.count >= least, "\(first)")
    }

    @Test("an empty history is unknown, never valid; the worst file wins")
    func empty() async throws {
        try place.write("", to: "empty.jsonl")
        let outcome = try await Gyre.run(["check", "--format", "json", "empty.jsonl"], in: place)
        #expect(outcome.code == 4, "\(outcome.everything)")
        #expect(try verdict(outcome.output)["valid"] as? String == "unknown")
        try place.write("{}\n", to: "broken.jsonl")
        let both = try await Gyre.run(["check", "broken.jsonl", "empty.jsonl"], in: place)
        #expect(both.code == 4, "\(both.everything)")
        #expect(both.errors.hasPrefix("error: broken.jsonl: line 1: "))
    }

    @Test(
        "what is no history is refused with file, line and reason",
        arguments: [
            ("missing.jsonl", "error: missing.jsonl: cannot be read: "),
            (".", "error: .: cannot be read: "),
            ("text.jsonl", "error: text.jsonl: line 1: not JSON; "),
            ("zeros.jsonl", "error: zeros.jsonl: line 1: "),
            ("latin.jsonl", "error: latin.jsonl: line 1: "),
            ("word.jsonl", #"error: word.jsonl: line 1: f "fly" is not known; use one of "#),
            ("order.jsonl", "error: order.jsonl: line 2: index 1 after 1; "),
            ("/dev/zero", "error: /dev/zero: line 1: longer than 1048576 bytes"),
        ]
    )
    func refused(file: String, message: String) async throws {
        let drain =
            #"{"index":1,"time":5,"process":0,"type":"ok","f":"drain","value":{"side":"B"}}"# + "\n"
        try place.write("hello\n", to: "text.jsonl")
        try place.write([UInt8](repeating: 0, count: 3_000_000), to: "zeros.jsonl")
        try place.write([0x7B, 0x22, 0xE9, 0x22, 0x7D, 0x0A], to: "latin.jsonl")
        try place.write(drain.replacing("drain", with: "fly"), to: "word.jsonl")
        try place.write(drain + drain, to: "order.jsonl")
        let outcome = try await Gyre.run(["check", file], in: place)
        #expect(outcome.code == 2, "\(outcome.everything)")
        #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
        #expect(!outcome.errors.contains("Domain"))
    }

    private func verdict(_ line: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return try #require(object as? [String: Any])
    }
}
