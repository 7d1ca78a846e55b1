import Histories

/// The digests of the latest events that were sent, by lane and number.
///
/// Bounded: `limit` digests in all. Until then nothing is forgotten; from then on a lane that goes
/// on forgets its oldest ones.
struct SentDigests: Sendable {
    private struct Lane: Sendable {
        /// The number whose digest is the oldest that it has room for.
        var first: UInt64
        /// The digest of `n` at `n` modulo their count, a power of two; 0 for none.
        var words: [UInt64]

        var mask: UInt64 { UInt64(words.count - 1) }
    }

    private static let leastRoom = 64

    /// Room for how many digests it has in all.
    private let limit: Int
    private var index = LaneIndex()
    private var lanes: [Lane] = []
    private var room = 0

    init(limit: Int = 1 << 20) {
        self.limit = limit
    }

    /// Notes the digest of event `n` of `lane`, which is not 0.
    @inline(__always)
    mutating func insert(_ digest: UInt64, lane: LaneID, n: UInt64) {
        let (number, isNew) = index.findOrAdd(lane)
        if isNew { addLane(startingAt: n) }
        if n &- lanes[number].first >= UInt64(lanes[number].words.count) {
            guard n > lanes[number].first else { return }
            makeRoom(number, for: n)
        }
        lanes[number].words[Int(truncatingIfNeeded: n & lanes[number].mask)] = digest
    }

    /// The digest of event `n` of `lane`, or 0.
    @inline(__always)
    func find(lane: LaneID, n: UInt64) -> UInt64 {
        guard let number = index.number(of: lane),
            n &- lanes[number].first < UInt64(lanes[number].words.count)
        else { return 0 }
        return lanes[number].words[Int(truncatingIfNeeded: n & lanes[number].mask)]
    }

    @inline(never)
    private mutating func addLane(startingAt n: UInt64) {
        // Numbers a little lower may come a little later.
        let first = n - min(n, UInt64(Self.leastRoom / 2))
        lanes.append(Lane(first: first, words: Array(repeating: 0, count: Self.leastRoom)))
        room += Self.leastRoom
    }

    /// Grows a lane until it can hold `n`, then lets its oldest digests go.
    @inline(never)
    private mutating func makeRoom(_ number: Int, for n: UInt64) {
        var lane = lanes[number]
        lanes[number].words = []
        while n - lane.first >= UInt64(lane.words.count), room + lane.words.count <= limit {
            room += lane.words.count
            var words = Array(repeating: UInt64(0), count: lane.words.count * 2)
            let mask = UInt64(words.count - 1)
            for step in 0..<UInt64(lane.words.count) {
                let n = lane.first &+ step
                words[Int(truncatingIfNeeded: n & mask)] =
                    lane.words[Int(truncatingIfNeeded: n & lane.mask)]
            }
            lane.words = words
        }
        let count = UInt64(lane.words.count)
        if n - lane.first >= count {
            let target = n - count + 1
            for gone in lane.first..<min(target, lane.first + count) {
                lane.words[Int(truncatingIfNeeded: gone & lane.mask)] = 0
            }
            lane.first = target
        }
        lanes[number] = lane
    }
}
