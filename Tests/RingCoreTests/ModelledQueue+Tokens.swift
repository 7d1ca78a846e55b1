import ModelAtomics

@testable import RingCore

extension ModelledQueue {
    /// Slots that hide all but the word that some rings keep in each.
    static func slots(
        _ kind: RingProgram.Ring,
        _ execution: ModelExecution,
        _ capacity: Int,
        _ stride: Int
    ) -> ModelSlots {
        typealias Sequenced = SequencedSlots<Pair, ModelCell>
        let hasCells = kind == .hybrid || kind == .manyToMany
        precondition(!hasCells || !Sequenced.standsApart, "cells and elements share no slots")
        let start = hasCells ? Sequenced.elementOffset : 0
        return ModelSlots(
            execution,
            capacity: capacity,
            stride: stride,
            hides: start..<(start + MemoryLayout<Pair>.size)
        )
    }

    /// Takes the tokens of a ring of one producer and one consumer; false where one is taken.
    static func tokens(
        _ kind: RingProgram.Ring,
        _ execution: ModelExecution
    ) throws -> (producer: () -> Bool, consumer: () -> Bool) {
        let slots = { ModelSlots(execution, capacity: $0, stride: $1) }
        let cell = { (role: RingCellRole, value) in ModelCell(execution, value, role: role) }
        if kind == .hybrid {
            let ring = try Hybrid(capacity: 2, firstSequence: 0, makeSlots: slots, cell: cell)
            return ({ ring.token(0).take() }, { ring.token(1).take() })
        }
        let ring = try Batches(capacity: 2, firstSequence: 0, makeSlots: slots, cell: cell)
        return ({ ring.token(0).take() }, { ring.token(1).take() })
    }

    /// The tokens of a multicast ring's writer and first reader.
    static func tokens(_ ring: ModelledRing) -> (writer: () -> Bool, reader: () -> Bool) {
        ({ ring.token(0).take() }, { ring.token(1).take() })
    }
}

extension ModelledQueue {
    /// A lock-free ring whose ends a program makes as it goes.
    static func lockFree(_ execution: ModelExecution, ends: Int) throws -> LockFree {
        try LockFree(
            capacity: 2,
            ends: ends,
            firstSequence: 1,
            makeSlots: { slots(.lockFree, execution, $0, $1) },
            cell: { role, value in ModelCell(execution, value, role: role) }
        )
    }

    /// The slot that a consumer's end owns.
    static func slot(of end: End<LockFree.Consumer>) -> Int { end.value.side.own }

    /// Where a lock-free ring says that its next places are.
    static func positions(of ring: LockFree) -> (tail: UInt64, head: UInt64) {
        (ring.tail.loadOwn(), ring.head.loadOwn())
    }

    /// How many ends a lock-free ring counts.
    static func ends(of ring: LockFree) -> UInt64 { ring.spares.ends }
}
