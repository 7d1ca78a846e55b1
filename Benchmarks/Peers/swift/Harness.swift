import CPeersProbe
import Synchronization

/// Million operations a second or nanoseconds, and what the consumers found wrong.
struct Outcome {
    var value: Double
    var violations: UInt64
}

/// Sizes that all workers share.
enum Sizes {
    static let batch = 32
    static let small = 1024
    static let large = 65536
    static let topology = 8192
    static let drain = 256
    static let producerShift: UInt64 = 48
    static let itemMask: UInt64 = (1 << producerShift) - 1
}

/// What travels: it says which item it is, and whether it is whole.
protocol Item: BitwiseCopyable, Sendable {
    init(value: UInt64)
    var value: UInt64 { get }
    var isTorn: Bool { get }
}

extension UInt64: Item {
    init(value: UInt64) { self = value }
    var value: UInt64 { self }
    var isTorn: Bool { false }
}

/// 64 bytes, every word of which says which item it is.
struct Words: Item {
    var words: SIMD8<UInt64>
    init(value: UInt64) { words = SIMD8(repeating: value) }
    var value: UInt64 { words[0] }
    // By hand: `!=` of vectors compares word by word through memory, 30 ns an item.
    var isTorn: Bool {
        let differing = words ^ SIMD8(repeating: words[0])
        let half = differing.lowHalf | differing.highHalf
        let quarter = half.lowHalf | half.highHalf
        return quarter[0] | quarter[1] != 0
    }
}

/// Nothing at all while every thread has a core, else 16 pauses and then a yield each.
struct Waiting {
    let threads: Int32
    var attempts: Int32 = 0

    @inline(__always)
    mutating func idle() {
        peers_idle(threads, attempts)
        attempts &+= 1
    }

    @inline(__always)
    mutating func reset() { attempts = 0 }
}

/// A consumer's view: the order of each producer, and a sum over everything taken.
struct Check {
    let seesAll: Bool
    var last = InlineArray<8, UInt64>(repeating: 0)
    var violations: UInt64 = 0
    var sum: UInt64 = 0

    @inline(__always)
    init(seesAll: Bool) { self.seesAll = seesAll }

    @inline(__always)
    mutating func take(_ item: some Item) {
        let value = item.value
        let producer = Int(truncatingIfNeeded: (value >> Sizes.producerShift) & 7)
        let number = value & Sizes.itemMask
        let before = last[producer]
        let follows = seesAll ? number == before &+ 1 : number > before
        if !follows || item.isTorn { violations &+= 1 }
        last[producer] = number
        sum &+= value
    }
}

/// What all consumers of a sample found together.
final class Tally: Sendable {
    private let found = Mutex((sum: UInt64(0), violations: UInt64(0)))

    func add(_ check: Check) {
        found.withLock {
            $0.sum &+= check.sum
            $0.violations += check.violations
        }
    }

    func add(violations: UInt64) {
        found.withLock { $0.violations += violations }
    }

    /// The violations, one more if `views` views of all items do not add up.
    func violations(producers: UInt64, each: UInt64, views: UInt64 = 1) -> UInt64 {
        let expected = (0..<producers).reduce(UInt64(0)) {
            $0 &+ each &* ($1 << Sizes.producerShift) &+ each &* (each &+ 1) / 2
        }
        return found.withLock { $0.violations + ($0.sum == expected &* views ? 0 : 1) }
    }
}

private final class Body: Sendable {
    let run: @Sendable (Int) -> Void
    init(_ run: @escaping @Sendable (Int) -> Void) { self.run = run }
}

/// Runs `body` on pinned threads and returns the nanoseconds until all have ended.
func timed(_ threads: Int, _ body: @escaping @Sendable (Int) -> Void) -> Double {
    let box = Body(body)
    // SAFETY: the box outlives the call, which returns when all threads have ended.
    return withExtendedLifetime(box) {
        unsafe peers_timed(
            Int32(threads),
            { index, context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<Body>.fromOpaque(context).takeUnretainedValue().run(Int(index))
            },
            Unmanaged.passUnretained(box).toOpaque()
        )
    }
}

/// Million items a second, when producers publish `items` in all and consumers take equal parts.
func transfer(
    producers: Int,
    consumers: Int,
    items: UInt64,
    produce: @escaping @Sendable (_ producer: UInt64, _ items: UInt64, Waiting) -> Void,
    consume: @escaping @Sendable (_ items: UInt64, inout Check, Waiting) -> Void
) -> Outcome {
    let unit = UInt64(producers * consumers)
    let total = max(1, items / unit) * unit
    let (perProducer, perConsumer) = (total / UInt64(producers), total / UInt64(consumers))
    let waiting = Waiting(threads: Int32(producers + consumers))
    let tally = Tally()
    let duration = timed(producers + consumers) { index in
        guard index >= producers else { return produce(UInt64(index), perProducer, waiting) }
        var check = Check(seesAll: consumers == 1)
        consume(perConsumer, &check, waiting)
        tally.add(check)
    }
    return Outcome(
        value: Double(total) * 1e3 / duration,
        violations: tally.violations(producers: UInt64(producers), each: perProducer)
    )
}
