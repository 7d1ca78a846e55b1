import RingCore
import Synchronization

/// What went wrong on other threads.
final class Failures: Sendable {
    private let messages = Mutex<[String]>([])

    var all: [String] { messages.withLock { $0 } }

    func add(_ message: String) {
        messages.withLock { $0.append(message) }
    }
}

/// Counts what consumers of a many-to-many ring take, and checks each producer's order in each.
final class ManyTally: Sendable {
    private let count = Atomic<UInt64>(0)
    private let sum = Atomic<UInt64>(0)

    var taken: UInt64 { count.load(ordering: .relaxed) }
    var itemSum: UInt64 { sum.load(ordering: .relaxed) }

    /// Takes until all consumers together have taken `total`.
    func consume(
        _ consumer: Int,
        _ total: UInt64,
        _ failures: Failures,
        _ take: () -> [Pair]
    ) {
        var patience = Patience()
        var last: [UInt64: UInt64] = [:]
        while taken < total {
            let pairs = take()
            if pairs.isEmpty {
                guard patience.idle() else { return failures.add("consumer \(consumer) waits") }
                continue
            }
            patience.reset()
            for pair in pairs {
                let (producer, item) = (pair.value >> 32, pair.value & 0xffff_ffff)
                guard pair.isWhole, last[producer].map({ $0 < item }) ?? true else {
                    return failures.add("consumer \(consumer) took \(pair) out of order")
                }
                last[producer] = item
                sum.wrappingAdd(item, ordering: .relaxed)
            }
            count.wrappingAdd(UInt64(pairs.count), ordering: .relaxed)
        }
    }
}
