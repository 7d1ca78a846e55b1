internal import Messaging

/// The claimed batches of one group in one partition, oldest first: one bitmap each.
///
/// While all is well this is everything a group remembers of its events: a batch goes as soon as
/// its last event is settled and it is the oldest.
struct LeaseLedger {
    /// Up to 64 consecutive offsets handed out at one time.
    struct ClaimedBatch {
        var start: UInt64
        var count: UInt64
        /// Bit i is set while offset `start` + i awaits its answer.
        var open: UInt64
        var deadline: Instant

        var end: UInt64 { start &+ count }
    }

    /// Offsets that fit one batch: the bits of its bitmap.
    static let longestBatch = 64

    private var batches: [ClaimedBatch]
    private var head = 0
    private(set) var count = 0
    /// Events that await their answer, over all batches.
    private(set) var open = 0

    /// A ledger with room for `capacity` batches, a power of two.
    init(capacity: Int) {
        let vacant = ClaimedBatch(start: 0, count: 0, open: 0, deadline: .zero)
        batches = Array(repeating: vacant, count: capacity)
    }

    var isFull: Bool { count == batches.count }

    /// The oldest batch.
    var oldest: ClaimedBatch? { count == 0 ? nil : batches[head] }

    /// The lowest offset that awaits its answer.
    var lowestOpen: UInt64? {
        guard let oldest else { return nil }
        return oldest.start &+ UInt64(oldest.open.trailingZeroBitCount)
    }

    /// Adds a batch behind all others; one without open events is not kept.
    mutating func add(_ batch: ClaimedBatch) {
        guard batch.open != 0 else { return }
        precondition(!isFull, "lease ledger is full")
        batches[(head &+ count) & (batches.count &- 1)] = batch
        count &+= 1
        open &+= batch.open.nonzeroBitCount
    }

    /// Closes the part of `range` that lies in the batch of its first offset, and says how many.
    ///
    /// 0, with nothing changed, unless all of that part is open and its lease not over. Constant
    /// time when it is the oldest batch, which it is in order.
    mutating func close(_ range: Range<UInt64>, at now: Instant) -> Int {
        guard let index = index(holding: range.lowerBound) else { return 0 }
        let batch = batches[index]
        let count = Int(min(range.upperBound, batch.end) &- range.lowerBound)
        let bits = Self.mask(range.lowerBound &- batch.start, count)
        guard batch.open & bits == bits, now < batch.deadline else { return 0 }
        batches[index].open = batch.open & ~bits
        open &-= count
        removeClosed()
        return count
    }

    /// Whether `offset` awaits its answer, and until when.
    func deadline(of offset: UInt64) -> Instant? {
        guard let index = index(holding: offset) else { return nil }
        let batch = batches[index]
        return batch.open & Self.mask(offset &- batch.start, 1) == 0 ? nil : batch.deadline
    }

    /// Takes out the lowest open event of the oldest batch.
    mutating func takeLowestOpen() -> (offset: UInt64, deadline: Instant)? {
        guard let offset = lowestOpen else { return nil }
        let deadline = batches[head].deadline
        batches[head].open &= batches[head].open &- 1
        open &-= 1
        removeClosed()
        return (offset, deadline)
    }

    /// Takes out `offset`, which must be open.
    mutating func take(_ offset: UInt64) {
        guard let index = index(holding: offset) else {
            preconditionFailure("offset \(offset) is not claimed")
        }
        let bit = Self.mask(offset &- batches[index].start, 1)
        precondition(batches[index].open & bit != 0, "offset \(offset) is not open")
        batches[index].open &= ~bit
        open &-= 1
        removeClosed()
    }

    /// A word with `count` bits set from bit `first` on.
    static func mask(_ first: UInt64, _ count: Int) -> UInt64 {
        (UInt64.max &>> UInt64(64 &- count)) &<< first
    }

    private mutating func removeClosed() {
        while count > 0, batches[head].open == 0 {
            head = (head &+ 1) & (batches.count &- 1)
            count &-= 1
        }
    }

    private func index(holding offset: UInt64) -> Int? {
        guard count > 0, offset >= batches[head].start else { return nil }
        if offset < batches[head].end { return head }
        var low = 1
        var high = count
        while low < high {
            let middle = (low &+ high) / 2
            let batch = batches[(head &+ middle) & (batches.count &- 1)]
            if offset >= batch.end { low = middle &+ 1 } else { high = middle }
        }
        let index = (head &+ low) & (batches.count &- 1)
        return low < count && batches[index].start <= offset ? index : nil
    }
}
