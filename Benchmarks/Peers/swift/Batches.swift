import RingCore

/// Fills claimed places of a batch ring and publishes them.
func produceBatches<Element: Item>(
    _ ring: BatchRing<Element>,
    _ items: UInt64,
    _ patience: Waiting
) {
    var end = ring.makeProducer()
    var waiting = patience
    var number: UInt64 = 1
    while number <= items {
        let wanted = Int(min(UInt64(Sizes.batch), items - number + 1))
        // SAFETY: every place is filled before `publish` and none is touched after it.
        let places = unsafe end.claim(wanted)
        guard !places.isEmpty else {
            waiting.idle()
            continue
        }
        waiting.reset()
        for index in 0..<places.count {
            // SAFETY: the index is inside the claim.
            unsafe places[index] = Element(value: number &+ UInt64(index))
        }
        number &+= UInt64(places.count)
        end.publish(places.count)
    }
}

/// Checks published elements in place and releases them.
func consumeBatches<Element: Item>(
    _ ring: BatchRing<Element>,
    _ items: UInt64,
    _ result: inout Check,
    _ patience: Waiting
) {
    var end = ring.makeConsumer()
    var (waiting, check) = (patience, result)
    var taken: UInt64 = 0
    while taken < items {
        // SAFETY: no element is touched after `release`.
        let elements = unsafe end.drain(Sizes.batch)
        guard !elements.isEmpty else {
            waiting.idle()
            continue
        }
        waiting.reset()
        for index in 0..<elements.count {
            // SAFETY: the index is inside the drained part.
            check.take(unsafe elements[index])
        }
        taken &+= UInt64(elements.count)
        end.release(elements.count)
    }
    result = check
}

/// Publishes batches through a many-to-many ring.
func produceBatches<End: BatchPublishingEnd & ~Copyable>(
    _ end: consuming End,
    _ producer: UInt64,
    _ items: UInt64,
    _ patience: Waiting
) where End.Element == UInt64 {
    var waiting = patience
    var batch = InlineArray<32, UInt64>(repeating: 0)
    var number: UInt64 = 1
    while number <= items {
        let count = Int(min(UInt64(Sizes.batch), items - number + 1))
        for index in 0..<count {
            batch[index] = producer << Sizes.producerShift | number
            number &+= 1
        }
        var done = 0
        while done < count {
            let published = end.tryPublish(batch: batch.span.extracting(done..<count))
            done &+= published
            if published == 0 { waiting.idle() } else { waiting.reset() }
        }
    }
}

/// Takes batches from a many-to-many ring and checks them.
func consumeBatches<End: BatchTakingEnd & ~Copyable>(
    _ end: consuming End,
    _ items: UInt64,
    _ result: inout Check,
    _ patience: Waiting
) where End.Element == UInt64 {
    var (waiting, check) = (patience, result)
    // SAFETY: the buffer is this function's alone and lives as long as its call.
    let buffer = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: Sizes.batch)
    defer { unsafe buffer.deallocate() }
    var taken: UInt64 = 0
    while taken < items {
        let wanted = Int(min(UInt64(Sizes.batch), items - taken))
        // SAFETY: the buffer has room for a batch, of which the first `count` are filled.
        let part = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<wanted])
        var output = unsafe OutputSpan(buffer: part, initializedCount: 0)
        let count = end.tryTake(into: &output)
        _ = unsafe output.finalize(for: part)
        for index in 0..<count {
            // SAFETY: filled just now.
            check.take(unsafe buffer[index])
        }
        taken &+= UInt64(count)
        if count == 0 { waiting.idle() } else { waiting.reset() }
    }
    result = check
}
