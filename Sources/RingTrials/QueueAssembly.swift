import RingCore

/// Trials of rings in which each item goes to one consumer.
///
/// Producers and consumers share one ring where the topology allows it. Stages have a ring
/// between each other, and consumers that all see everything have one each.
struct QueueAssembly<Out: PublishingEnd & ~Copyable, In: TakingEnd & ~Copyable>
where Out.Ring == In.Ring, Out.Element == In.Element {
    let topology: RingTopology
    let capacity: Int

    /// The same without its type.
    var erased: TrialAssembly {
        TrialAssembly(
            parts: { () throws(RingError) in try parts() },
            roundTrip: { () throws(RingError) in try roundTrip() }
        )
    }

    func parts() throws(RingError) -> TrialParts {
        switch topology {
        case .pipeline: try pipeline()
        case .multicast: try multicast()
        case .diamond: try diamond()
        case .oneToOne, .twoToOne, .oneToTwo, .twoToTwo, .threeToOne: try shared()
        }
    }

    /// A ring and its account.
    private func link(
        writers: Int,
        readers: Int = 1
    ) throws(RingError) -> RingLink<Out.Ring> {
        RingLink(
            ring: try Out.makeRing(
                capacity: capacity,
                producers: writers,
                consumers: readers
            ),
            stream: TrialStream(writers: writers)
        )
    }

    private func shared() throws(RingError) -> TrialParts {
        let link = try link(
            writers: topology.producers,
            readers: topology.consumers
        )
        var parts = TrialParts(streams: [link.stream])
        for producer in 0..<topology.producers {
            parts.bodies.append {
                produce(Out.make(on: link.ring), as: producer, into: link.stream, $0)
            }
        }
        for _ in 0..<topology.consumers {
            parts.bodies.append { consume(In.make(on: link.ring), from: link.stream, $0) }
        }
        return parts
    }

    private func pipeline() throws(RingError) -> TrialParts {
        let (first, second, third) = (
            try link(writers: 1), try link(writers: 1), try link(writers: 1)
        )
        return TrialParts(
            bodies: [
                { produce(Out.make(on: first.ring), as: 0, into: first.stream, $0) },
                { Self.stage(from: first, to: second, $0) },
                { Self.stage(from: second, to: third, $0) },
                { consume(In.make(on: third.ring), from: third.stream, $0) },
            ],
            streams: [first.stream, second.stream, third.stream]
        )
    }

    private func multicast() throws(RingError) -> TrialParts {
        let (first, second, third) = (
            try link(writers: 1), try link(writers: 1), try link(writers: 1)
        )
        return TrialParts(
            bodies: [
                {
                    var one = Out.make(on: first.ring)
                    var two = Out.make(on: second.ring)
                    var three = Out.make(on: third.ring)
                    fanOut([first.stream, second.stream, third.stream], $0) { place, tags, state in
                        switch place {
                        case 0: publishAll(&one, tags, &state)
                        case 1: publishAll(&two, tags, &state)
                        default: publishAll(&three, tags, &state)
                        }
                    }
                },
                { consume(In.make(on: first.ring), from: first.stream, $0) },
                { consume(In.make(on: second.ring), from: second.stream, $0) },
                { consume(In.make(on: third.ring), from: third.stream, $0) },
            ],
            streams: [first.stream, second.stream, third.stream]
        )
    }

    private func diamond() throws(RingError) -> TrialParts {
        let (left, right) = (try link(writers: 1), try link(writers: 1))
        let (afterLeft, afterRight) = (try link(writers: 1), try link(writers: 1))
        return TrialParts(
            bodies: [
                {
                    var one = Out.make(on: left.ring)
                    var two = Out.make(on: right.ring)
                    fanOut([left.stream, right.stream], $0) { place, tags, state in
                        if place == 0 {
                            publishAll(&one, tags, &state)
                        } else {
                            publishAll(&two, tags, &state)
                        }
                    }
                },
                { Self.stage(from: left, to: afterLeft, $0) },
                { Self.stage(from: right, to: afterRight, $0) },
                {
                    join(
                        In.make(on: afterLeft.ring),
                        In.make(on: afterRight.ring),
                        from: (afterLeft.stream, afterRight.stream),
                        $0
                    )
                },
            ],
            streams: [left.stream, right.stream, afterLeft.stream, afterRight.stream]
        )
    }

    private static func stage(
        from source: RingLink<Out.Ring>,
        to target: RingLink<Out.Ring>,
        _ duty: consuming TrialDuty
    ) {
        passOn(
            In.make(on: source.ring),
            Out.make(on: target.ring),
            from: source.stream,
            to: target.stream,
            duty
        )
    }

    func roundTrip() throws(RingError) -> RoundTripParts {
        let (there, back) = (try link(writers: 1), try link(writers: 1))
        let tally = RoundTripTally()
        let parts = TrialParts(
            bodies: [
                {
                    ask(
                        Out.make(on: there.ring),
                        In.make(on: back.ring),
                        (there.stream, back.stream),
                        tally,
                        $0
                    )
                },
                {
                    passOn(
                        In.make(on: there.ring),
                        Out.make(on: back.ring),
                        from: there.stream,
                        to: back.stream,
                        $0
                    )
                },
            ],
            streams: [there.stream, back.stream]
        )
        return RoundTripParts(parts: parts, tally: tally)
    }
}

/// A ring between threads, and the account of what passes through it.
private struct RingLink<Ring: Sendable>: Sendable {
    let ring: Ring
    let stream: TrialStream
}
