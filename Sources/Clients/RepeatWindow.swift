import Messaging

/// How far an idempotent producer may run ahead of an event whose fate is open.
///
/// A broker that de-duplicates knows a repeat only among the last `width` numbers of a partition:
/// a retry from further back is refused, whatever became of the attempt before. So a producer makes
/// nothing new that would push an open event out of the window, as Kafka's producer keeps at most
/// five batches in flight. The price is a schedule that slips while an old event is retried.
struct RepeatWindow {
    private let width: UInt64
    /// By partition, the first number that must wait: may be too low, never too high.
    private var limits: ContiguousArray<UInt64>

    /// A window of `width` numbers, or `nil` where no repeat is recognised anyway.
    init?(width: Int, partitions: Int) {
        guard width > 0 else { return nil }
        self.width = UInt64(width)
        limits = ContiguousArray(repeating: UInt64(width), count: partitions)
    }

    /// The most events that are made at once.
    var batchMax: Int { Int(width) }

    /// Whether `count` more events may be made for any partition, of which `made` are made so far.
    ///
    /// O(partitions); looks over `sends` when the answer would be no.
    mutating func admits(
        _ count: Int,
        made: ContiguousArray<UInt64>,
        sends: borrowing InFlightTable
    ) -> Bool {
        if isWithin(count, made) { return true }
        for partition in limits.indices { limits[partition] = made[partition] &+ width }
        sends.forEachOpen { header in
            let partition = Int(header.partition)
            limits[partition] = min(limits[partition], header.n &+ width)
        }
        return isWithin(count, made)
    }

    private func isWithin(_ count: Int, _ made: ContiguousArray<UInt64>) -> Bool {
        for partition in limits.indices
        where made[partition] &+ UInt64(count) > limits[partition] { return false }
        return true
    }
}
