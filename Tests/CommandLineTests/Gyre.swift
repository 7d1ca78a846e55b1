import Foundation
import Testing

/// The built executable, run as a child process.
struct Gyre {
    /// How a child process ended, and what it wrote.
    struct Outcome {
        /// Its exit code; `nil` if a signal killed it.
        var code: Int32?
        /// The signal that killed it; 0 if none did.
        var signal: Int32
        var output: String
        var errors: String

        /// What was written, for the text of an expectation that failed.
        var everything: String {
            "exit \(code.map { "\($0)" } ?? "by signal \(signal)")\n\(output)\n\(errors)"
        }
    }

    /// Longer than anything here takes on a busy machine; whoever needs more hangs.
    static let patience = Duration.seconds(120)

    /// Beside the test bundle, wherever that was built.
    static let executable: URL = {
        let bundles = Bundle.allBundles.map(\.bundleURL).filter { $0.pathExtension == "xctest" }
        let places = bundles + [Bundle.main.executableURL].compactMap(\.self)
        let candidates = places.map { $0.deletingLastPathComponent().appending(path: "gyre") }
        let found = candidates.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
        guard let found else {
            preconditionFailure("no executable gyre beside \(places.map(\.path))")
        }
        return found
    }()

    /// Runs `gyre` with `arguments` in `folder` to its end.
    static func run(
        _ arguments: [String],
        in folder: Workspace,
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await run(executable, arguments, in: folder, environment: environment)
    }

    /// Runs a line of shell in which `$GYRE` is the executable.
    static func shell(_ line: String, in folder: Workspace) async throws -> Outcome {
        let shell = URL(filePath: "/bin/sh")
        return try await run(shell, ["-c", line], in: folder, environment: [:])
    }

    private static func run(
        _ program: URL,
        _ arguments: [String],
        in folder: Workspace,
        environment: [String: String]
    ) async throws -> Outcome {
        try await Turns.shared.taking {
            let child = Child(program, arguments, in: folder, environment: environment)
            let output = Pipe()
            let errors = Pipe()
            try child.start(
                output: output.fileHandleForWriting,
                errors: errors.fileHandleForWriting
            )
            async let written = read(output)
            async let complained = read(errors)
            let ended = await child.end(within: patience)
            return Outcome(
                code: ended.code,
                signal: ended.signal,
                output: await written,
                errors: await complained
            )
        }
    }

    /// Everything until the last writer closes.
    private static func read(_ pipe: Pipe) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}

/// One child process with a time limit.
final class Child: @unchecked Sendable {
    // SAFETY: unsynchronised is `process`, which is set up before `start` and afterwards only asked
    // for its number and its end, both of which Foundation locks.
    // Checked by: nothing; the suite has one reader at a time.
    private let process = Process()
    private let ended: AsyncStream<Void>

    init(
        _ program: URL,
        _ arguments: [String],
        in folder: Workspace,
        environment: [String: String]
    ) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        ended = stream
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        process.standardInput = FileHandle.nullDevice
        var variables = ProcessInfo.processInfo.environment
        variables["GYRE"] = Gyre.executable.path
        // A backtrace of a crash that a test provokes takes seconds and says nothing.
        variables["SWIFT_BACKTRACE"] = "enable=no"
        variables["NO_COLOR"] = nil
        process.environment = variables.merging(environment) { $1 }
        process.terminationHandler = { _ in continuation.finish() }
    }

    var pid: Int32 { process.processIdentifier }

    /// Starts the child; the parent's copies of the handles are closed.
    func start(output: FileHandle, errors: FileHandle) throws {
        process.standardOutput = output
        process.standardError = errors
        try Self.withoutBlockedSignals { try process.run() }
        try output.close()
        try errors.close()
    }

    /// A child inherits which signals are blocked, and dispatch threads block most of them.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var usual = sigset_t()
        // SAFETY: each set is written or read in its call, and no pointer kept.
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &usual)
        defer {
            // SAFETY: as above.
            unsafe pthread_sigmask(SIG_SETMASK, &usual, nil)
        }
        try body()
    }

    func send(_ signal: Int32) {
        kill(pid, signal)
    }

    /// Waits for the end; kills and complains when that takes too long.
    func end(within patience: Duration) async -> (code: Int32?, signal: Int32) {
        let alarm = DispatchSource.makeTimerSource()
        alarm.schedule(deadline: .now() + .seconds(Int(patience.components.seconds)))
        alarm.setEventHandler { [process] in
            // It may have ended while nobody had the time to notice.
            guard process.isRunning else { return }
            Issue.record("no end after \(patience): \(process.arguments ?? [])")
            kill(process.processIdentifier, SIGKILL)
        }
        alarm.resume()
        for await _ in ended {}
        alarm.cancel()
        let status = process.terminationStatus
        return process.terminationReason == .exit ? (status, 0) : (nil, status)
    }
}

/// Lets few children run at a time: they measure, and they use all processors.
actor Turns {
    static let shared = Turns(most: max(2, ProcessInfo.processInfo.activeProcessorCount))

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(most: Int) {
        free = most
    }

    nonisolated func taking<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async rethrows -> Result {
        await take()
        do {
            let result = try await body()
            await giveBack()
            return result
        } catch {
            await giveBack()
            throw error
        }
    }

    private func take() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func giveBack() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
