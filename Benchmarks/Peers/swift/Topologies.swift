import RingCore

/// LMAX's topologies over the multicast ring, one event per publication.
///
/// Pipeline: each stage adds one to the last stage's field. Diamond: two stages write a field
/// each, a third checks both. Multicast: three groups see everything.
extension Candidates {
    mutating func addTopologies() {
        addTopology("unicast", [Stage(.look)])
        addTopology("sequencer", producers: 3, [Stage(.look)])
        addTopology("multicast", [Stage(.look), Stage(.look), Stage(.look)])
        addTopology(
            "pipeline",
            [Stage(.first), Stage(.second, after: 0..<1), Stage(.last, after: 1..<2)]
        )
        addTopology("diamond", [Stage(.first), Stage(.second), Stage(.last, after: 0..<2)])
    }

    private mutating func addTopology(_ name: String, producers: Int = 1, _ stages: [Stage]) {
        add("disruptor_\(name)", "MulticastRing") {
            try run(producers: producers, stages: stages, items: $0)
        }
    }
}

/// What a group does with an event of three words, and which groups come before it.
private struct Stage: Sendable {
    enum Work { case look, first, second, last }
    var work: Work
    var upstream: Range<Int>

    init(_ work: Work, after upstream: Range<Int> = 0..<0) {
        self.work = work
        self.upstream = upstream
    }

    static let firstOffset = 8
    static let secondOffset = 16
    static let eventBytes = 32

    /// Does the work, and says whether the fields before it were right.
    @inline(__always)
    func handle(_ event: UnsafeMutableRawPointer, _ value: UInt64) -> Bool {
        // SAFETY: an event has room for all fields; each is written by one group, and read by
        // groups that come after that one only.
        unsafe handleFields(event, value)
    }

    @unsafe
    @inline(__always)
    private func handleFields(_ event: UnsafeMutableRawPointer, _ value: UInt64) -> Bool {
        // SAFETY: as in handle.
        switch work {
        case .look:
            return true
        case .first:
            unsafe event.storeBytes(of: value &+ 1, toByteOffset: Self.firstOffset, as: UInt64.self)
            return true
        case .second:
            let first = unsafe event.load(fromByteOffset: Self.firstOffset, as: UInt64.self)
            let second = value &+ 2
            unsafe event.storeBytes(of: second, toByteOffset: Self.secondOffset, as: UInt64.self)
            return upstream.isEmpty || first == value &+ 1
        case .last:
            let first = unsafe event.load(fromByteOffset: Self.firstOffset, as: UInt64.self)
            let second = unsafe event.load(fromByteOffset: Self.secondOffset, as: UInt64.self)
            return first == value &+ 1 && second == value &+ 2
        }
    }
}

private func run(producers: Int, stages: [Stage], items: UInt64) throws -> Outcome {
    let ring = try MulticastRing(
        capacity: Sizes.topology,
        slotBytes: Stage.eventBytes,
        producers: producers == 1 ? .single : .multiple,
        groups: stages.count
    )
    let each = max(1, items / UInt64(producers))
    let total = each * UInt64(producers)
    let waiting = Waiting(threads: Int32(producers + stages.count))
    let tally = Tally()
    let duration = timed(producers + stages.count) { index in
        guard index >= producers else { return publish(ring, UInt64(index), each, waiting) }
        let group = index - producers
        drain(ring, group, stages[group], total, tally, waiting)
    }
    let views = UInt64(stages.count)
    return Outcome(
        value: Double(total) * 1e3 / duration,
        violations: tally.violations(producers: UInt64(producers), each: each, views: views)
    )
}

private func publish(
    _ ring: MulticastRing,
    _ producer: UInt64,
    _ items: UInt64,
    _ patience: Waiting
) {
    var writer = ring.makeWriter()
    var waiting = patience
    var number: UInt64 = 1
    while number <= items {
        let claim = writer.tryClaim(1)
        guard !claim.isEmpty else {
            waiting.idle()
            continue
        }
        waiting.reset()
        // SAFETY: claimed and not yet published.
        let slot = unsafe writer.slot(claim.lowerBound)
        unsafe slot.storeBytes(of: producer << Sizes.producerShift | number, as: UInt64.self)
        writer.publish(claim)
        number &+= 1
    }
}

private func drain(
    _ ring: MulticastRing,
    _ group: Int,
    _ stage: Stage,
    _ items: UInt64,
    _ tally: Tally,
    _ patience: Waiting
) {
    var reader = ring.makeReader(group: group, after: stage.upstream)
    var (waiting, check) = (patience, Check(seesAll: true))
    var (next, wrong): (UInt64, UInt64) = (0, 0)
    while next < items {
        let range = reader.available(from: next, max: Sizes.drain)
        guard !range.isEmpty else {
            waiting.idle()
            continue
        }
        waiting.reset()
        while next < range.upperBound {
            // SAFETY: observed and not yet released; a group writes its own field only.
            let slot = unsafe UnsafeMutableRawPointer(mutating: reader.slot(next))
            let value = unsafe slot.load(as: UInt64.self)
            check.take(value)
            if unsafe !stage.handle(slot, value) { wrong &+= 1 }
            next &+= 1
        }
        reader.release(below: next)
    }
    tally.add(check)
    tally.add(violations: wrong)
}
