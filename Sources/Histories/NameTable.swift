/// Numbers texts densely, in order of appearance, without making strings of them.
///
/// Bounded by its users; beyond `bytesLimit` bytes of text it takes no more.
struct NameTable: Sendable, Hashable {
    private struct Slot: Sendable, Hashable {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var count: UInt32 = 0
        /// The text's number + 1; 0 for an empty slot.
        var number: UInt32 = 0
    }

    /// All texts, one after the other.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var slots: [Slot] = []

    /// How many bytes of text it keeps at most.
    static let bytesLimit = 1 << 26

    /// A table of `texts`, numbered as they stand.
    init(_ texts: [String] = []) {
        for text in texts {
            let bytes = Array(text.utf8)
            _ = add(LineText(text), from: bytes.span)
        }
    }

    /// How many texts it holds.
    var count: Int { ends.count }

    /// The text with this number.
    subscript(number: Int) -> String {
        String(decoding: bytes[start(of: number)..<ends[number]], as: UTF8.self)
    }

    /// The number of `text`, whose bytes are at its place in `source`; `nil` for a new one.
    @inline(__always)
    private func find(_ text: LineText, in source: Span<UInt8>) -> Int? {
        guard !slots.isEmpty else { return nil }
        let wanted = identity(text, source)
        var place = home(wanted)
        while slots[place].number != 0 {
            if slots[place].low == wanted.low && slots[place].high == wanted.high
                && slots[place].count == wanted.count
                && (text.isShort || isSame(Int(slots[place].number) - 1, text, source))
            {
                return Int(slots[place].number) &- 1
            }
            place = (place &+ 1) & (slots.count &- 1)
        }
        return nil
    }

    /// The number of `text`, and whether it has just been given; `nil` at a limit.
    @inline(__always)
    mutating func findOrAdd(
        _ text: LineText,
        in source: Span<UInt8>,
        limit: Int
    ) -> (number: Int, isNew: Bool)? {
        if let known = find(text, in: source) { return (known, false) }
        guard count < limit, add(text, from: source) else { return nil }
        return (count &- 1, true)
    }

    /// Adds a text that it does not hold; says whether there was room.
    @inline(never)
    private mutating func add(_ text: LineText, from source: Span<UInt8>) -> Bool {
        guard bytes.count + text.count <= Self.bytesLimit else { return false }
        for index in text.start..<text.start + text.count { bytes.append(source[index]) }
        ends.append(bytes.count)
        if ends.count * 2 > slots.count { grow() }
        var slot = identity(text, source)
        slot.number = UInt32(ends.count)
        place(slot)
        return true
    }

    private func start(of number: Int) -> Int { number == 0 ? 0 : ends[number - 1] }

    private func isSame(_ number: Int, _ text: LineText, _ source: Span<UInt8>) -> Bool {
        let start = start(of: number)
        for index in 0..<text.count where bytes[start + index] != source[text.start + index] {
            return false
        }
        return true
    }

    /// A short text is its own identity; a longer one has a hash (FNV-1a) and its end.
    @inline(__always)
    private func identity(_ text: LineText, _ source: Span<UInt8>) -> Slot {
        let count = UInt32(truncatingIfNeeded: text.count)
        guard !text.isShort else { return Slot(low: text.low, high: text.high, count: count) }
        return Slot(low: text.hash(in: source), high: text.low, count: count)
    }

    @inline(__always)
    private func home(_ slot: Slot) -> Int {
        let mixed = (slot.low ^ slot.high &* 0xD6E8_FEB8_6659_FD93) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed &>> 32) & (slots.count &- 1)
    }

    private mutating func place(_ slot: Slot) {
        var place = home(slot)
        while slots[place].number != 0 { place = (place + 1) & (slots.count - 1) }
        slots[place] = slot
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: max(64, old.count * 2))
        for slot in old where slot.number != 0 { place(slot) }
    }
}
