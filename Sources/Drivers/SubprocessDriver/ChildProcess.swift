import Messaging
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A program that this process started, with pipes to its standard input and output.
///
/// It leads a process group of its own, so that ending it ends its children too and a Ctrl-C at
/// the terminal reaches Gyre alone, which then drains in order. If Gyre itself dies, the
/// program reads the end of its input. One owner at a time; nothing here locks.
final class ChildProcess {
    /// What became of an attempt to move bytes.
    enum Transfer: Equatable {
        /// So many bytes moved.
        case moved(Int)
        /// None for now.
        case wouldBlock
        /// The other side has closed, or the pipe failed.
        case closed
    }

    /// How a program ended.
    enum Ending: CustomStringConvertible {
        /// By itself, with this code.
        case exited(CInt)
        /// By this signal.
        case killed(CInt)

        var description: String {
            switch self {
            case .exited(let code): "it exited with code \(code)"
            case .killed(let signal): "it was killed by signal \(signal)"
            }
        }
    }

    private let pid: pid_t
    private var input: CInt
    private let output: CInt
    private var reapedStatus: CInt?

    /// Starts `command`, whose first word is looked up in `PATH`.
    ///
    /// - Throws: `.unavailable` if the program or the directory cannot be used.
    init(
        command: [String],
        environment: [String: String],
        workingDirectory: String?
    )
        throws(DriverFailure)
    {
        Self.ignoreBrokenPipes
        (pid, input, output) = try Self.starting.withLock { _ throws(DriverFailure) in
            var toChild = try Pipe()
            var fromChild = try Pipe()
            let pid = try Self.spawn(
                command,
                environment: environment,
                workingDirectory: workingDirectory,
                input: toChild.read,
                output: fromChild.write
            )
            return (pid, toChild.takeWriteEnd(), fromChild.takeReadEnd())
        }
    }

    /// One start at a time, or a pipe could slip into another program between its making and
    /// its marking, and would then never end.
    private static let starting = Mutex(())

    deinit {
        end(patienceMilliseconds: 0)
        close(output)
    }

    /// Writes what fits of `bytes`.
    ///
    /// - Safety: `bytes` is readable for the length of the call.
    @unsafe func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        guard input >= 0 else { return .closed }
        // SAFETY: the caller's bytes are readable, and no more than their count is written.
        return transfer(unsafe writeSome(to: input, bytes))
    }

    /// Reads what is there into `bytes`.
    ///
    /// - Safety: `bytes` is writable for the length of the call.
    @unsafe func read(into bytes: UnsafeMutableRawBufferPointer) -> Transfer {
        // SAFETY: the caller's bytes are writable, and no more than their count is read.
        let moved = transfer(unsafe readSome(from: output, bytes))
        return moved == .moved(0) ? .closed : moved
    }

    /// Waits until there is something to read or room to write, as asked.
    func wait(forReading reading: Bool, forWriting writing: Bool, milliseconds: Int) {
        var ends: [pollfd] = []
        if reading { ends.append(pollfd(fd: output, events: Int16(POLLIN), revents: 0)) }
        if writing, input >= 0 {
            ends.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0))
        }
        // SAFETY: the array holds as many entries as its count says.
        _ = unsafe poll(&ends, nfds_t(ends.count), CInt(clamping: milliseconds))
    }

    /// How the program ended; `nil` while it runs.
    ///
    /// Once it has ended, what is left of its process group is killed and it is reaped.
    func ending() -> Ending? {
        if reapedStatus == nil, hasExited { reap() }
        guard let status = reapedStatus else { return nil }
        // The layout that the macros of <sys/wait.h> know.
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal)
    }

    /// Lets the program read the end of its input.
    func closeInput() {
        guard input >= 0 else { return }
        close(input)
        input = -1
    }

    /// Ends the program: closes its input, waits, then SIGTERM, then SIGKILL to its whole group.
    ///
    /// What it still writes is thrown away meanwhile. It is reaped when this returns.
    func end(patienceMilliseconds: Int) {
        closeInput()
        guard reapedStatus == nil else { return }
        if !exits(within: patienceMilliseconds) {
            kill(-pid, SIGTERM)
            _ = exits(within: Self.patienceAfterSignal)
        }
        reap()
    }

    /// How long a program may take to end after SIGTERM before it is killed.
    private static let patienceAfterSignal = 500

    private func exits(within milliseconds: Int) -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while !hasExited {
            guard ContinuousClock.now < deadline else { return false }
            discardOutput()
            // No descriptor becomes ready when a process exits, hence the short nap.
            _ = poll(nil, 0, 2)
        }
        return true
    }

    private func discardOutput() {
        // SAFETY: the temporary allocation is writable within this closure.
        unsafe withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { scratch in
            // One pipe's worth and more, but not for ever: it may be writing without end.
            for _ in 0..<16 { guard case .moved = unsafe read(into: scratch) else { return } }
        }
    }

    /// Whether it has ended; leaves it unreaped, so that its number stays reserved.
    private var hasExited: Bool {
        // SAFETY: siginfo_t is plain memory for which zero is valid.
        var info = unsafe siginfo_t()
        // SAFETY: info is ours to write.
        let result = unsafe waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT)
        // SAFETY: every siginfo_t has this field.
        return result == 0 ? unsafe info.si_signo == SIGCHLD : true
    }

    private func reap() {
        // The unreaped leader keeps the group's number from being given to strangers.
        kill(-pid, SIGKILL)
        var status: CInt = 0
        // SAFETY: status is ours to write.
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        reapedStatus = status
    }
}

// Outside the class, whose own verbs would hide the system's.

private func writeSome(to descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    // SAFETY: no more than the buffer's count is written.
    unsafe write(descriptor, bytes.baseAddress, bytes.count)
}

private func readSome(from descriptor: CInt, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
    // SAFETY: no more than the buffer's count is read.
    unsafe read(descriptor, bytes.baseAddress, bytes.count)
}

private func transfer(_ result: Int) -> ChildProcess.Transfer {
    if result >= 0 { return .moved(result) }
    return errno == EAGAIN || errno == EINTR ? .wouldBlock : .closed
}
