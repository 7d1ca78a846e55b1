import RingCore

/// A producer's end, of whatever ring.
protocol PublishingEnd: ~Copyable {
    associatedtype Element: Item
    mutating func tryPublish(_ element: Element) -> Element?
}

/// A consumer's end, of whatever ring.
protocol TakingEnd: ~Copyable {
    associatedtype Element: Item
    mutating func tryTake() -> Element?
}

/// A producer's end that takes batches.
protocol BatchPublishingEnd: PublishingEnd, ~Copyable {
    mutating func tryPublish(batch: Span<Element>) -> Int
}

/// A consumer's end that gives batches.
protocol BatchTakingEnd: TakingEnd, ~Copyable {
    mutating func tryTake(into output: inout OutputSpan<Element>) -> Int
}

extension HybridRingOver.Producer: PublishingEnd
where Element: Item, C == HardwareCell, S == SlotStorage {}
extension HybridRingOver.Consumer: TakingEnd
where Element: Item, C == HardwareCell, S == SlotStorage {}
extension BatchRingOver.Producer: PublishingEnd
where Element: Item, C == HardwareCell, S == SlotStorage {}
extension BatchRingOver.Consumer: TakingEnd
where Element: Item, C == HardwareCell, S == SlotStorage {}
extension MPMCRingOver.Producer: PublishingEnd, BatchPublishingEnd
where Element: Item, C == HardwareCell, S == SlotStorage {}
extension MPMCRingOver.Consumer: TakingEnd, BatchTakingEnd
where Element: Item, C == HardwareCell, S == SlotStorage {}
extension LockFreeRingOver.Producer: PublishingEnd, BatchPublishingEnd
where Element: Item, C == HardwareCell, S == SlotStorage {}
extension LockFreeRingOver.Consumer: TakingEnd, BatchTakingEnd
where Element: Item, C == HardwareCell, S == SlotStorage {}

/// Publishes numbered items one at a time.
func produce<End: PublishingEnd & ~Copyable>(
    _ end: consuming End,
    _ producer: UInt64,
    _ items: UInt64,
    _ patience: Waiting
) {
    var waiting = patience
    var number: UInt64 = 1
    while number <= items {
        let item = End.Element(value: producer << Sizes.producerShift | number)
        while end.tryPublish(item) != nil { waiting.idle() }
        waiting.reset()
        number &+= 1
    }
}

/// Takes items one at a time and checks them.
func consume<End: TakingEnd & ~Copyable>(
    _ end: consuming End,
    _ items: UInt64,
    _ result: inout Check,
    _ patience: Waiting
) {
    var (waiting, check) = (patience, result)
    var taken: UInt64 = 0
    while taken < items {
        guard let item = end.tryTake() else {
            waiting.idle()
            continue
        }
        waiting.reset()
        check.take(item)
        taken &+= 1
    }
    result = check
}

/// The asking side of a round trip over two rings.
func ask<Out: PublishingEnd & ~Copyable, In: TakingEnd & ~Copyable>(
    _ out: consuming Out,
    _ replies: consuming In,
    _ items: UInt64,
    _ tally: Tally
) where Out.Element == UInt64, In.Element == UInt64 {
    var check = Check(seesAll: true)
    var number: UInt64 = 1
    while number <= items {
        while out.tryPublish(number) != nil {}
        check.take(next(&replies))
        number &+= 1
    }
    tally.add(check)
}

/// The answering side.
func answer<Out: PublishingEnd & ~Copyable, In: TakingEnd & ~Copyable>(
    _ out: consuming Out,
    _ requests: consuming In,
    _ items: UInt64
) where Out.Element == UInt64, In.Element == UInt64 {
    var number: UInt64 = 1
    while number <= items {
        let item = next(&requests)
        while out.tryPublish(item) != nil {}
        number &+= 1
    }
}

@inline(__always)
private func next<End: TakingEnd & ~Copyable>(_ end: inout End) -> End.Element {
    while true {
        if let item = end.tryTake() { return item }
    }
}

/// Publishes an item and takes it again, one thread alone.
func publishAndTake<Out: PublishingEnd & ~Copyable, In: TakingEnd & ~Copyable>(
    _ out: consuming Out,
    _ end: consuming In,
    _ items: UInt64,
    _ tally: Tally
) where Out.Element == UInt64, In.Element == UInt64 {
    var check = Check(seesAll: true)
    var number: UInt64 = 1
    while number <= items {
        while out.tryPublish(number) != nil {}
        check.take(next(&end))
        number &+= 1
    }
    tally.add(check)
}
