import Foundation

/// The repository's files, seen from the tests.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: root + "/" + path, encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root + "/" + path)
    }

    /// The files under `folder` whose names end in `suffix`, sorted; not those in hidden folders.
    static func files(under folder: String, suffix: String = "") throws -> [String] {
        guard exists(folder) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: root + "/" + folder)
            .filter {
                $0.hasSuffix(suffix) && !$0.split(separator: "/").contains { $0.first == "." }
            }
            .map { folder + "/" + $0 }
            .filter(isFile)
            .sorted()
    }

    static func bytes(_ path: String) throws -> Int {
        try URL(fileURLWithPath: root + "/" + path).resourceValues(forKeys: [.fileSizeKey])
            .fileSize ?? 0
    }

    /// Every Swift file, read once.
    static let swift = Result {
        try ["Sources", "Tests", "Benchmarks"].flatMap { try files(under: $0, suffix: ".swift") }
            .map { SourceText(path: $0, try text($0)) }
    }

    /// The Swift files of the modules, without their tests.
    static func sources() throws -> [SourceText] {
        try swift.get().filter { $0.path.hasPrefix("Sources/") }
    }

    private static func isFile(_ path: String) throws -> Bool {
        let values = try URL(fileURLWithPath: root + "/" + path)
            .resourceValues(forKeys: [.isRegularFileKey])
        return values.isRegularFile == true
    }
}
