import Histories

/// Numbers lanes densely, in order of appearance.
///
/// A small direct-mapped cache stands before the dictionary: the lanes of a batch are few.
struct LaneIndex: Sendable {
    private struct Known {
        var packed: UInt64
        var number: Int
    }

    private var numbers: [LaneID: Int] = [:]
    private var cache: [Known]
    private static let cacheMask: UInt64 = 255

    /// The lanes, by number.
    private(set) var lanes: [LaneID] = []

    init() {
        let empty = Known(packed: .max, number: 0)
        cache = Array(repeating: empty, count: Int(Self.cacheMask) + 1)
    }

    /// The number of `lane`, or `nil` if it was never seen.
    @inline(__always)
    func number(of lane: LaneID) -> Int? {
        let known = cache[Self.place(of: lane)]
        return known.packed == lane.packed ? known.number : numbers[lane]
    }

    /// The number of `lane`, and whether it has just been given.
    @inline(__always)
    mutating func findOrAdd(_ lane: LaneID) -> (number: Int, isNew: Bool) {
        let known = cache[Self.place(of: lane)]
        return known.packed == lane.packed ? (known.number, false) : search(lane)
    }

    /// Producers differ in the low bits above 32, partitions in the lowest.
    @inline(__always)
    private static func place(of lane: LaneID) -> Int {
        let mixed =
            UInt64(lane.partition) &+ UInt64(lane.producer) &* 37 &+ UInt64(lane.topic) &* 11
        return Int(truncatingIfNeeded: mixed & cacheMask)
    }

    @inline(never)
    private mutating func search(_ lane: LaneID) -> (number: Int, isNew: Bool) {
        let known = numbers[lane]
        let number = known ?? lanes.count
        if known == nil {
            numbers[lane] = number
            lanes.append(lane)
        }
        cache[Self.place(of: lane)] = Known(packed: lane.packed, number: number)
        return (number, known == nil)
    }
}
