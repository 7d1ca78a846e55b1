package import EmbeddedBroker
package import Messaging

/// A way in which `GroupPartition` and its reference disagree.
package struct Discrepancy: Error, CustomStringConvertible {
    /// What is wrong.
    package var what: String
    /// What was done before, step by step.
    package var steps: [String]

    package var description: String {
        "\(what)\nafter:\n  " + steps.joined(separator: "\n  ")
    }
}

/// What a trial does and how far.
package struct TrialPlan: Hashable, Sendable {
    /// Bounds and promises of the group.
    package var settings: GroupSettings
    /// The key of each event, in order.
    package var keys: [EventKey]
    /// How many steps before the drain.
    package var steps: Int
    /// How many events are published before the first step.
    package var publishedFirst: Int
    /// Whether steps may skip unclaimed events, as `drop-oldest` does.
    package var skips: Bool

    /// Makes a plan.
    package init(
        settings: GroupSettings,
        keys: [EventKey],
        steps: Int,
        publishedFirst: Int? = nil,
        skips: Bool = false
    ) {
        self.settings = settings
        self.keys = keys
        self.steps = steps
        self.publishedFirst = publishedFirst ?? keys.count
        self.skips = skips
    }
}

/// Drives a `GroupPartition` by choices, beside a reference, and compares them at every step.
///
/// After the chosen steps it drains: whatever is left must be delivered and settled.
package struct GroupTrial<Source: Choices> {
    private let plan: TrialPlan
    private var choices: Source
    private var clock = VirtualClock()
    private var group: GroupPartition
    private var reference: ReferenceGroup
    private let store: RecordingStore
    private var open: [Receipt] = []
    private var over: [Receipt] = []
    private var watermark: UInt64 = 0
    private var trace = TraceHash()
    private var steps: [String] = []

    private init(_ plan: TrialPlan, _ choices: Source) {
        self.plan = plan
        self.choices = choices
        group = GroupPartition(plan.settings)
        reference = ReferenceGroup(plan.settings)
        store = RecordingStore(keys: plan.keys)
    }

    /// Runs one trial, and gives the hash of its trace.
    ///
    /// - Throws: `Discrepancy` at the first disagreement.
    package static func run(
        _ plan: TrialPlan,
        _ choices: inout Source
    ) throws(Discrepancy)
        -> UInt64
    {
        var trial = GroupTrial(plan, choices)
        defer { choices = trial.choices }
        for _ in 0..<plan.publishedFirst { trial.publish() }
        for _ in 0..<plan.steps { try trial.step() }
        try trial.drain()
        return trial.trace.value
    }

    // MARK: steps

    private mutating func step() throws(Discrepancy) {
        var actions = 6 + open.count * 4
        let stale = over.isEmpty ? -1 : actions
        if stale >= 0 { actions += 1 }
        let publishes = canPublish ? actions : -1
        if publishes >= 0 { actions += 1 }
        let skips = plan.skips ? actions : -1
        if skips >= 0 { actions += 1 }
        let action = choices.choose(actions)
        switch action {
        case 0: try claim(1)
        case 1: try claim(2)
        case 2: try pass(plan.settings.leaseNanoseconds / 2)
        case 3: try pass(plan.settings.leaseNanoseconds)
        case 4: try handOver()
        case 5: abandon()
        case stale: try settle(over[choices.choose(over.count)], .acknowledge)
        case publishes: publish()
        case skips: skip()
        default:
            let receipt = open[(action - 6) / 4]
            let half = plan.settings.leaseNanoseconds / 2
            let answers: [Answer] = [
                .acknowledge, .refuse(delay: 0), .refuse(delay: half), .extend(by: 3 * half),
            ]
            try settle(receipt, answers[(action - 6) % 4])
        }
        try checkState()
    }

    private var canPublish: Bool {
        reference.events.count < plan.keys.count
            && reference.events.count - Int(group.watermark) < plan.settings.capacity
    }

    private mutating func publish() {
        note("publish", reference.events.count)
        reference.publish(plan.keys[reference.events.count])
    }

    private mutating func skip() {
        let limit = min(reference.events.count, Int(group.claimed) + 1)
        note("skip below", limit)
        let first = Int(group.claimed)
        _ = group.skip(below: UInt64(limit))
        reference.skip(first..<max(first, limit))
    }

    private mutating func pass(_ nanoseconds: Int64) throws(Discrepancy) {
        note("pass", Int(nanoseconds))
        clock.advance(byNanoseconds: nanoseconds)
        group.tick(at: clock.now, store)
        reference.tick(at: clock.now)
    }

    private mutating func handOver() throws(Discrepancy) {
        note("hand over", 0)
        let before = group.generation
        group.handOver(at: clock.now, store)
        reference.tick(at: clock.now)
        reference.handOver(at: clock.now)
        try check(group.generation == before + 1, "a hand-over makes a new generation")
        try check(group.unanswered == 0, "a hand-over left something out")
    }

    /// The consumer forgets what it was handed, but its answers may still be under way.
    private mutating func abandon() {
        note("abandon", 0)
        group.takeOver(at: clock.now, store)
        reference.tick(at: clock.now)
        reference.abandon()
    }

    private mutating func claim(_ limit: Int) throws(Discrepancy) {
        note("claim", limit)
        var handOuts = Batch<HandOut>(capacity: limit)
        let shelfFull = group.counters.shelfFull
        group.claim(
            limit,
            published: UInt64(reference.events.count),
            at: clock.now,
            from: store,
            into: &handOuts
        )
        reference.tick(at: clock.now)
        var taken = 0
        for index in 0..<handOuts.count {
            for offset in handOuts[index].offsets {
                try deliver(Int(offset), handOuts[index])
                taken += 1
            }
        }
        try check(taken <= limit, "\(taken) events handed out to a claim of \(limit)")
        try check(reference.unanswered <= plan.settings.prefetch, "prefetch exceeded")
        let isShort = taken < limit && reference.unanswered < plan.settings.prefetch
        if isShort { try checkNothingLeft(isShelfFull: group.counters.shelfFull > shelfFull) }
    }

    private mutating func deliver(_ index: Int, _ handOut: HandOut) throws(Discrepancy) {
        note("  handed out", index)
        if let objection = reference.objection(to: index, at: clock.now) {
            throw discrepancy("offset \(index) was handed out but \(objection)")
        }
        reference.deliver(index, at: clock.now)
        let attempt = reference.events[index].deliveries
        try check(
            handOut.attempt == attempt,
            "offset \(index) is delivery \(attempt), handed out as \(handOut.attempt)"
        )
        open.append(Receipt(offset: UInt64(index), attempt: attempt))
    }

    private mutating func settle(_ receipt: Receipt, _ answer: Answer) throws(Discrepancy) {
        note("\(answer) attempt \(receipt.attempt) of", Int(receipt.offset))
        let expected = reference.accepts(receipt, at: clock.now)
        let settled: Bool
        if answer == .acknowledge, receipt.attempt == 1,
            group.acknowledge(receipt.offset..<receipt.offset + 1, at: clock.now) == 1
        {
            settled = true
        } else {
            settled = group.settle(receipt, answer, at: clock.now, store)
        }
        reference.tick(at: clock.now)
        if expected { reference.settle(receipt, answer, at: clock.now) }
        try check(settled == expected, "the answer was \(settled ? "taken" : "refused")")
    }

    /// Everything is acknowledged as it comes, until nothing is left.
    private mutating func drain() throws(Discrepancy) {
        while canPublish { publish() }
        var idle = 0
        while !reference.isDone || canPublish {
            while canPublish { publish() }
            let left = open.count
            try claim(2)
            for receipt in open { try settle(receipt, .acknowledge) }
            try checkState()
            if open.isEmpty && left == 0, let next = group.nextDeadline, next > clock.now {
                try pass(next.nanoseconds(since: clock.now))
            }
            idle += 1
            try check(idle < 20 + 8 * plan.keys.count, "the group is stuck")
        }
        try check(group.unanswered == 0 && group.shelved == 0, "something is left on the shelf")
        try check(group.watermark == UInt64(plan.keys.count), "the watermark did not arrive")
    }

    // MARK: comparison

    private mutating func checkState() throws(Discrepancy) {
        over += open.filter { !reference.accepts($0, at: clock.now) }
        open.removeAll { !reference.accepts($0, at: clock.now) }
        if over.count > 4 { over.removeFirst(over.count - 4) }
        try check(group.unanswered == reference.unanswered, "unanswered differ")
        try check(group.watermark >= watermark, "the watermark went back")
        watermark = group.watermark
        for offset in 0..<Int(watermark) {
            let isSafe = reference.events[offset].isSettled || store.shelved[offset]
            try check(isSafe, "the watermark passed offset \(offset), neither settled nor shelved")
        }
        store.released = watermark
        if let misplaced = store.misplaced {
            throw discrepancy("offset \(misplaced) was shelved after its release")
        }
        for receipt in open { try checkLocation(of: receipt) }
    }

    private func checkLocation(of receipt: Receipt) throws(Discrepancy) {
        switch group.location(of: receipt, at: clock.now) {
        case .ring:
            try check(receipt.offset >= watermark, "an open event's slot was released")
        case .shelf(let slot):
            try check(store.places[slot] == receipt.offset, "the shelf holds another event")
        case nil:
            throw discrepancy("offset \(receipt.offset) is out but lies nowhere")
        }
    }

    private func checkNothingLeft(isShelfFull: Bool) throws(Discrepancy) {
        for index in reference.events.indices
        where reference.objection(to: index, at: clock.now) == nil {
            let mayWait = isShelfFull && index >= Int(group.claimed)
            try check(mayWait, "offset \(index) could be handed out but was not")
        }
    }

    private func check(_ holds: Bool, _ what: @autoclosure () -> String) throws(Discrepancy) {
        if !holds { throw discrepancy(what()) }
    }

    private func discrepancy(_ what: String) -> Discrepancy {
        Discrepancy(what: what, steps: steps)
    }

    private mutating func note(_ step: String, _ object: Int) {
        steps.append("\(clock.now.nanoseconds): \(step) \(object)")
        var code: UInt64 = 0
        for byte in step.utf8 { code = code &* 31 &+ UInt64(byte) }
        trace.add(code, UInt64(object))
        trace.add(UInt64(bitPattern: clock.now.nanoseconds), 0)
    }
}

/// An event store without bytes, which remembers what was put where.
private final class RecordingStore: EventStore {
    let keys: [EventKey]
    var shelved: [Bool]
    var places: [Int: UInt64] = [:]
    var released: UInt64 = 0
    var misplaced: UInt64?

    init(keys: [EventKey]) {
        self.keys = keys
        shelved = Array(repeating: false, count: keys.count)
    }

    func key(of offset: UInt64) -> EventKey { keys[Int(offset)] }

    func shelve(_ offset: UInt64, into slot: Int) {
        if offset < released { misplaced = offset }
        shelved[Int(offset)] = true
        places[slot] = offset
    }
}
