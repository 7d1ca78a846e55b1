public import Foundation

/// The folder of one run: files appear in it whole or not at all, `run.json` last.
///
/// So a folder without `run.json` is a run that did not finish.
public struct RunFolder: Hashable, Sendable {
    /// What to store beside the record.
    public struct File: Hashable, Sendable {
        /// A plain file name.
        public var name: String
        /// Its contents.
        public var contents: Data

        /// Makes a file.
        public init(name: String, contents: Data) {
            self.name = name
            self.contents = contents
        }
    }

    private static let recordName = "run.json"
    private static let benchName = "bench.json"
    private static let longestName = 80
    /// One block of most file systems.
    private static let probeBytes = 4096
    /// Runs of one scenario, seed and millisecond before a free name is no longer looked for.
    private static let mostNamesakes = 1000

    /// The folder's path.
    public let path: String

    /// Creates a new folder below `base`, which is created as well if need be.
    ///
    /// Its name is `<scenario>-<utc-timestamp-with-milliseconds>-<seed>`; a number is added if a
    /// folder of this name exists already.
    public static func create(
        scenario: String,
        startedAtMilliseconds: Int64,
        seed: UInt64,
        into base: String
    ) throws(RunFolderError) -> RunFolder {
        let stamp = UTCTimestamp(milliseconds: startedAtMilliseconds).compact
        return try create(named: "\(fileName(for: scenario))-\(stamp)-\(seed)", into: base)
    }

    /// Creates a new folder of this name, or of this name and a number.
    private static func create(
        named name: String,
        into base: String
    ) throws(RunFolderError) -> RunFolder {
        let base = plain(base)
        try DurableFile.createFolders(base)
        for attempt in 1...mostNamesakes {
            let path = base + "/" + name + (attempt == 1 ? "" : "-\(attempt)")
            if try DurableFile.createFolder(path) { return RunFolder(path: path) }
        }
        throw .system(
            action: "create a folder named",
            path: base + "/" + name,
            code: SystemCode.exists,
            reason: "there are \(mostNamesakes) of them"
        )
    }

    /// Finds out whether runs can be stored below `base`, which is created if need be.
    ///
    /// A file of the free name `probe` is there for a moment.
    /// - Throws: what stands in the way.
    public static func requireWritable(
        _ base: String,
        probe name: String
    ) throws(RunFolderError) {
        let base = plain(base)
        try DurableFile.createFolders(base)
        let probe = base + "/" + name
        do throws(RunFolderError) {
            try DurableFile.write(Data(count: probeBytes), to: probe)
        } catch .system(_, _, let code, let reason) {
            throw .system(action: "write to", path: base, code: code, reason: reason)
        }
        try DurableFile.remove(probe)
    }

    /// The empty path is the current folder, and a slash at the end says nothing more.
    private static func plain(_ base: String) -> String {
        let base = base.isEmpty ? "." : base
        return base.count > 1 && base.hasSuffix("/") ? String(base.dropLast()) : base
    }

    /// Stores a finished run in a folder of its own.
    public static func write(
        _ record: RunRecord,
        files: [File],
        into base: String
    ) throws(RunFolderError) -> RunFolder {
        let folder = try create(
            scenario: record.scenario,
            startedAtMilliseconds: record.startedAtMilliseconds,
            seed: record.seed,
            into: base
        )
        for file in files { try folder.write(file) }
        try folder.finish(record)
        return folder
    }

    /// Stores a comparison in a folder of its own, `bench-<scenario>-<utc-timestamp>`.
    ///
    /// `bench.json` is written last: a folder without it is of a comparison that did not finish.
    public static func write(
        _ record: BenchRecord,
        files: [File],
        into base: String
    ) throws(RunFolderError) -> RunFolder {
        let stamp = UTCTimestamp(milliseconds: record.startedAtMilliseconds).compact
        let scenario = record.scenario.isEmpty ? "" : fileName(for: record.scenario) + "-"
        let folder = try create(named: "bench-\(scenario)\(stamp)", into: base)
        for file in files { try folder.write(file) }
        try folder.write(File(name: benchName, contents: try record.encoded()))
        return folder
    }

    /// Reads the record of a run's folder, or of its `run.json`.
    public static func read(_ path: String) throws(RunFolderError) -> RunRecord {
        let isFolder = DurableFile.isFolder(path)
        let file = isFolder ? path + "/" + recordName : path
        do {
            return try RunRecord(decoding: DurableFile.read(file), path: file)
        } catch .system(_, _, SystemCode.noEntry, _) where isFolder {
            throw .unfinished(path: path)
        }
    }

    /// Adds a file; whoever looks sees it whole or not at all.
    ///
    /// Never replaces one.
    public func write(_ file: File) throws(RunFolderError) {
        guard file.name == Self.fileName(for: file.name) else {
            throw .badFileName(file.name)
        }
        try DurableFile.write(file.contents, to: path + "/" + file.name)
    }

    /// Adds the record, which makes the run a finished one.
    public func finish(_ record: RunRecord) throws(RunFolderError) {
        try write(File(name: Self.recordName, contents: try record.encoded()))
    }

    /// A file name that says as much of `text` as file systems and shells bear.
    static func fileName(for text: String) -> String {
        var name = ""
        for scalar in text.unicodeScalars.prefix(longestName) {
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || "0"..."9" ~= scalar)
            name.unicodeScalars.append(
                isPlain || "._-".unicodeScalars.contains(scalar) ? scalar : "-"
            )
        }
        // A leading dot hides a file, a leading dash looks like an option.
        if let first = name.first, first == "." || first == "-" { name = "run" + name }
        return name.isEmpty ? "run" : name
    }
}
