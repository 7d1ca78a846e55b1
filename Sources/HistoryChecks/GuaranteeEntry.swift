/// What a guarantee means to a reader who meets it in a report.
public struct GuaranteeEntry: Sendable, Hashable {
    /// The identifier, such as `A4`.
    public var id: String
    /// The published names of the ways to break it.
    public var anomalies: [String]
    /// What holds if it holds.
    public var meaning: String
    /// A small history that breaks it, an event a line.
    public var example: String
    /// What usually is behind it.
    public var causes: String
}

extension Guarantee {
    /// The entry of every guarantee that this version judges; others have a meaning only.
    public var entry: GuaranteeEntry? {
        guard let row = Self.entries[self] else { return nil }
        return GuaranteeEntry(
            id: id,
            anomalies: row.anomalies,
            meaning: row.meaning,
            example: row.example.joined(separator: "\n"),
            causes: row.causes
        )
    }

    /// The guarantee that an anomaly of this published name breaks.
    public static func broken(by anomaly: String) -> Guarantee? {
        allCases.first { entries[$0]?.anomalies.contains(anomaly) ?? false }
    }

    private struct Row {
        var anomalies: [String]
        var meaning: String
        var example: [String]
        var causes: String

        init(_ anomalies: [String], _ meaning: String, _ example: [String], _ causes: String) {
            self.anomalies = anomalies
            self.meaning = meaning
            self.example = example
            self.causes = causes
        }
    }

