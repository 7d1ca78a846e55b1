/// What travels through a ring on trial: it says which item it is, and whether it is whole.
protocol TrialItem: BitwiseCopyable, Sendable {
    init(tag: UInt64)
    var tag: UInt64 { get }
    var isWhole: Bool { get }
}

/// How a tag says which producer an item is from, and the how many-th of it, counted from 1.
enum ItemTag {
    static let producersMax = 4
    private static let producerShift: UInt64 = 48
    private static let numberMask: UInt64 = (1 << producerShift) - 1

    /// The tag of number 0, which no item has.
    static func base(_ producer: Int) -> UInt64 { UInt64(producer) << producerShift }

    @inline(__always)
    static func number(_ tag: UInt64) -> UInt64 { tag & numberMask }

    @inline(__always)
    static func producer(_ tag: UInt64) -> Int {
        Int(truncatingIfNeeded: tag >> producerShift) & (producersMax - 1)
    }
}

extension UInt64: TrialItem {
    init(tag: UInt64) { self = tag }
    var tag: UInt64 { self }
    var isWhole: Bool { true }
}

/// Whole cache lines, every word of which is the item's tag.
struct TaggedLines<let count: Int>: TrialItem {
    private var lines: InlineArray<count, SIMD8<UInt64>>

    @inline(__always)
    init(tag: UInt64) { lines = InlineArray(repeating: SIMD8(repeating: tag)) }

    @inline(__always)
    var tag: UInt64 { lines[0][0] }

    @inline(__always)
    var isWhole: Bool {
        let whole = SIMD8(repeating: tag)
        var difference = SIMD8<UInt64>.zero
        for index in 0..<count { difference |= lines[index] ^ whole }
        return difference == .zero
    }
}

/// Items on their way between a ring and a thread, in a buffer that the thread owns.
@safe
struct ItemBatch<Item: TrialItem>: ~Copyable {
    /// Room for a batch, of which `start..<end` is filled and not yet handed on.
    private let buffer: UnsafeMutableBufferPointer<Item>
    private var start = 0
    private var end = 0

    init(capacity: Int) {
        // SAFETY: initialised as a whole by the next line, so nothing reads what is not there.
        unsafe buffer = .allocate(capacity: capacity)
        unsafe buffer.initialize(repeating: Item(tag: 0))
    }

    deinit {
        // SAFETY: allocated by init; items are trivial.
        unsafe buffer.deallocate()
    }

    var isEmpty: Bool { start == end }

    /// Puts `count` items numbered from `first` on into the empty buffer.
    @inline(__always)
    mutating func fill(from first: UInt64, _ count: Int) {
        for index in 0..<count {
            // SAFETY: a batch has at most as many items as the buffer has places.
            unsafe buffer[index] = Item(tag: first &+ UInt64(truncatingIfNeeded: index))
        }
        (start, end) = (0, count)
    }

    /// Puts up to `count` items into the empty buffer, as many as `take` gives.
    @inline(__always)
    mutating func fill(upTo count: Int, _ take: () -> Item?) -> Int {
        (start, end) = (0, 0)
        while end < count, let item = take() {
            // SAFETY: as above.
            unsafe buffer[end] = item
            end &+= 1
        }
        return end
    }

    /// Lets `append` put up to `count` items into the empty buffer.
    @inline(__always)
    mutating func fill(upTo count: Int, appending append: (inout OutputSpan<Item>) -> Int) -> Int {
        // SAFETY: the span covers `count` places of the buffer, and all of them are trivial.
        let part = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<count])
        var output = unsafe OutputSpan(buffer: part, initializedCount: 0)
        let filled = append(&output)
        _ = unsafe output.finalize(for: part)
        (start, end) = (0, filled)
        return filled
    }

    /// Hands items on from the front for as long as `give` takes them.
    @inline(__always)
    mutating func empty(_ give: (Item) -> Bool) -> Int {
        let before = start
        // SAFETY: start < end, which is filled.
        while start < end, unsafe give(buffer[start]) { start &+= 1 }
        return start &- before
    }

    /// Hands items on from the front, as many as `give` says that it took.
    @inline(__always)
    mutating func empty(spans give: (Span<Item>) -> Int) -> Int {
        // SAFETY: the part is filled and outlives the call.
        let part = unsafe UnsafeBufferPointer(rebasing: buffer[start..<end])
        let given = unsafe give(part.span)
        start &+= given
        return given
    }

    /// Shows every item that has not been handed on to `check`.
    @inline(__always)
    func check(_ check: inout OrderCheck) {
        for index in start..<end {
            // SAFETY: filled.
            check.take(unsafe buffer[index])
        }
    }

    /// Forgets what has not been handed on.
    mutating func clear() { (start, end) = (0, 0) }
}
