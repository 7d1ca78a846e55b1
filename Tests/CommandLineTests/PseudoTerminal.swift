import Foundation
import Synchronization

/// A terminal that nobody looks at, behind a child's standard streams.
final class PseudoTerminal: Sendable {
    /// The child's end, to be handed to it and closed.
    let end: FileHandle
    private let screen: FileHandle
    private let shown = Mutex(Data())
    private let (updates, signal) = AsyncStream.makeStream(of: Void.self)

    /// Linux's requests for pseudo terminals; the header that names them is not imported.
    private static let unlock: UInt = 0x4004_5431
    private static let number: UInt = 0x8004_5430

    /// Whether this system has them, where Linux has them.
    static let arePossible = FileManager.default.isWritableFile(atPath: "/dev/ptmx")

    /// A terminal of this width; `nil` if the system has none to give.
    init?(columns: UInt16) {
        // SAFETY: paths are bridged for the length of the call, here and below.
        let primary = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
        guard primary >= 0 else { return nil }
        var lock: Int32 = 0
        var place: Int32 = 0
        var size = winsize(ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        // SAFETY: each request reads or writes its one value, and keeps no pointer.
        guard unsafe ioctl(primary, Self.unlock, &lock) == 0,
            unsafe ioctl(primary, Self.number, &place) == 0,
            unsafe ioctl(primary, UInt(TIOCSWINSZ), &size) == 0
        else { return nil }
        // SAFETY: as above.
        let secondary = unsafe open("/dev/pts/\(place)", O_RDWR | O_NOCTTY)
        guard secondary >= 0 else { return nil }
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
            let count = unsafe Foundation.read(fileDescriptor, &chunk, chunk.count)
            // A pseudo terminal without a child gives EIO.
            guard count < 0, errno == EINTR else { return Data(chunk.prefix(max(0, count))) }
        }
    }
}
