import ModelAtomics
import RingCore

/// Producers of a modelled multicast ring, and one reader a group.
struct MulticastProgram: Sendable {
    var title: String
    var producers = 1
    /// Whether a single producer uses the protocol of several.
    var isShared = false
    /// Whether producers append instead of claiming.
    var isLockFree = false
    var itemsEach: Int
    var groups: Int
    /// For each group that comes after others, which those are.
    var upstream: [Int: Range<Int>] = [:]
    var claim = 1
    var readMax = 2
    var capacity = 2
    var firstSequence: UInt64 = 0
    var waits = true
    var isLong = false
    var spuriousFailuresMax = 0

    var program: RingProgram {
        RingProgram(
            ring: ring,
            title: title,
            isLong: isLong,
            spuriousFailuresMax: spuriousFailuresMax
        ) { execution in try build(execution) }
    }

    private var ring: RingProgram.Ring {
        if isLockFree { return .multicastLockFree }
        return producers == 1 && !isShared ? .multicast : .multicastShared
    }

    private func build(_ execution: ModelExecution) throws {
        let run = try MulticastRun(execution, self)
        for producer in 0..<producers {
            if isLockFree {
                let end = End(run.ring.makeAppender())
                execution.thread { run.append(end, producer, items: 0..<itemsEach) }
                continue
            }
            let end = End(run.ring.makeWriter())
            execution.thread { run.produce(end, producer, items: 0..<itemsEach, claim: claim) }
        }
        for group in 0..<groups {
            let before = upstream[group] ?? 0..<0
            let end = End(run.ring.makeReader(group: group, after: before))
            execution.thread {
                run.consume(end, group, until: producers * itemsEach, readMax: readMax)
            }
        }
        execution.atEnd { run.check() }
    }

    static let table: [MulticastProgram] = claiming + appending

    private static let claiming: [MulticastProgram] = [
        MulticastProgram(title: "3 items, 2 groups", itemsEach: 3, groups: 2),
        MulticastProgram(title: "4 items in pairs, 2 groups", itemsEach: 4, groups: 2, claim: 2),
        MulticastProgram(title: "4 items, 1 group one by one", itemsEach: 4, groups: 1, readMax: 1),
        MulticastProgram(
            title: "3 items, 2 groups, capacity 1",
            itemsEach: 3,
            groups: 2,
            capacity: 1
        ),
        MulticastProgram(title: "answers, 2 groups", itemsEach: 3, groups: 2, waits: false),
        MulticastProgram(
            title: "a group after another, 3 items",
            itemsEach: 3,
            groups: 2,
            upstream: [1: 0..<1]
        ),
        MulticastProgram(
            title: "a group after another, answers",
            itemsEach: 3,
            groups: 2,
            upstream: [1: 0..<1],
            waits: false
        ),
        MulticastProgram(
            title: "a group after two others, 1 slot",
            itemsEach: 2,
            groups: 3,
            upstream: [2: 0..<2],
            capacity: 1
        ),
        MulticastProgram(
            title: "1 producer that shares, a group after another",
            isShared: true,
            itemsEach: 3,
            groups: 2,
            upstream: [1: 0..<1]
        ),
        MulticastProgram(
            title: "2 producers x 2 items, 1 group",
            producers: 2,
            itemsEach: 2,
            groups: 1,
            isLong: true
        ),
        MulticastProgram(
            title: "2 producers x 2 items in pairs, 1 group",
            producers: 2,
            itemsEach: 2,
            groups: 1,
            claim: 2,
            firstSequence: 1
        ),
        MulticastProgram(
            title: "2 producers x 1 item, 1 slot, 1 group",
            producers: 2,
            itemsEach: 1,
            groups: 1,
            capacity: 1
        ),
        MulticastProgram(
            title: "1 producer that shares, 3 items, 2 groups",
            isShared: true,
            itemsEach: 3,
            groups: 2
        ),
        MulticastProgram(
            title: "2 producers x 2 items, answers",
            producers: 2,
            itemsEach: 2,
            groups: 1,
            waits: false
        ),
        MulticastProgram(
            title: "exchanges that fail for no reason",
            producers: 2,
            itemsEach: 1,
            groups: 1,
            spuriousFailuresMax: 1
        ),
    ]

    private static let appending: [MulticastProgram] = [
        MulticastProgram(
            title: "2 producers x 1 item, 2 groups",
            producers: 2,
            isLockFree: true,
            itemsEach: 1,
            groups: 2
        ),
        MulticastProgram(
            title: "2 producers x 2 items, 1 group",
            producers: 2,
            isLockFree: true,
            itemsEach: 2,
            groups: 1,
            isLong: true
        ),
        MulticastProgram(
            title: "2 producers x 1 item, 1 slot",
            producers: 2,
            isLockFree: true,
            itemsEach: 1,
            groups: 1,
            capacity: 1
        ),
        MulticastProgram(
            title: "2 items, 1 slot, 2 groups",
            isLockFree: true,
            itemsEach: 2,
            groups: 2,
            capacity: 1
        ),
        MulticastProgram(
            title: "4 items whose slots come back",
            isLockFree: true,
            itemsEach: 4,
            groups: 1
        ),
        MulticastProgram(
            title: "a group after another, 3 items",
            isLockFree: true,
            itemsEach: 3,
            groups: 2,
            upstream: [1: 0..<1]
        ),
        MulticastProgram(
            title: "2 producers x 2 items, answers",
            producers: 2,
            isLockFree: true,
            itemsEach: 2,
            groups: 1,
            waits: false,
            isLong: true
        ),
    ]
}
