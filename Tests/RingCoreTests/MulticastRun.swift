import ModelAtomics
import RingCore

typealias ModelledRing = MulticastRingOver<ModelCell, ModelSlots>

/// One execution of a multicast program: its ring, what was read, and what each call answered.
///
/// A claim must give what is free as far as the claiming thread can know, a reader what is
/// published as far as it can know: without a gap, and not less than what happened before.
final class MulticastRun {
    let execution: ModelExecution
    let program: MulticastProgram
    let ring: ModelledRing
    private(set) var read: [[UInt64]]
    /// A word of every group for every slot: what a stage leaves for the stages after it.
    private let marks: ModelSlots
    private var next: [UInt64]
    private var published: [(range: Range<UInt64>, interval: ModelInterval)] = []
    private var released: [(group: Int, below: UInt64, interval: ModelInterval)] = []

    init(_ execution: ModelExecution, _ program: MulticastProgram) throws {
        self.execution = execution
        self.program = program
        ring = try ModelledRing(
            capacity: program.capacity,
            slotBytes: 64,
            producers: program.kind,
            groups: program.groups,
            firstSequence: program.firstSequence,
            slots: ModelSlots(execution, capacity: program.slots, stride: 64, hides: 0..<64),
            cell: { ModelCell(execution, $1, role: $0) }
        )
        marks = ModelSlots(execution, capacity: program.groups * program.capacity, stride: 8)
        read = Array(repeating: [], count: program.groups)
        next = Array(repeating: program.firstSequence, count: program.groups)
    }

    /// Publishes a producer's items, in claims of at most `claim`.
    func produce(
        _ end: End<ModelledRing.Writer>,
        _ producer: Int,
        items: Range<Int>,
        claim: Int
    ) {
        var item = items.lowerBound
        while item < items.upperBound {
            execution.beginAttempt()
            let wanted = min(claim, items.upperBound - item)
            let (range, interval) = execution.timedCall("tryClaim") { end.value.tryClaim(wanted) }
            checkClaim(range, wanted, interval)
            for sequence in range {
                ringSlotWrite(end.value, sequence, UInt64(producer * 100 + item + 1))
                item += 1
            }
            if !range.isEmpty {
                let (_, interval) = execution.timedCall("publish") { end.value.publish(range) }
                published.append((range, interval))
            } else if !program.waits {
                item += 1
            } else if !execution.waitForChange() {
                return
            }
        }
    }

    /// Appends a producer's items one by one.
    func append(_ end: End<ModelledRing.Appender>, _ producer: Int, items: Range<Int>) {
        var item = items.lowerBound
        while item < items.upperBound {
            execution.beginAttempt()
            ringSlotWrite(end.value, UInt64(producer * 100 + item + 1))
            let (sequence, interval) = execution.timedCall("tryAppend") { end.value.tryAppend() }
            if let sequence {
                published.append((sequence..<(sequence + 1), interval))
                item += 1
                continue
            }
            checkRefusal(interval)
            if !program.waits {
                item += 1
            } else if !execution.waitForChange() {
                return
            }
        }
    }

    /// Reads until the group has read `count` items, or asks that often.
    func consume(_ end: End<ModelledRing.Reader>, _ group: Int, until count: Int, readMax: Int) {
        var attempts = 0
        while program.waits ? read[group].count < count : attempts < count {
            attempts += 1
            execution.beginAttempt()
            let (range, interval) = execution.timedCall("available") {
                end.value.available(from: next[group], max: readMax)
            }
            checkAvailable(range, readMax, group, interval)
            for sequence in range {
                let value = ringSlotRead(end.value, sequence)
                execution.require(value != nil, "group \(group) read a torn slot \(sequence)")
                mark(sequence, group)
                read[group].append(value ?? 0)
            }
            next[group] = range.upperBound
            for other in program.upstream[group] ?? 0..<0 {
                execution.require(
                    range.upperBound <= next[other],
                    "group \(group) got \(range), group \(other) is at \(next[other])"
                )
            }
            if !range.isEmpty {
                let (_, interval) = execution.timedCall("release") {
                    end.value.release(below: range.upperBound)
                }
                released.append((group, range.upperBound, interval))
            } else if program.waits && !execution.waitForChange() {
                return
            }
        }
    }

    /// What a call could know to be released by every group.
    private func knownGate(_ interval: ModelInterval) -> UInt64 {
        (0..<program.groups).map { group in
            released.filter { $0.group == group && $0.interval.precedes(interval) }
                .map(\.below).max() ?? program.firstSequence
        }.min() ?? 0
    }

    /// A refusal needs as many items as places, counting those that others are appending.
    private func checkRefusal(_ interval: ModelInterval) {
        let newest = program.firstSequence + UInt64(published.count + program.producers - 1)
        let gate = knownGate(interval)
        execution.require(
            newest >= gate + UInt64(program.capacity),
            "refused, though no more than \(newest) were appended and \(gate) released"
        )
    }

    private func checkClaim(_ range: Range<UInt64>, _ wanted: Int, _ interval: ModelInterval) {
        guard range.count < wanted else { return }
        let slowest = knownGate(interval)
        let used = range.lowerBound > slowest ? Int(range.lowerBound - slowest) : 0
        let free = max(0, program.capacity - used)
        execution.require(
            range.count >= min(wanted, free),
            "a claim of \(wanted) gave \(range) while \(free) slots were known to be free"
        )
    }

    /// Writes the group's own word of a slot and reads those of the groups before it.
    private func mark(_ sequence: UInt64, _ group: Int) {
        let slot = Int(sequence % UInt64(program.capacity))
        marks.willWrite(group * program.capacity + slot, count: 1)
        for other in program.upstream[group] ?? 0..<0 {
            marks.willRead(other * program.capacity + slot, count: 1)
        }
    }

    private func checkAvailable(
        _ range: Range<UInt64>,
        _ max: Int,
        _ group: Int,
        _ interval: ModelInterval
    ) {
        guard range.count < max else { return }
        if let upstream = program.upstream[group] {
            let isKnown = upstream.allSatisfy { other in
                released.contains {
                    $0.group == other && $0.below > range.upperBound
                        && $0.interval.precedes(interval)
                }
            }
            execution.require(!isKnown, "\(range) lacks what was known to be released")
            return
        }
        let known = published.contains { publication in
            publication.range.contains(range.upperBound)
                && publication.interval.precedes(interval)
        }
        execution.require(!known, "\(range) lacks what was known to be published")
    }

    /// Requires that every group has read the same, each producer's items in order.
    func check() {
        for group in 0..<program.groups {
            let own = read[group]
            let all = read.max { $0.count < $1.count } ?? []
            execution.require(own == Array(all.prefix(own.count)), "groups disagree: \(read)")
            for producer in 0..<program.producers {
                let items = own.filter { Int($0) / 100 == producer }
                let rises = zip(items, items.dropFirst()).allSatisfy { $0 < $1 }
                execution.require(rises, "group \(group) read \(own)")
                guard program.waits else { continue }
                let expected = (0..<program.itemsEach).map { UInt64(producer * 100 + $0 + 1) }
                execution.require(items == expected, "group \(group) read \(own)")
            }
            execution.require(
                !program.waits || own.count == program.producers * program.itemsEach,
                "group \(group) read \(own)"
            )
        }
    }
}

extension MulticastProgram {
    fileprivate var kind: RingProducers {
        if isLockFree { return .lockFree(ends: producers) }
        return producers == 1 && !isShared ? .single : .multiple
    }

    fileprivate var slots: Int { isLockFree ? capacity + producers : capacity }
}
