import Foundation
import Synchronization

/// A terminal that nobody looks at, behind a child's standard streams.
final class PseudoTerminal: Sendable {
    /// The child's end, to be handed to it and closed.
    let end: FileHandle
    private let screen: FileHandle
    private let shown = Mutex(Data())
    private let (updates, signal) = AsyncStream.makeStream(of: Void.self)

    /// A terminal of this width; `nil` if the system has no pseudo terminals.
    init?(columns: UInt16) {
        let primary = posix_openpt(O_RDWR | O_NOCTTY)
        // SAFETY: the name lives until the next call, and is copied here.
        guard primary >= 0, grantpt(primary) == 0, unlockpt(primary) == 0,
            let name = unsafe ptsname(primary)
        else { return nil }
        let secondary = unsafe open(name, O_RDWR | O_NOCTTY)
        guard secondary >= 0 else { return nil }
        var size = winsize(ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        // SAFETY: one `winsize` is read, and no pointer kept.
        guard unsafe ioctl(secondary, UInt(TIOCSWINSZ), &size) == 0 else { return nil }
        screen = FileHandle(fileDescriptor: primary, closeOnDealloc: true)
        end = FileHandle(fileDescriptor: secondary, closeOnDealloc: true)
    }

    /// Reads whatever is shown until the child is gone.
    func watch() {
        DispatchQueue.global().async { [self] in
            while true {
                let bytes = screen.availableBytes
                guard !bytes.isEmpty else { break }
                shown.withLock { $0.append(bytes) }
                signal.yield()
            }
            signal.finish()
        }
    }

    /// Everything that was shown until now.
    var text: String { shown.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Waits until `part` is shown; false if the child ends before.
    func shows(_ part: String) async -> Bool {
        if text.contains(part) { return true }
        for await _ in updates where text.contains(part) { return true }
        return text.contains(part)
    }
}

extension FileHandle {
    /// What can be read now, after waiting for it; empty once the other side is gone.
    fileprivate var availableBytes: Data {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            // SAFETY: at most the chunk is written, and no pointer kept.
            let count = unsafe read(fileDescriptor, &chunk, chunk.count)
            // A pseudo terminal without a child gives EIO.
            guard count < 0, errno == EINTR else { return Data(chunk.prefix(max(0, count))) }
        }
    }
}
