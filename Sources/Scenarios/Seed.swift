/// Reads seeds: a number, or a Git commit, so that CI varies and can still be repeated.
enum Seed {
    /// A decimal number below 2^64, or the first 16 digits of a 40 or 64 digit Git hash.
    static func read(_ text: String) -> UInt64? {
        if text.utf8.count == 40 || text.utf8.count == 64, text.allSatisfy(\.isHexDigit) {
            return UInt64(text.prefix(16), radix: 16)
        }
        guard text.first != "+" else { return nil }
        return UInt64(text)
    }

    static let problem = "is no seed; write a number from 0 or a Git commit of 40 digits"
}
