import RingCore
import Synchronization

/// How often shared words were touched, by kind of access.
struct AtomicAccesses: Equatable, Sendable {
    var loads: Int
    var stores: Int
    /// Exchanges and additions: what costs a locked instruction.
    var modifications: Int

    static func - (left: AtomicAccesses, right: AtomicAccesses) -> AtomicAccesses {
        AtomicAccesses(
            loads: left.loads - right.loads,
            stores: left.stores - right.stores,
            modifications: left.modifications - right.modifications
        )
    }
}

/// Counts the accesses of all cells that share it.
final class AccessTally: Sendable {
    private let loads = Atomic<Int>(0)
    private let stores = Atomic<Int>(0)
    private let modifications = Atomic<Int>(0)

    var accesses: AtomicAccesses {
        AtomicAccesses(
            loads: loads.load(ordering: .relaxed),
            stores: stores.load(ordering: .relaxed),
            modifications: modifications.load(ordering: .relaxed)
        )
    }

    fileprivate func load() { loads.wrappingAdd(1, ordering: .relaxed) }
    fileprivate func store() { stores.wrappingAdd(1, ordering: .relaxed) }
    fileprivate func modify() { modifications.wrappingAdd(1, ordering: .relaxed) }
}

/// The cell of production builds that also counts its accesses.
struct CountingCell: ~Copyable, Cell64 {
    private let cell: HardwareCell
    private let tally: AccessTally

    init(_ value: UInt64, _ tally: AccessTally) {
        cell = HardwareCell(value)
        self.tally = tally
    }

    func loadRelaxed() -> UInt64 {
        tally.load()
        return cell.loadRelaxed()
    }

    func loadAcquire() -> UInt64 {
        tally.load()
        return cell.loadAcquire()
    }

    func storeRelaxed(_ value: UInt64) {
        tally.store()
        cell.storeRelaxed(value)
    }

    func storeRelease(_ value: UInt64) {
        tally.store()
        cell.storeRelease(value)
    }

    func compareExchangeWeakRelaxed(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        tally.modify()
        return cell.compareExchangeWeakRelaxed(expected, desired)
    }

    func compareExchangeAcquire(
        _ expected: UInt64,
        _ desired: UInt64
    ) -> (exchanged: Bool, original: UInt64) {
        tally.modify()
        return cell.compareExchangeAcquire(expected, desired)
    }

    func fetchAddRelaxed(_ amount: UInt64) -> UInt64 {
        tally.modify()
        return cell.fetchAddRelaxed(amount)
    }
}
