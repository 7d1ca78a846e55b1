import Messaging
import Testing

@testable import Histories

/// What JSON allows and forbids in a line, beyond what our own encoder writes.
@Suite struct HistoryLineTests {
    private func read(_ bytes: some Sequence<UInt8>) throws(HistoryError) -> [HistoryRecord] {
        var reader = HistoryReader()
        var records: [HistoryRecord] = []
        try reader.read(bytes) { records.append($0) }
        try reader.finish { records.append($0) }
        return records
    }

    private static func line(_ value: String) -> String {
        #"{"index":1,"time":2,"process":3,"type":"ok","f":"deliver","value":{"group":"g","#
            + #""consumer":0,"topic":"t","partition":0,"producer":0,"n":0,"receipt":9,\#(value)}}"#
    }

    private func record(_ value: String) throws -> HistoryRecord {
        try #require(try read(Self.line(value).utf8).first)
    }

    @Test("fields may stand in any order, with white space and unknown ones between them")
    func order() throws {
        let text = """
            \t{ "value" : { "n" : 7 , "x" : [ { "n" : [ ] } , "]" , -1.5e+3 , null , { } ] ,
             "partition" : 2 , "topic" : "t" , "producer" : 1 , "key" : null } , "f" : "send" ,
             "type" : "ok" , "extra" : false , "process" : 3 , "time" : -2 , "index" : -1 } \r
            """
        let line = text.replacing("\n", with: "")
        let record = try #require(try read(line.utf8).first)
        #expect(record.kind == .send && record.phase == .ok && record.side == .application)
        #expect(record.n == 7 && record.partition == 2 && record.lane.producer == 1)
        #expect(record.time == Instant(nanoseconds: -2) && record.process == 3)
        #expect(record.key == .none)
    }

    @Test(
        "whole numbers are read however they are written",
        arguments: [
            ("0", 0), ("-0", 0), ("12345678", 12_345_678), ("123456789", 123_456_789),
            ("-17", -17), ("1.0", 1), ("1.50e1", 15), ("12E2", 1200), ("1200e-2", 12),
            ("0.0000e5", 0), ("0e99999999999999999999", 0), ("4611686018427387904", 1 << 62),
            ("46116860184273879040e-1", 1 << 62), ("-4611686018427387904", -1 << 62),
        ] as [(String, Int64)]
    )
    func numbers(_ text: String, _ expected: Int64) throws {
        #expect(try record("\"delay\":\(text)").nanoseconds == expected)
    }

    @Test(
        "numbers of 64 bits keep every bit",
        arguments: [
            ("18446744073709551615", UInt64.max), ("10000000000000000000", 10 << 60),
            ("9999999999999999999", 9_999_999_999_999_999_999), ("1844674407370955161.5e1", .max),
        ]
    )
    func wideNumbers(_ text: String, _ expected: UInt64) throws {
        let wanted = expected == 10 << 60 ? 10_000_000_000_000_000_000 : expected
        #expect(try record("\"digest\":\(text)").digest == wanted)
    }

