/// Replaces comments and the contents of string literals by spaces, line by line.
///
/// Interpolated expressions are code and stay.
struct Blanking {
    private enum Context {
        /// Code, inside how many parentheses since an interpolation began.
        case code(depth: Int)
        case string(hashes: Int, isMultiline: Bool)
    }

    private let input: [UInt8]
    private var output: [UInt8]
    private var place = 0
    private var contexts: [Context] = [.code(depth: 0)]

    static func code(of text: String) -> String {
        var blanking = Blanking(input: Array(text.utf8))
        while blanking.place < blanking.input.count { blanking.step() }
        return String(decoding: blanking.output, as: UTF8.self)
    }

    private init(input: [UInt8]) {
        self.input = input
        output = input
    }

    private mutating func step() {
        switch contexts[contexts.count - 1] {
        case .code(let depth): stepInCode(depth)
        case .string(let hashes, let isMultiline): stepInString(hashes, isMultiline)
        }
    }

    private mutating func stepInCode(_ depth: Int) {
        switch input[place] {
        case Byte.slash where byte(at: place + 1) == Byte.slash:
            while byte(at: place) ?? Byte.newline != Byte.newline { blank() }
        case Byte.quote, Byte.hash:
            openString()
        case Byte.open:
            contexts[contexts.count - 1] = .code(depth: depth + 1)
            place += 1
        case Byte.close:
            if depth == 1, contexts.count > 1 {
                contexts.removeLast()
            } else {
                contexts[contexts.count - 1] = .code(depth: depth - 1)
            }
            place += 1
        default:
            place += 1
        }
    }

    private mutating func openString() {
        var hashes = 0
        while byte(at: place + hashes) == Byte.hash { hashes += 1 }
        guard byte(at: place + hashes) == Byte.quote else {
            place += hashes
            return
        }
        let isMultiline = isRun(of: Byte.quote, 3, at: place + hashes)
        contexts.append(.string(hashes: hashes, isMultiline: isMultiline))
        place += hashes + (isMultiline ? 3 : 1)
    }

    private mutating func stepInString(_ hashes: Int, _ isMultiline: Bool) {
        let quotes = isMultiline ? 3 : 1
        switch input[place] {
        case Byte.quote
        where isRun(of: Byte.quote, quotes, at: place)
            && isRun(of: Byte.hash, hashes, at: place + quotes):
            contexts.removeLast()
            place += quotes + hashes
        case Byte.backslash where isRun(of: Byte.hash, hashes, at: place + 1):
            if byte(at: place + 1 + hashes) == Byte.open {
                contexts.append(.code(depth: 1))
                place += hashes + 2
            } else {
                for _ in 0..<hashes + 2 { blank() }
            }
        default:
            blank()
        }
    }

    private func byte(at index: Int) -> UInt8? { index < input.count ? input[index] : nil }

    private func isRun(of byte: UInt8, _ count: Int, at start: Int) -> Bool {
        for index in start..<start + count where self.byte(at: index) != byte { return false }
        return true
    }

    private mutating func blank() {
        guard place < input.count else { return }
        if input[place] != Byte.newline { output[place] = Byte.space }
        place += 1
    }
}

/// The bytes that Swift's literals and comments are made of.
private enum Byte {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let hash = UInt8(ascii: "#")
    static let open = UInt8(ascii: "(")
    static let close = UInt8(ascii: ")")
    static let slash = UInt8(ascii: "/")
    static let backslash = UInt8(ascii: "\\")
}
