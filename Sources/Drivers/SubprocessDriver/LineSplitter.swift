import FoundationEssentials

/// Cuts what arrives into lines.
///
/// Holds at most one unfinished line of `limit` bytes; what to do at the limit is the reader's.
struct LineSplitter {
    private var bytes: [UInt8] = []
    private var start = 0
    private var scanned = 0
    let limit: Int

    /// Makes a splitter for lines of up to `limit` bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Whether the line that has begun is already longer than allowed.
    var isOverlong: Bool { bytes.count - start > limit && scanned - start > limit }

    /// What has arrived of the line that has begun.
    var unfinished: ArraySlice<UInt8> { bytes[start...] }

    /// Takes what has arrived.
    ///
    /// - Safety: `arrived` is readable for the length of the call.
    @unsafe mutating func append(_ arrived: UnsafeRawBufferPointer) {
        if start > 0 {
            bytes.removeFirst(start)
            scanned -= start
            start = 0
        }
        // SAFETY: the caller's bytes are readable.
        unsafe bytes.append(contentsOf: arrived)
    }

    /// The next whole line without its end, if one is there.
    mutating func next() -> Data? {
        guard let end = bytes[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
            scanned = bytes.count
            return nil
        }
        defer {
            start = end + 1
            scanned = start
        }
        return Data(bytes[start..<end])
    }
}
