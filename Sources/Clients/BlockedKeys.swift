import Messaging

/// Keys whose next event the handler has refused and will see again, under `order: block-key`.
///
/// A member that holds later events of such a key hands them back untried, as one does with the
/// rest of a message group in Amazon SQS: the broker can hold back only what it has not handed out.
/// A block ends with its event, or when the repetition is overdue by `patience`: a broker that
/// forgets an event must not stop its key for ever. Beyond the limit keys are not blocked.
struct BlockedKeys: Sendable {
    private struct Block {
        var header: EventHeader
        /// When the refused event may come again.
        var due: Instant
    }

    private static let limit = 1 << 16
    /// A handed-back event is not asked for again sooner.
    private static let pauseNanosecondsMin: Int64 = 1_000_000

    private let patienceNanoseconds: Int64
    private var blocks: [EventKey: Block] = [:]

    init(patienceNanoseconds: Int64) {
        self.patienceNanoseconds = patienceNanoseconds
    }

    /// `header` was refused and comes again at `due`; later events of its key wait for it.
    mutating func block(_ header: EventHeader, until due: Instant) {
        guard header.key != .none, blocks.count < Self.limit else { return }
        if let block = blocks[header.key], Self.follows(header, block.header) { return }
        blocks[header.key] = Block(header: header, due: due)
    }

    /// How long `header` has to wait for an earlier event of its key; `nil`: not at all.
    mutating func wait(of header: EventHeader, at now: Instant) -> Int64? {
        guard !blocks.isEmpty, header.key != .none, let block = blocks[header.key],
            Self.follows(header, block.header)
        else { return nil }
        let rest = block.due.nanoseconds(since: now)
        guard rest > -patienceNanoseconds else {
            blocks[header.key] = nil
            return nil
        }
        return max(Self.pauseNanosecondsMin, rest)
    }

    /// `header` took effect or was given up: its key is free.
    mutating func release(_ header: EventHeader) {
        guard !blocks.isEmpty, blocks[header.key]?.header.id == header.id else { return }
        blocks[header.key] = nil
    }

    /// Order is promised among the events of one producer in one partition.
    private static func follows(_ header: EventHeader, _ earlier: EventHeader) -> Bool {
        header.producer == earlier.producer && header.partition == earlier.partition
            && header.n > earlier.n
    }
}
