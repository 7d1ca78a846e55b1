import FoundationEssentials
import Messaging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension ChildProcess {
    /// Set once for the whole process: a broker that dies must show as an error, not kill us.
    ///
    /// A pipe, unlike a socket, offers no way to suppress the signal for one call.
    static let ignoreBrokenPipes: Void = {
        _ = signal(SIGPIPE, SIG_IGN)
    }()

    /// Starts the program with `input` and `output` as its standard input and output.
    static func spawn(
        _ command: [String],
        environment: [String: String],
        workingDirectory: String?,
        input: CInt,
        output: CInt
    ) throws(DriverFailure) -> pid_t {
        let words = try arguments(command, in: workingDirectory)
        var pid: pid_t = 0
        let plan = SpawnPlan(input: input, output: output)
        let list = CStrings(words)
        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let variables = CStrings(merged.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })
        // SAFETY: every argument outlives the call, and both lists end with a null pointer.
        let result = unsafe posix_spawnp(
            &pid,
            words[0],
            &plan.actions,
            &plan.attributes,
            list.pointers,
            variables.pointers
        )
        guard result == 0 else {
            throw .unavailable(
                what: "the broker program `\(words[0])`",
                remedy: "\(systemMessage(result)); check the driver's command"
            )
        }
        return pid
    }

    /// The words to start: the command itself, or a shell that goes to the directory first.
    ///
    /// POSIX 2008 has no way to ask `posix_spawn` for it.
    private static func arguments(
        _ command: [String],
        in directory: String?
    )
        throws(DriverFailure) -> [String]
    {
        guard let program = command.first, !program.isEmpty else {
            throw .unavailable(
                what: "the broker program",
                remedy: "give its command as a list of words"
            )
        }
        guard let directory else { return command }
        // SAFETY: the path is a valid C string for the length of the call.
        guard unsafe access(directory, X_OK) == 0 else {
            throw .unavailable(
                what: "the broker program's directory `\(directory)`",
                remedy: "\(systemMessage(errno)); check the driver's directory"
            )
        }
        return ["/bin/sh", "-c", "cd -- \"$0\" && exec \"$@\"", directory] + command
    }
}

/// What the system is told about a program to start; frees its parts at the end.
@safe
private final class SpawnPlan {
    #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t? = nil
    var attributes: posix_spawnattr_t? = nil
    #else
    // SAFETY: initialised by `init` before any use.
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    #endif

    init(input: CInt, output: CInt) {
        // SAFETY: both are initialised first, used here and destroyed once, at the end.
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        // An ignored SIGPIPE and a blocked signal would be inherited; the program gets neither.
        // SAFETY: the sets are ours, and are copied by the calls.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    deinit {
        // SAFETY: initialised in `init`, destroyed only here.
        unsafe posix_spawn_file_actions_destroy(&actions)
        unsafe posix_spawnattr_destroy(&attributes)
    }
}

/// A list of C strings that ends with a null pointer.
@safe
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        // SAFETY: room for every string and the end mark, all initialised here.
        unsafe pointers = .allocate(capacity: count + 1)
        for (index, text) in texts.enumerated() {
            unsafe (pointers + index).initialize(to: strdup(text))
        }
        unsafe (pointers + count).initialize(to: nil)
    }

    deinit {
        // SAFETY: each string came from strdup, and all entries are trivial.
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}

/// A pipe whose ends are closed with it unless they were taken out.
struct Pipe: ~Copyable {
    private(set) var read: CInt
    private(set) var write: CInt

    /// Makes a pipe that programs which this process starts do not inherit by accident.
    init() throws(DriverFailure) {
        var ends: [CInt] = [-1, -1]
        // SAFETY: the array has the two entries that the call fills.
        let result = unsafe pipe(&ends)
        for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        read = ends[0]
        write = ends[1]
        guard result == 0 else {
            throw .unavailable(
                what: "a pipe to the broker program",
                remedy: "\(systemMessage(errno)); raise the limit of open files (ulimit -n)"
            )
        }
    }

    deinit {
        if read >= 0 { close(read) }
        if write >= 0 { close(write) }
    }

    /// Hands out the end to write to, made non-blocking; the taker closes it.
    mutating func takeWriteEnd() -> CInt {
        defer { write = -1 }
        return Self.nonBlocking(write)
    }

    /// Hands out the end to read from, made non-blocking; the taker closes it.
    mutating func takeReadEnd() -> CInt {
        defer { read = -1 }
        return Self.nonBlocking(read)
    }

    private static func nonBlocking(_ descriptor: CInt) -> CInt {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        return descriptor
    }
}

private func systemMessage(_ code: CInt) -> String {
    // SAFETY: strerror returns a valid C string; it is copied at once.
    unsafe String(cString: strerror(code))
}
