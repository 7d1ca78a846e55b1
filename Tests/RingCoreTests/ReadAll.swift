import RingCore

/// Reads what `producers` published, `items` each, and checks every producer's order.
///
/// An item is its producer's number in the upper half and its own in the lower.
func readAll(
    _ end: End<RingReader>,
    _ producers: Int,
    _ items: UInt64,
    _ failures: Failures
) {
    var patience = Patience()
    var expected = [UInt64](repeating: 0, count: producers)
    var next: UInt64 = 0
    while next < items * UInt64(producers) {
        let range = end.value.available(from: next, max: 13)
        if range.isEmpty {
            guard patience.idle() else { return failures.add("a reader waits for ever") }
            continue
        }
        patience.reset()
        for sequence in range {
            guard let value = ringSlotRead(end.value, sequence) else {
                return failures.add("slot \(sequence) is torn")
            }
            let producer = Int(value >> 32)
            guard value & 0xffff_ffff == expected[producer] else {
                return failures.add("\(sequence) has \(value), not \(expected[producer])")
            }
            expected[producer] += 1
        }
        next = range.upperBound
        end.value.release(below: next)
    }
}
