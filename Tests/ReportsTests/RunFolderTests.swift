import Foundation
import Testing

@testable import Reports
@testable import RunRecords

/// A new, empty folder that is removed afterwards.
private func withScratch(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("gyre-runs-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { removeFolder(folder) }
    try body(folder.path)
}

private func removeFolder(_ folder: URL) {
    do {
        try FileManager.default.removeItem(at: folder)
    } catch {
        Issue.record("cannot remove \(folder.path): \(error)")
    }
}

private func names(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
}

@Suite struct RunFolderTests {
    @Test("a record comes back as it was, hostile names included")
    func roundTrip() throws {
        try withScratch { base in
            let record = sampleRecord()
            let folder = try RunFolder.write(
                record,
                files: ReportFiles.all(for: record),
                into: base + "/new/results"
            )
            #expect(try RunFolder.read(folder.path) == record)
            #expect(try RunFolder.read(folder.path + "/run.json") == record)
            #expect(
                folder.path.hasSuffix(
                    "/orders-late-and-twice-20250131T235959.042Z-18446744073709551615"
                )
            )
            #expect(
                try names(folder.path) == [
                    "anomalies.csv", "anomalies.jsonl", "faults.csv", "latency.csv", "run.json",
                    "summary.csv", "timeline.csv",
                ]
            )
        }
    }

    @Test("equal records give equal bytes")
    func reproducible() throws {
        #expect(try sampleRecord().encoded() == sampleRecord().encoded())
        #expect(ReportFiles.all(for: sampleRecord()) == ReportFiles.all(for: sampleRecord()))
    }

    @Test("keys on disk are in snake case, the plan's own keys stay as they are")
    func keys() throws {
        let text = String(decoding: try sampleRecord().encoded(), as: UTF8.self)
        #expect(text.contains("\"format_version\":1"))
        #expect(text.contains("\"dead_lettered\":0"))
        #expect(text.contains("\"aB_c\":[true,null,0.5]"))
        #expect(text.contains("\"in-flight\":1024"))
    }

    @Test("a second run of the same millisecond gets its own folder")
    func neverOverwrites() throws {
        try withScratch { base in
            let first = try RunFolder.write(sampleRecord(), files: [], into: base)
            let second = try RunFolder.write(sampleRecord(), files: [], into: base)
            #expect(second.path == first.path + "-2")
            let file = RunFolder.File(name: "a.csv", contents: Data("1".utf8))
            try first.write(file)
            #expect(throws: RunFolderError.self) { try first.write(file) }
            #expect(throws: RunFolderError.self) { try first.finish(sampleRecord()) }
        }
    }

    @Test(
        "scenario names become file names",
        arguments: [
            ("orders", "orders"), ("../../etc/passwd", "run..-..-etc-passwd"), ("", "run"),
            (".hidden", "run.hidden"), ("-rf", "run-rf"), ("a b\n\"c\"/é", "a-b--c---"),
            (String(repeating: "x", count: 200), String(repeating: "x", count: 80)),
        ]
    )
    func fileNames(scenario: String, name: String) {
        #expect(RunFolder.fileName(for: scenario) == name)
    }

    @Test("a run that cannot be written leaves no run.json")
    func failsInTheMiddle() throws {
        try withScratch { base in
            let bad = RunFolder.File(name: "../outside", contents: Data())
            let good = RunFolder.File(name: "good.csv", contents: Data("x".utf8))
            #expect(throws: RunFolderError.badFileName("../outside")) {
                try RunFolder.write(sampleRecord(), files: [good, bad], into: base)
            }
            let folder = try #require(try names(base).first)
            #expect(try names(base + "/" + folder) == ["good.csv"])
            #expect(throws: RunFolderError.unfinished(path: base + "/" + folder)) {
                try RunFolder.read(base + "/" + folder)
            }
        }
    }

    @Test("a full disk is said to be full and leaves no file", .enabled(if: hasFullDevice))
    func fullDisk() throws {
        // SAFETY: the path is a literal; the call keeps no pointer.
        let file = unsafe open("/dev/full", O_WRONLY)
        try #require(file >= 0)
        do throws(RunFolderError) {
            try DurableFile.fill(file, with: Data(count: 100_000), path: "results/a.csv")
            Issue.record("a full disk took a file")
        } catch {
            #expect("\(error)".contains("free some space"))
            #expect("\(error)".contains("results/a.csv"))
        }
    }

    @Test("a missing, foreign or newer record is refused with what to do")
    func unreadable() throws {
        try withScratch { base in
            #expect(throws: RunFolderError.self) { try RunFolder.read(base + "/none") }
            let path = base + "/run.json"
            try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
            do throws(RunFolderError) {
                _ = try RunFolder.read(base)
                Issue.record("an empty object was read as a run")
            } catch {
                guard case .malformed(path, _) = error else {
                    Issue.record("\(error)")
                    return
                }
            }
            try Data(#"{"format_version":2}"#.utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: RunFolderError.tooNew(path: path, version: 2)) {
                try RunFolder.read(base)
            }
        }
    }

    @Test("a folder that is a file is named")
    func baseIsAFile() throws {
        try withScratch { base in
            try Data().write(to: URL(fileURLWithPath: base + "/file"))
            do throws(RunFolderError) {
                _ = try RunFolder.write(sampleRecord(), files: [], into: base + "/file/results")
                Issue.record("a file was taken for a folder")
            } catch {
                #expect("\(error)".contains("file"))
            }
        }
    }

    @Test(
        "civil time agrees with the calendar",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_738_367_999_042, "2025-01-31T23:59:59.042Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func timestamps(milliseconds: Int64, text: String) {
        #expect(UTCTimestamp(milliseconds: milliseconds).extended == text)
    }
}

private let hasFullDevice = FileManager.default.fileExists(atPath: "/dev/full")
