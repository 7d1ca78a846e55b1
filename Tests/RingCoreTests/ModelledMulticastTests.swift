import ModelAtomics
import RingCore
import Testing

typealias ModelledRing = MulticastRingOver<ModelCell, ModelSlots>

/// The production multicast ring over modelled memory, with producers and one reader a group.
struct MulticastProgram: Sendable, CustomTestStringConvertible {
    var name: String
    var producers = 1
    var itemsEach: Int
    var groups: Int
    var claim = 1
    var readMax = 2
    var capacity = 2
    var firstSequence: UInt64 = 0

    var testDescription: String { name }

    /// Everything that two threads share, and what each group has read.
    final class Shared {
        var writers: [End<ModelledRing.Writer>] = []
        var readers: [End<ModelledRing.Reader>] = []
        var read: [[UInt64]]

        init(_ program: MulticastProgram, _ ring: ModelledRing) {
            writers = (0..<program.producers).map { _ in End(ring.makeWriter()) }
            readers = (0..<program.groups).map { End(ring.makeReader(group: $0)) }
            read = Array(repeating: [], count: program.groups)
        }
    }

    func search(
        _ search: ModelSearch = ModelSearch(),
        weakening: @escaping (RingCellRole) -> Weakening = { _ in [] }
    ) -> ModelOutcome {
        search.run { execution in
            do {
                let ring = try ModelledRing(
                    capacity: capacity,
                    slotBytes: 64,
                    producers: producers == 1 ? .single : .multiple,
                    groups: groups,
                    firstSequence: firstSequence,
                    slots: ModelSlots(execution, capacity: capacity, stride: 64),
                    cell: { ModelCell(execution, $1, weakening: weakening($0)) }
                )
                add(to: execution, Shared(self, ring))
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    private func add(to execution: ModelExecution, _ shared: Shared) {
        for producer in 0..<producers {
            execution.thread { produce(execution, shared.writers[producer], producer) }
        }
        for group in 0..<groups {
            execution.thread { consume(execution, shared, group) }
        }
        execution.atEnd { check(execution, shared) }
    }

    private func produce(
        _ execution: ModelExecution,
        _ end: End<ModelledRing.Writer>,
        _ producer: Int
    ) {
        var item = 0
        while item < itemsEach {
            execution.beginAttempt()
            let range = end.value.tryClaim(min(claim, itemsEach - item))
            for sequence in range {
                ringSlotWrite(end.value, sequence, UInt64(producer * 100 + item + 1))
                item += 1
            }
            end.value.publish(range)
            if range.isEmpty && !execution.waitForChange() { return }
        }
    }

    private func consume(_ execution: ModelExecution, _ shared: Shared, _ group: Int) {
        let end = shared.readers[group]
        var next = firstSequence
        let total = producers * itemsEach
        while shared.read[group].count < total {
            execution.beginAttempt()
            let range = end.value.available(from: next, max: readMax)
            for sequence in range {
                let value = ringSlotRead(end.value, sequence)
                execution.require(value != nil, "group \(group) read a torn slot \(sequence)")
                shared.read[group].append(value ?? 0)
            }
            next = range.upperBound
            end.value.release(below: next)
            if range.isEmpty && !execution.waitForChange() { return }
        }
    }

    private func check(_ execution: ModelExecution, _ shared: Shared) {
        for group in 0..<groups {
            let read = shared.read[group]
            execution.require(read == shared.read[0], "groups disagree: \(shared.read)")
            for producer in 0..<producers {
                let own = read.filter { Int($0) / 100 == producer }
                let expected = (0..<itemsEach).map { UInt64(producer * 100 + $0 + 1) }
                execution.require(
                    own == expected,
                    "group \(group) read \(own) of producer \(producer)"
                )
            }
            execution.require(
                read.count == producers * itemsEach,
                "group \(group) read \(read)"
            )
        }
    }

    static let table: [MulticastProgram] = [
        MulticastProgram(name: "1 producer x 3 items, 2 groups", itemsEach: 3, groups: 2),
        MulticastProgram(
            name: "1 producer x 4 items in pairs, 2 groups",
            itemsEach: 4,
            groups: 2,
            claim: 2
        ),
        MulticastProgram(
            name: "1 producer x 4 items, 1 group one by one",
            itemsEach: 4,
            groups: 1,
            readMax: 1
        ),
        MulticastProgram(
            name: "1 producer x 3 items, 2 groups, capacity 1",
            itemsEach: 3,
            groups: 2,
            capacity: 1
        ),
        MulticastProgram(
            name: "2 producers x 2 items, 1 group",
            producers: 2,
            itemsEach: 2,
            groups: 1
        ),
        MulticastProgram(
            name: "2 producers x 2 items in pairs, 1 group",
            producers: 2,
            itemsEach: 2,
            groups: 1,
            claim: 2,
            firstSequence: 1
        ),
    ]
}

@Suite("Multicast ring, modelled")
struct ModelledMulticastTests {
    @Test(
        "the modelled ring keeps every promise in every interleaving",
        arguments: MulticastProgram.table
    )
    func keepsPromises(program: MulticastProgram) {
        let outcome = program.search()
        #expect(outcome.violation == nil)
        #expect(outcome.isExhausted, "\(outcome.executions) executions were not all")
    }

    /// Each ordering that the ring asks for, left out at one kind of word.
    static let weakenings: [Mutant] = [
        Mutant(name: "published without release", weakening: .releases) { $0 == .published },
        Mutant(name: "published without acquire", weakening: .acquires) { $0 == .published },
        Mutant(name: "gate without release", weakening: .releases) { $0.isGate },
        Mutant(name: "gate without acquire", weakening: .acquires) { $0.isGate },
        Mutant(name: "availability without release", producers: 2, weakening: .releases) {
            $0.isAvailability
        },
        Mutant(name: "availability without acquire", producers: 2, weakening: .acquires) {
            $0.isAvailability
        },
        Mutant(name: "gate without release, shared", producers: 2, weakening: .releases) {
            $0.isGate
        },
        Mutant(name: "gate without acquire, shared", producers: 2, weakening: .acquires) {
            $0.isGate
        },
        Mutant(name: "claims in two steps", producers: 2, weakening: .exchanges) {
            $0 == .claimed
        },
        Mutant(name: "no release anywhere", weakening: .releases) { _ in true },
        Mutant(name: "no acquire anywhere", weakening: .acquires) { _ in true },
    ]

    struct Mutant: Sendable, CustomTestStringConvertible {
        var name: String
        var producers = 1
        var weakening: Weakening
        var applies: @Sendable (RingCellRole) -> Bool
        var testDescription: String { name }
    }

    @Test("a ring with any one ordering left out is caught", arguments: weakenings)
    func catchesWeakening(mutant: Mutant) {
        let program = MulticastProgram(
            name: mutant.name,
            producers: mutant.producers,
            itemsEach: mutant.producers == 1 ? 3 : 2,
            groups: 1
        )
        let outcome = program.search { mutant.applies($0) ? mutant.weakening : [] }
        #expect(outcome.violation != nil, "\(outcome.executions) executions saw nothing")
    }
}

extension RingCellRole {
    var isGate: Bool { if case .gate = self { true } else { false } }
    var isAvailability: Bool { if case .availability = self { true } else { false } }
    var isTurn: Bool { if case .turn = self { true } else { false } }
}
