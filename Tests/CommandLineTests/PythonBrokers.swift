import Foundation

/// The brokers in Python that tests start.
enum PythonBrokers {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Brokers").path

    /// What starts `broker`, a file name with arguments.
    static func command(_ broker: String) -> String { "python3 \(folder)/\(broker)" }

    /// Whether there is something to run them with.
    static let canRun = (ProcessInfo.processInfo.environment["PATH"] ?? "")
        .split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: $0 + "/python3") }
}
