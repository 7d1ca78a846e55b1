import RingCore

/// A producer's end, of whatever ring.
protocol PublishingEnd: ~Copyable, SendableMetatype {
    associatedtype Ring: Sendable
    associatedtype Element: TrialItem

    static func makeRing(
        capacity: Int,
        producers: Int,
        consumers: Int
    ) throws(RingError) -> Ring
    static func make(on ring: Ring) -> Self

    /// Publishes an element, or hands it back.
    mutating func tryPublish(_ element: Element) -> Element?

    /// Publishes items from the front of `batch`, and says how many.
    mutating func publish(_ batch: inout ItemBatch<Element>) -> Int

    /// Publishes up to `count` items whose tags begin with `first`, and says how many.
    ///
    /// `batch` keeps what there was no room for, for the next call.
    mutating func publish(
        from first: UInt64,
        upTo count: Int,
        _ batch: inout ItemBatch<Element>
    ) -> Int
}

extension PublishingEnd where Self: ~Copyable {
    @inline(__always)
    mutating func publish(_ batch: inout ItemBatch<Element>) -> Int {
        batch.empty { tryPublish($0) == nil }
    }

    @inline(__always)
    mutating func publish(
        from first: UInt64,
        upTo count: Int,
        _ batch: inout ItemBatch<Element>
    ) -> Int {
        if batch.isEmpty { batch.fill(from: first, count) }
        return publish(&batch)
    }
}

/// A consumer's end, of whatever ring.
protocol TakingEnd: ~Copyable, SendableMetatype {
    associatedtype Ring: Sendable
    associatedtype Element: TrialItem

    static func make(on ring: Ring) -> Self

    mutating func tryTake() -> Element?

    /// Moves up to `count` items into the empty `batch`, and says how many.
    mutating func move(upTo count: Int, into batch: inout ItemBatch<Element>) -> Int

    /// Takes up to `count` items and checks them, in place where the ring allows it.
    mutating func take(
        upTo count: Int,
        _ batch: inout ItemBatch<Element>,
        _ check: inout OrderCheck
    ) -> Int
}

extension TakingEnd where Self: ~Copyable {
    @inline(__always)
    mutating func move(upTo count: Int, into batch: inout ItemBatch<Element>) -> Int {
        batch.fill(upTo: count) { tryTake() }
    }

    @inline(__always)
    mutating func take(
        upTo count: Int,
        _ batch: inout ItemBatch<Element>,
        _ check: inout OrderCheck
    ) -> Int {
        let moved = move(upTo: count, into: &batch)
        batch.check(&check)
        batch.clear()
        return moved
    }
}

/// Publishes numbered items until the trial stops, but at least some.
func produce<End: PublishingEnd & ~Copyable>(
    _ end: consuming End,
    as producer: Int,
    into stream: TrialStream,
    _ duty: consuming TrialDuty
) {
    var batch = ItemBatch<End.Element>(capacity: duty.batch)
    let base = ItemTag.base(producer)
    duty.begin()
    let published =
        duty.batch == 1
        ? produceSingly(&end, base, &duty) : produceBatches(&end, base, &batch, &duty)
    stream.endWriter(producer, published: published)
    duty.end()
}

/// Items between two looks at whether the trial stops.
private let itemsPerLook: UInt64 = 64

private func produceSingly<End: PublishingEnd & ~Copyable>(
    _ end: inout End,
    _ base: UInt64,
    _ duty: inout TrialDuty
) -> UInt64 {
    var number: UInt64 = 0
    repeat {
        let item = End.Element(tag: base &+ number &+ 1)
        while end.tryPublish(item) != nil {
            if duty.signals.isAbandoned { return number }
            duty.patience.idle()
        }
        duty.patience.reset()
        number &+= 1
    } while number % itemsPerLook != 0 || !duty.signals.isStopping
    return number
}

private func produceBatches<End: PublishingEnd & ~Copyable>(
    _ end: inout End,
    _ base: UInt64,
    _ batch: inout ItemBatch<End.Element>,
    _ duty: inout TrialDuty
) -> UInt64 {
    var number: UInt64 = 0
    var left = duty.batch
    repeat {
        let count = end.publish(from: base &+ number &+ 1, upTo: left, &batch)
        number &+= UInt64(truncatingIfNeeded: count)
        left = left == count ? duty.batch : left &- count
        if count > 0 {
            duty.patience.reset()
        } else {
            if duty.signals.isAbandoned { return number }
            duty.patience.idle()
        }
    } while number == 0 || left != duty.batch || !duty.signals.isStopping
    return number
}

/// Takes items until nothing more can come.
func consume<End: TakingEnd & ~Copyable>(
    _ end: consuming End,
    from stream: TrialStream,
    _ duty: consuming TrialDuty
) {
    var batch = ItemBatch<End.Element>(capacity: duty.batch)
    var check = OrderCheck()
    duty.begin()
    var wasEnded = false
    while true {
        let count = takeSome(&end, &batch, &check, duty.batch)
        if count > 0 {
            duty.patience.reset()
            continue
        }
        // Empty after the end was seen: what had been published was visible by then.
        if wasEnded || duty.signals.isAbandoned { break }
        wasEnded = stream.isEnded
        if !wasEnded { duty.patience.idle() }
    }
    stream.endConsumer(check)
    duty.end()
}

@inline(__always)
private func takeSome<End: TakingEnd & ~Copyable>(
    _ end: inout End,
    _ batch: inout ItemBatch<End.Element>,
    _ check: inout OrderCheck,
    _ count: Int
) -> Int {
    guard count == 1 else { return end.take(upTo: count, &batch, &check) }
    guard let item = end.tryTake() else { return 0 }
    check.take(item)
    return 1
}
