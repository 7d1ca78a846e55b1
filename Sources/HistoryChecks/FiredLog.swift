public import Histories

/// Which fault rules fired on which events, for the blame of application anomalies.
///
/// Bounded: beyond `capacity` events it remembers only that it forgot.
public struct FiredLog: Sendable {
    private struct EventRef: Hashable {
        var lane: LaneID
        var n: UInt64
    }

    private var masks: [EventRef: UInt64] = [:]
    private let capacity: Int

    /// Whether firings were forgotten.
    public private(set) var isExhausted = false

    /// How many firings were noted.
    public private(set) var count: UInt64 = 0

    /// Groups in which an event may wait behind a held one, so that blame reaches its followers.
    public var holdingGroups: Set<UInt16> = []

    /// An empty log for at most `capacity` events.
    public init(capacity: Int = 1 << 20) {
        self.capacity = capacity
    }

    /// Notes that rule number `rule` fired on event `n` of `lane`; rules from 63 on share a bit.
    public mutating func fired(rule: Int, lane: LaneID, n: UInt64) {
        count += 1
        let event = EventRef(lane: lane, n: n)
        guard masks.count < capacity || masks[event] != nil else {
            isExhausted = true
            return
        }
        masks[event, default: 0] |= 1 << UInt64(min(rule, 63))
    }

    /// The rules that fired on event `n` of `lane`, as a bit mask.
    public func rules(lane: LaneID, n: UInt64) -> UInt64 {
        masks[EventRef(lane: lane, n: n)] ?? 0
    }

    /// Adds what another worker's log holds.
    public mutating func merge(_ other: FiredLog) {
        count += other.count
        isExhausted = isExhausted || other.isExhausted
        holdingGroups.formUnion(other.holdingGroups)
        for (event, mask) in other.masks {
            guard masks.count < capacity || masks[event] != nil else {
                isExhausted = true
                return
            }
            masks[event, default: 0] |= mask
        }
    }
}
