internal import Messaging

/// What a partition remembers of one producer, to recognise the repeat of an event.
///
/// The last 1,024 sequence numbers of the newest epoch, with the offsets they were stored at. A
/// number inside that window that was never stored is new however late it comes: gaps are allowed.
/// Belongs to the producer's end. Its memory is allocated by the first idempotent event.
struct ProducerLane {
    /// What to do with an event.
    enum Decision: Equatable {
        case store
        /// It was stored at this offset before, or -1 if it was dropped as declared.
        case repeated(Int64)
        /// Its epoch is over, or it is too old to tell.
        case refuse
    }

    /// How many numbers back a repeat is recognised.
    static let window = 1024

    private static let unknown = Int64.min

    /// The offset of each remembered number, at that number modulo the window.
    private var offsets: [Int64] = []
    private var newest: UInt64 = 0
    private var epoch: UInt8 = 0

    /// Whether `n` is beyond everything seen in the newest epoch.
    func isAhead(epoch: UInt8, _ n: UInt64) -> Bool {
        !offsets.isEmpty && epoch == self.epoch && n > newest
    }

    /// What to do with number `n` of `epoch`.
    func decide(epoch: UInt8, _ n: UInt64) -> Decision {
        guard !offsets.isEmpty, epoch <= self.epoch else { return .store }
        guard epoch == self.epoch else { return .refuse }
        guard n <= newest else { return .store }
        guard newest &- n < UInt64(Self.window) else { return .refuse }
        let offset = offsets[Self.index(n)]
        return offset == Self.unknown ? .store : .repeated(offset)
    }

    /// Remembers that `count` numbers from `n` on were stored at `offset` and on (-1: dropped).
    mutating func remember(epoch: UInt8, from n: UInt64, count: Int, at offset: Int64) {
        if offsets.isEmpty || epoch != self.epoch { begin(epoch, at: n) }
        for index in 0..<count {
            let number = n &+ UInt64(index)
            if number > newest { advance(to: number) }
            offsets[Self.index(number)] = offset < 0 ? offset : offset &+ Int64(index)
        }
    }

    private mutating func begin(_ epoch: UInt8, at n: UInt64) {
        if offsets.isEmpty {
            offsets = Array(repeating: Self.unknown, count: Self.window)
        } else {
            for index in offsets.indices { offsets[index] = Self.unknown }
        }
        self.epoch = epoch
        newest = n
    }

    private mutating func advance(to n: UInt64) {
        let skipped = min(n &- newest, UInt64(Self.window))
        for step in 0..<skipped { offsets[Self.index(n &- step)] = Self.unknown }
        newest = n
    }

    private static func index(_ n: UInt64) -> Int {
        Int(truncatingIfNeeded: n) & (window - 1)
    }
}
