import Messaging

/// Events that went back to the broker untaken, and hold back later ones of their key until they
/// are through: `order: block-key` in the client.
///
/// A broker can hold back only what it has not handed out. So a member that holds later events of a
/// refused key hands them back untried, as one does with the rest of a message group in Amazon SQS.
/// An event counts as missing from its refusal until it took effect or was given up. A broker that
/// forgets an event must not stop its key: a key whose first missing event is overdue by `patience`
/// is not held back any more. Beyond the limit of keys neither.
struct BlockedKeys: Sendable {
    /// Whose order is promised: the events of one key from one producer in one partition.
    private struct Line: Hashable {
        var key: EventKey
        var producer: UInt16
        var partition: UInt16

        init(_ header: EventHeader) {
            key = header.key
            producer = header.producer
            partition = header.partition
        }
    }

    private struct Missing {
        var n: UInt64
        /// When it may come again.
        var due: Instant
    }

    private static let limit = 1 << 16
    /// A handed-back event is not asked for again sooner.
    private static let pauseNanosecondsMin: Int64 = 1_000_000

    private let patienceNanoseconds: Int64
    /// What is missing, by number.
    private var missing: [Line: [Missing]] = [:]
    /// Keys that the broker has kept waiting too long.
    private var forsaken: Set<Line> = []

    init(patienceNanoseconds: Int64) {
        self.patienceNanoseconds = patienceNanoseconds
    }

    /// `header` goes back and may come again at `due`; later events of its key wait for it.
    mutating func block(_ header: EventHeader, until due: Instant) {
        guard header.key != .none else { return }
        let line = Line(header)
        guard !forsaken.contains(line) else { return }
        guard var events = missing[line] else {
            if missing.count < Self.limit { missing[line] = [Missing(n: header.n, due: due)] }
            return
        }
        let place = events.firstIndex { $0.n >= header.n } ?? events.count
        if place < events.count, events[place].n == header.n {
            events[place].due = due
        } else {
            events.insert(Missing(n: header.n, due: due), at: place)
        }
        missing[line] = events
    }

    /// How long `header` has to wait for an earlier event of its key; `nil`: not at all.
    mutating func wait(of header: EventHeader, at now: Instant) -> Int64? {
        guard !missing.isEmpty, header.key != .none else { return nil }
        let line = Line(header)
        guard let first = missing[line]?.first, first.n < header.n else { return nil }
        let rest = first.due.nanoseconds(since: now)
        if rest > -patienceNanoseconds { return max(Self.pauseNanosecondsMin, rest) }
        missing[line] = nil
        if forsaken.count < Self.limit { forsaken.insert(line) }
        return nil
    }

    /// `header` took effect or was given up.
    mutating func release(_ header: EventHeader) {
        guard !missing.isEmpty, header.key != .none else { return }
        let line = Line(header)
        guard var events = missing[line] else { return }
        events.removeAll { $0.n == header.n }
        missing[line] = events.isEmpty ? nil : events
    }
}
