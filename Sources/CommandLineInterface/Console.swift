import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Standard output for data, standard error for everything else.
enum Console {
    private static let hasComplainedOfOutput = Atomic<Bool>(false)

    /// Makes the standard streams safe to write to; before anything else is opened.
    ///
    /// A reader that goes away or a file that may not grow must not kill a run: both are told by
    /// the call. A stream that was closed must not lend its number to a results file.
    static func prepare() {
        for number in [SIGPIPE, SIGXFSZ] { _ = signal(number, SIG_IGN) }
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
            // The lowest free number is given out, and that is this one.
            // SAFETY: the path is bridged for the length of the call.
            _ = unsafe open("/dev/null", O_RDWR)
        }
    }

    /// Writes `text` and a line end to standard output.
    ///
    /// What cannot be written there is not worth losing a run for: it is said once on standard
    /// error, unless the reader has simply seen enough.
    static func print(_ text: String) {
        let code = write(text + "\n", to: STDOUT_FILENO)
        guard code != 0, code != EPIPE else { return }
        guard !hasComplainedOfOutput.exchange(true, ordering: .relaxed) else { return }
        complain("error: cannot write to standard output: \(SystemError.text(code))")
    }

    /// Writes `text` and a line end to standard error.
    static func complain(_ text: String) {
        _ = write(text + "\n", to: STDERR_FILENO)
    }

    /// Writes `text` as it is to standard error.
    static func note(_ text: String) {
        _ = write(text, to: STDERR_FILENO)
    }

    /// Writes everything; 0, or the error number of what went wrong.
    private static func write(_ text: String, to stream: Int32) -> Int32 {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // SAFETY: the bytes are used inside the closure alone, and all of them are readable.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Foundation.write(stream, $0.baseAddress, $0.count)
            }
            if count > 0 { rest = rest.dropFirst(count) }
            if count < 0, errno == EAGAIN {
                waitForRoom(in: stream)
            } else if count <= 0, errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// Waits until a stream that somebody made non-blocking takes more.
    private static func waitForRoom(in stream: Int32) {
        var request = pollfd(fd: stream, events: Int16(POLLOUT), revents: 0)
        // SAFETY: one request is read and written, and no pointer kept.
        _ = unsafe poll(&request, 1, -1)
    }
}

/// What the system says of an error number.
enum SystemError {
    static func text(_ code: Int32) -> String {
        // SAFETY: `strerror` gives a string that lives until the thread's next call of it.
        unsafe String(cString: strerror(code))
    }
}
