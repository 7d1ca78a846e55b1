import Foundation

extension HistoryReader {
    /// How much of a file it asks for at once, in bytes.
    private static let pieceBytes = 1 << 20

    /// Reads the file at `path` to its end and hands every record to `body`.
    public mutating func readFile(
        _ path: String,
        _ body: (HistoryRecord) -> Void
    ) throws(HistoryError) {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .unreadable(path: path, reason: "there is no such readable file")
        }
        defer { file.closeFile() }
        while true {
            let piece: Data
            do {
                piece = try file.read(upToCount: Self.pieceBytes) ?? Data()
            } catch {
                let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
                let reason = (cause ?? error as NSError).localizedDescription
                throw .unreadable(path: path, reason: reason)
            }
            guard !piece.isEmpty else { break }
            try read(piece.span, body)
        }
        try finish(body)
    }
}
