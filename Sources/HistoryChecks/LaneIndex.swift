import Histories

/// Numbers lanes densely, in order of appearance, and remembers the one asked for last.
struct LaneIndex: Sendable {
    private var numbers: [LaneID: Int] = [:]
    private var lastPacked = UInt64.max
    private var lastNumber = 0

    /// The lanes, by number.
    private(set) var lanes: [LaneID] = []

    /// The number of `lane`, or `nil` if it was never seen.
    func number(of lane: LaneID) -> Int? { numbers[lane] }

    /// The number of `lane`, and whether it has just been given.
    @inline(__always)
    mutating func findOrAdd(_ lane: LaneID) -> (number: Int, isNew: Bool) {
        if lane.packed == lastPacked { return (lastNumber, false) }
        return search(lane)
    }

    @inline(never)
    private mutating func search(_ lane: LaneID) -> (number: Int, isNew: Bool) {
        lastPacked = lane.packed
        if let known = numbers[lane] {
            lastNumber = known
            return (known, false)
        }
        lastNumber = lanes.count
        numbers[lane] = lastNumber
        lanes.append(lane)
        return (lastNumber, true)
    }
}
