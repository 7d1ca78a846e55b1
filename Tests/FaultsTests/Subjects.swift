import Faults
import Messaging

/// A millisecond of the runs that these tests make up.
func ms(_ count: Double) -> Instant { Instant(nanoseconds: Int64(count * 1e6)) }

let always = FaultWindow(begin: .zero, end: .distantFuture)

/// Event `n` of `producer`, at the client's attempt `attempt`.
func outbound(
    _ n: UInt64,
    producer: UInt16 = 0,
    partition: UInt16 = 0,
    key: EventKey = .none,
    attempt: UInt8 = 1,
    copy: UInt8 = 0,
    topic: UInt16 = 0
) -> FaultSubject {
    var header = EventHeader()
    header.id = EventID(producer: producer, epoch: 0, sequence: n)
    header.n = n
    header.producer = producer
    header.partition = partition
    header.key = key
    header.attempt = attempt
    header.copy = copy
    return FaultSubject(outbound: header, topic: topic)
}

/// Delivery number `attempt` of event `n` to `member` of `group`.
func inbound(
    _ n: UInt64,
    attempt: UInt32 = 1,
    group: UInt16 = 0,
    member: UInt16 = 0,
    partition: UInt16 = 0
) -> FaultSubject {
    var subject = outbound(n, partition: partition)
    subject.group = group
    subject.member = member
    subject.attempt = attempt
    return subject
}

func rule(
    _ kind: FaultKind,
    _ name: String = "rule",
    at site: FaultSite? = .publish,
    maxHeld: Int = 65_536,
    _ select: (inout FaultSelector) -> Void = { _ in }
) -> FaultRule {
    var selector = FaultSelector()
    select(&selector)
    return FaultRule(name: name, kind: kind, site: site, selector: selector, maxHeld: maxHeld)
}

/// Passes whole numbers through a site and notes what comes out, copies as 1000 and more.
struct Passage {
    var layer: FaultSiteLayer<Int>
    var out: ContiguousArray<Int> = []

    init?(_ rules: [FaultRule], seed: UInt64 = 7, window: FaultWindow = always) {
        let hash = KeyedHash(seed: seed)
        guard
            let layer = FaultSiteLayer<Int>(
                site: .publish,
                rules: rules,
                hash: hash,
                window: window
            )
        else { return nil }
        self.layer = layer
    }

    mutating func pass(_ subject: FaultSubject, at now: Instant = .zero, lane: Int = 0) {
        layer.pass(
            Int(subject.header.n),
            subject,
            at: now,
            lane: lane,
            copy: { $0 + 1000 * $1 },
            into: &out
        )
    }

    mutating func release(at now: Instant) { layer.release(at: now, into: &out) }
}
