import Messaging
import Testing

@testable import Histories
@testable import HistoryChecks

@Suite struct HistoryReaderTests {
    private func read(_ text: String) throws(HistoryError) -> [HistoryRecord] {
        var reader = HistoryReader()
        var records: [HistoryRecord] = []
        try reader.read(text.utf8) { records.append($0) }
        try reader.finish { records.append($0) }
        return records
    }

    private static let lane = "\"topic\":\"t\",\"partition\":0,\"producer\":0,\"n\":0"

    @Test(
        "what is no history is refused with its line",
        arguments: [
            ("nonsense", "line 1: not JSON"),
            ("{\"index\":0}", "line 1: \"time\" is missing"),
            ("{\"index\":\"x\",\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"drain\"}", "index"),
            (
                "{\"index\":1,\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"drain\"}\n"
                    + "{\"index\":1,\"time\":2,\"process\":0,\"type\":\"ok\",\"f\":\"drain\"}",
                "line 2: index 1 after 1"
            ),
            (
                "{\"index\":1,\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"enqueue\"}",
                "use one of send, handle"
            ),
            (
                "{\"index\":1,\"time\":1,\"process\":0,\"type\":\"done\",\"f\":\"send\"}",
                "type \"done\""
            ),
            (
                "\n\n{\"index\":1,\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"deliver\","
                    + "\"value\":{\(lane)}}",
                "line 3: deliver needs \"group\""
            ),
            (
                "{\"index\":1,\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"ack\","
                    + "\"value\":{\"group\":\"g\"}}",
                "ack needs \"receipt\""
            ),
            (
                "{\"index\":1,\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"send\","
                    + "\"value\":{\"side\":\"X\"}}",
                "side \"X\""
            ),
        ]
    )
    func refusals(_ text: String, _ expected: String) throws {
        let error = #expect(throws: HistoryError.self) { try read(text) }
        let message = try #require(error).description
        #expect(message.contains(expected), "\(message)")
    }

    @Test("a line as long as the limit is read, one byte more is refused", arguments: [0, 1])
    func longLine(_ more: Int) throws {
        let begin = "{\"index\":1,\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"drain\",\"x\":\""
        let room = HistoryReader.lineLimit - begin.utf8.count - 2
        let line = begin + String(repeating: "y", count: room + more) + "\"}"
        let result = Result { try read(line + "\n") }
        if more == 0 {
            #expect(try result.get().count == 1)
        } else {
            let limit = HistoryReader.lineLimit
            #expect(throws: HistoryError.lineTooLong(line: 1, limit: limit)) { try result.get() }
        }
    }

    @Test("a line without end is refused, not kept")
    func endlessLine() throws {
        var reader = HistoryReader()
        let piece = [UInt8](repeating: 0x20, count: 1 << 16)
        var refused = false
        for _ in 0..<32 where !refused {
            do {
                try reader.read(piece) { _ in }
            } catch {
                refused = true
                #expect(error == .lineTooLong(line: 1, limit: HistoryReader.lineLimit))
            }
        }
        #expect(refused)
    }

    @Test("an empty history is unknown, never valid")
    func emptyHistory() throws {
        #expect(try read("").isEmpty)
        let results = DeliveryHistory().judge()
        let verdict = HistoryVerdict(file: "h.jsonl", results: results, names: HistoryNames())
        #expect(verdict.valid == .unknown)
        #expect(verdict.unknown.contains("A4: the history is empty"))
    }

    @Test("the verdict is one line of JSON with the published names")
    func verdictLine() throws {
        let text = """
            {"index":0,"time":1,"process":0,"type":"invoke","f":"send","value":{\(Self.lane)}}
            {"index":1,"time":2,"process":0,"type":"fail","f":"send","value":{\(Self.lane)}}
            {"index":2,"time":3,"process":1,"type":"ok","f":"handle","value":{"group":"g","consumer":0,\(Self.lane)}}
            {"index":3,"time":9,"process":0,"type":"ok","f":"drain"}
            """
        var history = DeliveryHistory()
        for record in try read(text) { history.feed(record) }
        let verdict = HistoryVerdict(
            file: "h.jsonl",
            results: history.judge(),
            names: HistoryNames(topics: ["t"], groups: ["g"])
        )
        let line = try verdict.line
        #expect(line.hasPrefix("{\"anomalies\":{\"aborted-read\":[{\"blame\":\"broker\""))
        #expect(line.contains("\"file\":\"h.jsonl\""))
        #expect(line.hasSuffix("\"unknown\":[],\"valid\":false}"))
    }

    @Test("a range is written as one line an event")
    func expansion() throws {
        var record = HistoryRecord(.publish, .ok, side: .boundary, at: .zero)
        record.count = 3
        record.n = 7
        record.offset = 20
        var encoder = HistoryEncoder(names: HistoryNames(topics: ["t"]))
        encoder.append(record)
        let read = try read(String(decoding: encoder.bytes, as: UTF8.self))
        #expect(read.map(\.n) == [7, 8, 9])
        #expect(read.map(\.offset) == [20, 21, 22])
    }

    @Test("a flight recorder keeps the latest, and finds those of an event")
    func flightRecorder() {
        var recorder = FlightRecorder(capacity: 3)
        var record = HistoryRecord(.publish, .ok, side: .boundary, at: .zero)
        for n in 0..<9 as Range<UInt64> {
            record.n = n * 2
            record.count = 2
            recorder.append(record)
        }
        #expect(recorder.records.map(\.n) == [10, 12, 14, 16])
        #expect(recorder.overwritten == 5)
        #expect(recorder.records(of: record.lane, n: 15).map(\.n) == [14])
        #expect(recorder.records(of: record.lane, n: 3).isEmpty)
    }
}
