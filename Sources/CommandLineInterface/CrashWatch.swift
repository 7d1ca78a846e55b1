import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Turns a crash into the exit code of a fault of Gyre itself.
enum CrashWatch {
    private typealias Handler =
        @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

    /// The address of the handler that was there before: Swift's, which writes a backtrace.
    private static let earlier = Atomic<Int>(0)

    /// Exits with 70 when the process would be killed for a fault of its own from now on.
    static func begin() {
        // Reading it here initialises it: the handler must not.
        guard earlier.load(ordering: .relaxed) == 0 else { return }
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { watch(number) }
    }

    private static func watch(_ number: Int32) {
        #if canImport(Glibc)
        var action = sigaction()
        // SAFETY: one action is written, and no pointer kept.
        guard unsafe sigaction(number, nil, &action) == 0 else { return }
        // SAFETY: a handler is one address, compared and kept; which kind it is the flags say.
        let before = unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        let known = earlier.load(ordering: .relaxed)
        // A handler without a context, or of another owner, is left alone.
        guard before == 0 || action.sa_flags & SA_SIGINFO != 0,
            before == 0 || known == 0 || known == before
        else { return }
        if before != 0 { earlier.store(before, ordering: .relaxed) }
        let handler: Handler = { number, information, context in
            // SAFETY: the arguments are those that the system gave.
            unsafe CrashWatch.end(number, information, context)
        }
        action.sa_flags |= SA_SIGINFO
        // SAFETY: the member is the one that SA_SIGINFO names.
        unsafe action.__sigaction_handler.sa_sigaction = handler
        // SAFETY: one action is read, and no pointer kept.
        _ = unsafe sigaction(number, &action, nil)
        #endif
    }

    /// Runs in the signal handler of a broken process: the earlier handler, one `write`, `_exit`.
    private static func end(
        _ number: Int32,
        _ information: UnsafeMutablePointer<siginfo_t>?,
        _ context: UnsafeMutableRawPointer?
    ) {
        let address = earlier.load(ordering: .relaxed)
        if address != 0 {
            // SAFETY: the address is that of a handler with three arguments, as its flags said, and
            // these are what the system gave us.
            unsafe unsafeBitCast(address, to: Handler.self)(number, information, context)
        }
        let text: StaticString =
            "\nerror: a fault of Gyre itself; please report it with the command and these lines\n"
        // SAFETY: a static string's bytes are always readable.
        _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        _exit(GyreExit.ownFault.rawValue)
    }
}