    @Test(
        "a number out of its range is refused by name",
        arguments: [
            ("\"n\":1.5", "n stands twice"), ("\"delay\":1.5", "value.delay is no whole number"),
            ("\"epoch\":256", "value.epoch is no whole number from 0 to 255"),
            ("\"epoch\":-1", "value.epoch is no whole number"),
            ("\"size\":4294967296", "value.size"), ("\"offset\":4611686018427387905", "offset"),
            ("\"delay\":1e999999999", "value.delay"), ("\"delay\":1e-1", "value.delay"),
            ("\"digest\":18446744073709551616", "value.digest is neither"),
            ("\"digest\":99999999999999999999", "value.digest is neither"),
            ("\"digest\":-1", "value.digest is neither"), ("\"digest\":true", "wrong type"),
            ("\"delay\":\"x\"", "value.delay has the wrong type"),
            ("\"redelivered\":1", "value.redelivered has the wrong type"),
            ("\"envelope\":7", "value.envelope has the wrong type"),
            ("\"envelope\":\"open\"", "envelope \"open\" is not known"),
            ("\"delay\":1,\"delay\":1", "value.delay stands twice"),
            ("\"d\\u0065lay\":1,\"delay\":1", "value.delay stands twice"),
        ]
    )
    func ranges(_ value: String, _ expected: String) throws {
        let error = #expect(throws: HistoryError.self) { try record(value) }
        let message = try #require(error).description
        #expect(message.contains(expected), "\(message)")
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "01", "+1", "1.", ".5", "1e", "1e+", "-", "--1", "0x1", "NaN", "tru", "nul", "'a'",
            "[1,]", "[1 2]", "[", "]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}",
            "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\tb\"",
            "\"\0\"", "\"", "\"\\", "\"\\u", "", "1 2", "1}", "\0",
        ]
    )
    func malformed(_ value: String) throws {
        let error = #expect(throws: HistoryError.self) { try record("\"x\":\(value)") }
        #expect(error == .malformed(line: 1, what: "not JSON"))
    }

    @Test("every beginning of a line is refused", arguments: [true, false])
    func truncated(_ hasNext: Bool) throws {
        let line = Array(Self.line(#""key":"\u00e9\"x","delay":-12.0,"y":[{"z":null}]"#).utf8)
        #expect(try read(line).count == 1)
        for count in 1..<line.count {
            let piece = line.prefix(count) + (hasNext ? [0x0A] : [])
            let error = #expect(throws: HistoryError.self) { try read(piece) }
            guard case .malformed(line: 1, _) = error else {
                Issue.record("\(count) bytes: \(String(describing: error))")
                continue
            }
        }
    }

    @Test(
        "strings that are not UTF-8 are refused, others are kept",
        arguments: [
            ([0xC3, 0xA9], true), ([0xE2, 0x82, 0xAC], true), ([0xF0, 0x9F, 0x98, 0x80], true),
            ([0xEF, 0xBF, 0xBF], true), ([0xF4, 0x8F, 0xBF, 0xBF], true), ([0x80], false),
            ([0xC0, 0x80], false), ([0xC3], false), ([0xE2, 0x82], false), ([0xFF], false),
            ([0xED, 0xA0, 0x80], false), ([0xE0, 0x9F, 0xBF], false), ([0xE1, 0x80, 0x20], false),
            ([0xF0, 0x8F, 0xBF, 0xBF], false), ([0xF4, 0x90, 0x80, 0x80], false),
            ([0xF5, 0x80, 0x80, 0x80], false), ([0xC3, 0xA9, 0xBF], false),
        ] as [([UInt8], Bool)]
    )
    func encodings(_ middle: [UInt8], _ isValid: Bool) throws {
        for escape in ["", "\\n"] {
            let parts = Self.line("\"key\":\"abc@\(escape)\"").split(separator: "@")
            let bytes = Array(parts[0].utf8) + middle + Array(parts[1].utf8)
            guard isValid else {
                let error = #expect(throws: HistoryError.self) { try read(bytes) }
                #expect(error == .malformed(line: 1, what: "not UTF-8"))
                continue
            }
            var reader = HistoryReader()
            var key = EventKey.none
            try reader.read(bytes + [0x0A]) { key = $0.key }
            let end = escape.isEmpty ? "" : "\n"
            let name = "abc" + String(decoding: middle, as: UTF8.self) + end
            #expect(reader.names.name(of: key) == name)
        }
    }

    @Test("names are the same however they are spelt, and numbers are names")
    func names() throws {
        let spellings = [
            "\"caf\\u00e9 \\ud83d\\ude00/\"", "\"café 😀\\/\"", "\"\\u0063af\u{e9} 😀/\"", "5",
            "\"5\"", "\"a name of more than sixteen bytes\"",
            "\"a name of more than sixteen byte\\u0073\"", "\"b name of more than sixteen bytes\"",
        ]
        var reader = HistoryReader()
        var keys: [UInt64] = []
        for (index, name) in spellings.enumerated() {
            let line = Self.line("\"key\":\(name)")
                .replacing("\"index\":1", with: "\"index\":\(index)")
            try reader.read((line + "\n").utf8) { keys.append($0.key.index) }
        }
        #expect(keys == [0, 0, 0, 1, 1, 2, 2, 3])
        let last = EventKey(pattern: HistoryNames.freePattern, index: 3)
        #expect(reader.names.name(of: last) == "b name of more than sixteen bytes")
    }

    @Test("receipts are numbers, digits in a string, or any text")
    func receipts() throws {
        func receipt(_ text: String) throws -> UInt64 {
            let line = Self.line("\"x\":0")
                .replacing("\"receipt\":9", with: "\"receipt\":\(text)")
            return try #require(try read(line.utf8).first).delivery
        }
        #expect(try receipt("12") == 12)
        #expect(try receipt("\"12\"") == 12)
        #expect(try receipt("\"r12\"") == receipt("\"\\u007212\""))
        #expect(try receipt("\"r12\"") != receipt("\"r13\""))
        #expect(try receipt("null") == .max)
    }

    @Test("values nest as deep as other readers allow, and no deeper", arguments: [500, 600])
    func nesting(_ depth: Int) throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let value =
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            let result = Result { try record("\"x\":\(value)") }
            guard depth > 512 else {
                #expect(throws: Never.self) { try result.get() }
                continue
            }
            let fault = HistoryError.malformed(line: 1, what: "nested deeper than 512")
            #expect(throws: fault) { try result.get() }
        }
        let endless = [UInt8](repeating: UInt8(ascii: "["), count: HistoryReader.lineLimit)
        #expect(throws: HistoryError.self) { try read(endless) }
    }
}
