import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What stands behind one of the standard streams, and what it can show.
struct Terminal {
    /// Whether a person is there.
    let isPresent: Bool
    /// How many columns fit on a line; `nil` if nobody says.
    let columns: Int?
    /// Whether it obeys escape sequences.
    let isCapable: Bool
    /// Whether the user wants colour.
    let wantsColor: Bool

    static let output = Terminal(stream: STDOUT_FILENO)
    static let error = Terminal(stream: STDERR_FILENO)

    private init(stream: Int32) {
        let environment = ProcessInfo.processInfo.environment
        isPresent = isatty(stream) == 1
        let kind = environment["TERM"] ?? ""
        isCapable = isPresent && kind != "dumb" && !kind.isEmpty
        // https://no-color.org: any value but an empty one.
        wantsColor = (environment["NO_COLOR"] ?? "").isEmpty
        columns = isPresent ? Self.columns(of: stream) : nil
    }

    /// The present width: the user may have changed it.
    static func columns(of stream: Int32) -> Int? {
        var size = winsize()
        // SAFETY: one `winsize` is written, and no pointer kept.
        guard unsafe ioctl(stream, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }
}
