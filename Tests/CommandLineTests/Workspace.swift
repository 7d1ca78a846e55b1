import Foundation
import Testing

/// A folder of its own for each test, gone when the test is over.
final class Workspace: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "gyre-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            Issue.record("cannot remove \(url.path): \(error)")
        }
    }

    func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes a file.
    func write(_ text: String, to name: String) throws {
        try write(Array(text.utf8), to: name)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: url.appending(path: name))
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appending(path: name)), as: UTF8.self)
    }

    /// The names in a folder; none if there is no such folder.
    func names(in folder: String = "") throws -> [String] {
        let place = folder.isEmpty ? url : url.appending(path: folder)
        guard FileManager.default.fileExists(atPath: place.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    }

    /// The folder of the only run below `base`.
    func onlyRun(in base: String = "results") throws -> String {
        let runs = try names(in: base)
        try #require(runs.count == 1, "\(runs)")
        return base + "/" + runs[0]
    }

    /// The record of a run.
    func record(of run: String) throws -> [String: Any] {
        let data = try Data(contentsOf: url.appending(path: run + "/run.json"))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}

/// A scenario that is over in about a second, and what a test changes in it.
struct Shop {
    var rate = "rate: { total: 2k/s }"
    var keys = #"{ uniform: { count: 100, name: "customer-%d" } }"#
    var faults: [String] = []
    var inbox = "inbox: { window: 60s, events: 100k, durable: true }"
    var effect = "exactly-once"
    var thresholds: [String] = []
    var lease = "100ms"
    var run = "{ warmup: 100ms, duration: 300ms, drain: 5s, seed: 7 }"

    /// One answer in twenty-five is lost: each is redelivered after its lease.
    static let lostAnswers = "{ name: lost-acks, fault: drop, at: ack, probability: 0.04 }"

    var text: String {
        """
        # Does the shop bill every order once?
        gyre: 1
        name: shop
        topics:
          - { name: orders, partitions: 2, capacity: 4096 }
        producers:
          - name: web
            topic: orders
            \(rate)
            payload: 64B
            keys: \(keys)
        consumers:
          - name: billing
            topic: orders
            lease: \(lease)
            \(inbox)
        faults: [\(faults.joined(separator: ", "))]
        expect:
          broker: { delivery: at-least-once, ordering: per-key }
          application: { effect: \(effect) }
          thresholds: [\(thresholds.map { "'\($0)'" }.joined(separator: ", "))]
        run: \(run)

        """
    }
}

/// A table as RFC 4180 has it, read without mercy.
struct CSVFile {
    var header: [String]
    var rows: [[String]]

    /// Reads `text`; records an issue for whatever RFC 4180 does not allow.
    init(_ text: String) throws {
        var all: [[String]] = []
        var row: [String] = []
        var field = ""
        var isQuoted = false
        var wasQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            if isQuoted {
                guard scalar == "\"" else {
                    field.unicodeScalars.append(scalar)
                    continue
                }
                if scalars.first == "\"" {
                    field.unicodeScalars.append(scalar)
                    scalars.removeFirst()
                } else {
                    (isQuoted, wasQuoted) = (false, true)
                }
            } else if scalar == "," || scalar == "\r" {
                row.append(field)
                (field, wasQuoted) = ("", false)
                guard scalar == "\r" else { continue }
                #expect(scalars.popFirst() == "\n", "a line ends with CR LF")
                all.append(row)
                row = []
            } else {
                #expect(scalar != "\n", "a line ends with CR LF")
                #expect(!wasQuoted, "nothing follows a closing quote")
                guard scalar != "\"" else {
                    #expect(field.isEmpty, "a quote begins a field")
                    isQuoted = true
                    continue
                }
                field.unicodeScalars.append(scalar)
            }
        }
        #expect(row.isEmpty && field.isEmpty && !isQuoted, "the last line is ended")
        header = try #require(all.first)
        rows = Array(all.dropFirst())
        for row in rows { #expect(row.count == header.count, "\(row)") }
    }

    /// The column of this name.
    func column(_ name: String) throws -> [String] {
        let place = try #require(header.firstIndex(of: name))
        return rows.map { $0[place] }
    }

    /// The first row in which the column `key` is `value`, by column.
    func row(_ key: String, _ value: String) throws -> [String: String] {
        let place = try #require(header.firstIndex(of: key))
        let row = try #require(rows.first { $0[place] == value }, "no \(key) \(value)")
        return Dictionary(uniqueKeysWithValues: zip(header, row))
    }
}
