/// Finds one of a few words that are known beforehand, none longer than sixteen bytes.
struct WordTable: Sendable {
    private struct Slot: Sendable {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var count = 0
        /// The word's number; negative for an empty slot.
        var number = -1
    }

    private var slots: [Slot]
    /// The words, by number.
    let words: [String]

    init(_ words: [String]) {
        self.words = words
        var size = 4
        while size < words.count * 4 { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        for (number, word) in words.enumerated() {
            let text = LineText(word)
            precondition(text.isShort && !word.isEmpty, "a word has 1 to 16 bytes")
            var place = home(text)
            while slots[place].number >= 0 { place = (place + 1) & (slots.count - 1) }
            slots[place] = Slot(
                low: text.low,
                high: text.high,
                count: text.count,
                number: number
            )
        }
    }

    /// The number of the word that `text` is.
    @inline(__always)
    func find(_ text: LineText) -> Int? {
        guard text.isShort else { return nil }
        var place = home(text)
        while slots[place].number >= 0 {
            if slots[place].low == text.low && slots[place].high == text.high
                && slots[place].count == text.count
            {
                return slots[place].number
            }
            place = (place &+ 1) & (slots.count &- 1)
        }
        return nil
    }

    @inline(__always)
    private func home(_ text: LineText) -> Int {
        let mixed = (text.low ^ text.high &* 0xD6E8_FEB8_6659_FD93) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed &>> 40) & (slots.count &- 1)
    }
}
