/// Which member of a group reads which partitions: a pure value.
///
/// Partition p belongs to the (p mod k)-th of the k present members; the others idle. Every change
/// makes a new generation.
package struct Membership: Hashable, Sendable {
    /// Raised by every change.
    package private(set) var generation: UInt64 = 0

    private var presence: [Bool]

    /// A group of which nobody is present.
    package init(members: Int) {
        presence = Array(repeating: false, count: members)
    }

    /// Whether `member` is present.
    package func isPresent(_ member: Int) -> Bool { presence[member] }

    /// Makes `member` present; no change if it is.
    package mutating func join(_ member: Int) { set(member, to: true) }

    /// Makes `member` absent; no change if it is.
    package mutating func leave(_ member: Int) { set(member, to: false) }

    /// The member to which `partition` belongs.
    package func owner(of partition: Int) -> Int? {
        let present = presence.indices.filter { presence[$0] }
        return present.isEmpty ? nil : present[partition % present.count]
    }

    private mutating func set(_ member: Int, to present: Bool) {
        guard presence[member] != present else { return }
        presence[member] = present
        generation += 1
    }
}
