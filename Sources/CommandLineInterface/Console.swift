import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Standard output for data, standard error for everything else.
enum Console {
    /// Writes `text` and a line end to standard output.
    static func print(_ text: String) {
        write(text + "\n", to: .standardOutput)
    }

    /// Writes `text` and a line end to standard error.
    static func complain(_ text: String) {
        write(text + "\n", to: .standardError)
    }

    /// Writes `text` as it is to standard error.
    static func note(_ text: String) {
        write(text, to: .standardError)
    }

    /// Whether a person watches standard error.
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether a person reads standard output.
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// A closed pipe or a full disk behind standard output is not worth losing a run for: what
    /// cannot be written there is lost, the results folder is not.
    private static func write(_ text: String, to handle: FileHandle) {
        do {
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            return
        }
    }
}
