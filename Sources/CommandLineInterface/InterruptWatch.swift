import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Turns Ctrl-C into an orderly end: the first one drains and records, the second stops at once.
enum InterruptWatch {
    private static let presses = Atomic<Int>(0)

    /// Whether the user wants everything to end.
    static var isInterrupted: Bool { presses.load(ordering: .relaxed) > 0 }

    /// Listens to SIGINT, SIGTERM and SIGHUP from now on: the first one drains and records, the
    /// second stops at once.
    ///
    /// An ignored SIGHUP stays so: `nohup` asked for it.
    static func begin() {
        // Reading it here initialises it: the handler must not.
        guard !isInterrupted else { return }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let before = signal(number) { _ in InterruptWatch.press() }
            guard number == SIGHUP, address(of: before) == address(of: SIG_IGN) else { continue }
            signal(number, SIG_IGN)
        }
    }

    /// A handler is compared as an address, never called.
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

    private static func say(_ text: StaticString) {
        // SAFETY: a static string's bytes are always readable. What `write` says cannot matter
        // here.
        _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
}
