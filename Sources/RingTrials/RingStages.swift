import CGyreShims
import LatencyMetrics

/// Tags of consecutive items.
struct TagRun {
    var first: UInt64
    var count: Int
}

/// What a thread that feeds several rings has for each publication.
struct FanState<Element: TrialItem>: ~Copyable {
    var batch: ItemBatch<Element>
    var duty: TrialDuty
}

/// Publishes every item to several rings, batch by batch, at least one and until the trial stops.
func fanOut<Element: TrialItem>(
    _ streams: [TrialStream],
    _ duty: consuming TrialDuty,
    _ publish: (_ place: Int, TagRun, inout FanState<Element>) -> UInt64
) {
    let size = duty.batch
    var state = FanState<Element>(batch: ItemBatch(capacity: size), duty: duty)
    var published = Array(repeating: UInt64(0), count: streams.count)
    var number: UInt64 = 0
    state.duty.begin()
    repeat {
        let tags = TagRun(first: ItemTag.base(0) &+ number &+ 1, count: size)
        for place in streams.indices { published[place] &+= publish(place, tags, &state) }
        number &+= UInt64(truncatingIfNeeded: size)
    } while !state.duty.signals.isStopping
    for (stream, count) in zip(streams, published) { stream.endWriter(0, published: count) }
    state.duty.end()
}

/// Publishes all items of a run, and says how many; fewer only if the trial is given up.
@inline(__always)
func publishAll<End: PublishingEnd & ~Copyable>(
    _ end: inout End,
    _ tags: TagRun,
    _ state: inout FanState<End.Element>
) -> UInt64 {
    var done = 0
    while done < tags.count {
        let first = tags.first &+ UInt64(truncatingIfNeeded: done)
        let count = end.publish(from: first, upTo: tags.count &- done, &state.batch)
        done &+= count
        if count > 0 {
            state.duty.patience.reset()
        } else {
            if state.duty.signals.isAbandoned {
                state.batch.clear()
                break
            }
            state.duty.patience.idle()
        }
    }
    return UInt64(truncatingIfNeeded: done)
}

/// Takes items, checks them and publishes them to the next ring, until nothing more can come.
func passOn<In: TakingEnd & ~Copyable, Out: PublishingEnd & ~Copyable>(
    _ input: consuming In,
    _ output: consuming Out,
    from source: TrialStream,
    to target: TrialStream,
    _ duty: consuming TrialDuty
) where In.Element == Out.Element {
    var batch = ItemBatch<In.Element>(capacity: duty.batch)
    var check = OrderCheck()
    duty.begin()
    var wasEnded = false
    while true {
        let count = input.move(upTo: duty.batch, into: &batch)
        guard count > 0 else {
            if wasEnded || duty.signals.isAbandoned { break }
            wasEnded = source.isEnded
            if !wasEnded { duty.patience.idle() }
            continue
        }
        duty.patience.reset()
        batch.check(&check)
        while !batch.isEmpty, !duty.signals.isAbandoned {
            if output.publish(&batch) == 0 { duty.patience.idle() } else { duty.patience.reset() }
        }
    }
    source.endConsumer(check)
    target.endWriter(passedOn: check)
    duty.end()
}

/// Takes every item from both of two rings, in step.
func join<In: TakingEnd & ~Copyable>(
    _ left: consuming In,
    _ right: consuming In,
    from streams: (left: TrialStream, right: TrialStream),
    _ duty: consuming TrialDuty
) {
    var batch = ItemBatch<In.Element>(capacity: duty.batch)
    var (leftCheck, rightCheck) = (OrderCheck(), OrderCheck())
    duty.begin()
    var ahead = 0
    var wereEnded = false
    while true {
        // Whatever came from the left is waited for on the right before more is taken.
        let count =
            ahead == 0
            ? left.take(upTo: duty.batch, &batch, &leftCheck)
            : right.take(upTo: ahead, &batch, &rightCheck)
        if count > 0 {
            ahead = ahead == 0 ? count : ahead &- count
            duty.patience.reset()
            continue
        }
        if wereEnded || duty.signals.isAbandoned { break }
        wereEnded = streams.left.isEnded && streams.right.isEnded
        if !wereEnded { duty.patience.idle() }
    }
    // Only a ring that loses leaves something behind.
    while right.take(upTo: duty.batch, &batch, &rightCheck) > 0 {}
    streams.left.endConsumer(leftCheck)
    streams.right.endConsumer(rightCheck)
    duty.end()
}

/// Sends an item and waits for its return, at least once and until the trial stops.
func ask<Out: PublishingEnd & ~Copyable, In: TakingEnd & ~Copyable>(
    _ out: consuming Out,
    _ replies: consuming In,
    _ streams: (there: TrialStream, back: TrialStream),
    _ tally: RoundTripTally,
    _ duty: consuming TrialDuty
) where Out.Element == In.Element {
    var check = OrderCheck()
    var ticks = LatencyHistogram(.perSecond)
    duty.begin()
    var number: UInt64 = 0
    var before = TickClock.now
    trips: repeat {
        let item = Out.Element(tag: number &+ 1)
        while out.tryPublish(item) != nil {
            if duty.signals.isAbandoned { break trips }
            duty.patience.idle()
        }
        number &+= 1
        while true {
            if let reply = replies.tryTake() {
                check.take(reply)
                break
            }
            if duty.signals.isAbandoned { break trips }
            duty.patience.idle()
        }
        duty.patience.reset()
        let after = TickClock.now
        ticks.record(after &- before)
        before = after
    } while !duty.signals.isStopping
    streams.there.endWriter(0, published: number)
    streams.back.endConsumer(check)
    tally.set(ticks.snapshot())
    duty.end()
}

/// The cheapest clock: the time-stamp counter, or nanoseconds where there is none.
enum TickClock {
    @inline(__always)
    static var now: Int64 {
        let ticks = gyre_timestamp_counter()
        return ticks == 0 ? gyre_monotonic_nanoseconds() : Int64(truncatingIfNeeded: ticks)
    }

    /// A moment on both clocks.
    static var both: (ticks: Int64, nanoseconds: Int64) { (now, gyre_monotonic_nanoseconds()) }
}
