import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Turns signals into exit codes: Ctrl-C into an orderly end, a trap into a fault of Gyre's own.
enum InterruptWatch {
    private static let presses = Atomic<Int>(0)

    /// Whether the user wants everything to end.
    static var isInterrupted: Bool { presses.load(ordering: .relaxed) > 0 }

    /// Listens to SIGINT, SIGTERM and SIGHUP from now on: the first one drains and records, the
    /// second stops at once.
    ///
    /// What is ignored stays so, as after `nohup` and in the background of a script.
    static func begin() {
        // Reading it here initialises it: the handler must not.
        guard !isInterrupted else { return }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            handle(number, unless: { $0 == address(of: SIG_IGN) }) { _ in InterruptWatch.press() }
        }
    }

    /// Says so and exits with 70 when Gyre itself crashes from now on.
    ///
    /// Swift has then told on standard error what went wrong. Signals that somebody else handles,
    /// such as Swift's backtracer, stay his.
    static func catchOwnFaults() {
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
            handle(number, unless: { $0 != address(of: SIG_DFL) }) { _ in
                InterruptWatch.endWithOwnFault()
            }
        }
    }

    /// Installs `handler`, unless what was there before is to be kept.
    private static func handle(
        _ number: Int32,
        unless isKept: (Int) -> Bool,
        _ handler: @convention(c) (Int32) -> Void
    ) {
        var before = sigaction()
        // SAFETY: one action is written, and no pointer kept.
        guard unsafe sigaction(number, nil, &before) == 0 else { return }
        guard isKept(address(of: signal(number, handler))) else { return }
        // SAFETY: one action is read, the one that the system has just given.
        _ = unsafe sigaction(number, &before, nil)
    }

    /// Handlers are compared as addresses, never called.
    private static func address(of handler: (@convention(c) (Int32) -> Void)?) -> Int {
        // SAFETY: a C function is one address, and 0 stands for none.
        unsafe unsafeBitCast(handler, to: Int.self)
    }

    /// Runs in the signal handler: an atomic, one `write`, perhaps `_exit`; nothing else is safe.
    private static func press() {
        let before = presses.add(1, ordering: .relaxed).oldValue
        guard before == 0 else { _exit(GyreExit.interrupted.rawValue) }
        say("\ninterrupted: draining and recording; again to stop at once\n")
    }

    /// Runs in the signal handler of a broken process: one `write` and `_exit`.
    private static func endWithOwnFault() {
        say("\nerror: a fault of Gyre itself; please report it with the command and the lines above\n")
        _exit(GyreExit.ownFault.rawValue)
    }

    private static func say(_ text: StaticString) {
        // SAFETY: a static string's bytes are always readable. What `write` says cannot matter
        // here.
        _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
}