    private static let entries: [Guarantee: Row] = [
        .a1: Row(
            ["unexpected"],
            "Whatever is delivered was sent by a producer of this run.",
            ["publish 0 ok", "deliver 7"],
            "Leftovers of an earlier run under the same run id; a broker that mixes topics."
        ),
        .a2: Row(
            ["corrupted"],
            "Identifier, key and body are delivered as they crossed the boundary.",
            ["publish 0 digest 5 ok", "deliver 0 digest 6"],
            "A buffer reused too early; a torn write; a re-encoding on the way."
        ),
        .a3: Row(
            ["aborted-read"],
            "An event whose every attempt was definitely refused is never delivered.",
            ["publish 0 fail", "deliver 0"],
            "A refusal that was a guess: report what is not certain as unknown."
        ),
        .a4: Row(
            ["lost"],
            "Every confirmed event reaches every group once the run has come to rest.",
            ["publish 0 ok", "drain ok"],
            "Confirming before storing; dropping at a full queue; moving a cursor too far."
        ),
        .a5: Row(
            ["duplicate-delivery"],
            "A stored copy comes again only for a reason: refusal, expiry, crash.",
            ["deliver 0", "ack 0 ok", "deliver 0"],
            "An acknowledgement that is forgotten on restart or rebalance."
        ),
        .a6: Row(
            ["duplicate"],
            "The broker stores no more copies than were sent, one if it recognises repeats.",
            ["publish 0 ok", "deliver 0 offset 1", "deliver 0 offset 2"],
            "A retry inside a client library; a de-duplication window that is too short."
        ),
        .a7: Row(
            ["acked-then-redelivered", "early-redelivery"],
            "No redelivery of what was acknowledged or is still held under a live lease.",
            ["deliver 0", "ack 0 ok", "deliver 0 redelivered"],
            "Acknowledgements kept in memory only; a lease counted from the wrong moment."
        ),
        .a8: Row(
            [
                "double-apply", "missed-apply", "refused-apply", "dead-lettered-apply",
            ],
            "Each confirmed event takes effect exactly once in each group.",
            ["apply 0", "deliver 0 redelivered", "apply 0"],
            "An inbox that is not written together with the effect, or is too small."
        ),
        .a9: Row(
            ["state-mismatch"],
            "The handler's state is that of the distinct events it applied.",
            ["apply 0", "apply 0", "state 2"],
            "A handler that is not idempotent behind at-least-once delivery."
        ),
        .a11: Row(
            ["reorder"],
            "First deliveries of one producer and key keep the order in which they crossed.",
            ["publish 0", "publish 1", "deliver 1", "deliver 0"],
            "Several partitions for one key; parallel fetches; a retry that overtakes."
        ),
        .a12: Row(
            ["nonmonotonic"],
            "What was confirmed before another was sent is first delivered before it, whoever "
                + "sent them.",
            ["publish 0 by a ok", "publish 0 by b", "deliver 0 of b", "deliver 0 of a"],
            "Producers with queues of their own behind one partition; several partitions; a "
                + "leader that confirms before it has ordered."
        ),
        .a14: Row(
            ["inconsistent-offsets"],
            "An offset holds one event for ever.",
            ["deliver 0 offset 5", "deliver 1 offset 5"],
            "A log truncated after it was read; two leaders."
        ),
        .a15: Row(
            ["divergence"],
            "All groups are first handed the events of a partition in one order.",
            ["deliver 0, 1 to billing", "deliver 1, 0 to search"],
            "Groups fed from replicas or queues of their own; parallel fetches."
        ),
        .a18: Row(
            ["double-lease"],
            "While one member's lease is live no other member is handed the event.",
            ["deliver 0 to a", "deliver 0 to b"],
            "Two members own one partition; a lease shorter than declared."
        ),
        .a20: Row(
            ["stuck"],
            "What was refused, expired or given back comes again or becomes a dead letter.",
            ["deliver 0", "nack 0 ok", "drain ok"],
            "A redelivery timer that is lost on rebalance; a head of line that never moves."
        ),
        .a21: Row(
            [
                "attempt-repeated", "skipped-attempts", "over-retry", "early-dead-letter",
                "never-dead-lettered", "delivered-after-dead-letter", "acked-and-dead-lettered",
                "impossible-attempt",
            ],
            "Attempts grow by one, stay within the limit, and then end in the dead letters.",
            ["deliver 0 attempt 1", "deliver 0 attempt 1"],
            "Attempt counters in memory; a limit counted per member."
        ),
        .a22: Row(
            ["unflagged-redelivery"],
            "A delivery without the redelivered flag is the first of its stored copy.",
            ["deliver 0", "deliver 0"],
            "A broker that forgets on fail-over what it has handed out."
        ),
        .a23: Row(
            ["early-retry"],
            "A refused event does not come back before the delay that was asked for.",
            ["nack 0 delay 50 ms", "deliver 0 after 20 ms"],
            "A timer of coarse grain that rounds down."
        ),
        .a26: Row(
            ["duplicate"],
            "A repeat of an idempotent producer is answered with the offset of the first.",
            ["publish 0 ok offset 1", "publish 0 ok offset 2"],
            "De-duplication state that is lost on restart or too short."
        ),
        .a29: Row(
            ["silent-drop"],
            "What is neither delivered nor queued was declared as dropped, and nothing else was.",
            ["publish 0 ok", "drops 0, queued 0"],
            "An overflow policy that does not count."
        ),
        .a33: Row(
            ["stale-settlement"],
            "A late acknowledgement of a delivery that a later one has replaced settles nothing. "
                + "Judged where the later lease shows it, and where anybody answered late.",
            ["deliver 0 to a", "deliver 0 to b redelivered", "ack 0 by a ok", "ack 0 by b fail"],
            "Receipts that name the event, not the delivery; a lease that is looked up by event."
        ),
        .a34: Row(
            ["effect-reorder"],
            "The last effects of one key happen in the order of sending.",
            ["apply 1", "apply 0"],
            "A refused event that later events of its key overtake; parallel handlers."
        ),
        .a38: Row(
            ["misrouted"],
            "Events arrive in the topic and partition they were sent to.",
            ["publish 0 to partition 1", "deliver 0 from partition 2"],
            "Partition counts that differ between client and broker."
        ),
        .unresolved: Row(
            ["unresolved"],
            "No more sends than allowed end with an unknown fate.",
            ["publish 0", "time-out"],
            "Confirmations lost, or slower than the time-out."
        ),
    ]
}
