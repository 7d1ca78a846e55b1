extension Glossary {
    static let faults: [Term] = [
        Term(
            "armed",
            text: "Items that passed a fault's site while the rule was armed (after warm-up)."
        ),
        Term("eligible", text: "Armed items that the rule's selection (`where`) speaks of."),
        Term(
            "fired",
            text: "Eligible items that the rule struck. Less than `min-fired` proves nothing."
        ),
        Term(
            "effective",
            text: "Strikes after which worker or broker saw something else than they would have."
        ),
        Term(
            "masked",
            text: """
                Effective strikes that retries, de-duplication or the inbox absorbed: the
                application came out as if nothing had happened. The good news column.
                """
        ),
        Term(
            "recovery",
            text: """
                From a fault's end until throughput is back to 90 % of its median before the fault
                for one second.
                """
        ),
    ]

    static let events: [Term] = [
        Term("published", text: "Events handed to the broker; repeats of a send count once."),
        Term("confirmed", text: "Events that the broker confirmed to their producer."),
        Term(
            "refused",
            text: "Events whose every attempt the broker refused: certainly no effect."
        ),
        Term("resent", text: "Attempts after the first one of a send."),
        Term("delivered", text: "Deliveries that handlers saw, of all groups, repeats included."),
        Term("redelivered", text: "Deliveries of what the broker had handed to the group before."),
        Term("acknowledged", text: "Deliveries that were acknowledged to the broker."),
        Term("applied", text: "Times that a handler's effect took place."),
        Term("recognised", text: "Deliveries that the inbox had applied already, and kept away."),
        Term("dead-lettered", text: "Events sent to a dead-letter topic after the last attempt."),
        Term("given-up", text: "Events dropped after the last attempt: no dead-letter topic."),
        Term("lost", text: "Confirmed events that a group never got, or never applied."),
        Term("duplicated", text: "Effects beyond the first of an event."),
        Term(
            "reordered",
            text: "Events that came, or took effect, after a later one of their key."
        ),
        Term(
            "unresolved",
            text: "Sends whose fate the producer never learnt: no confirmation, no refusal."
        ),
        Term("foreign", text: "Deliveries of events of another run; counted and left alone."),
        Term("corrupted", text: "Deliveries whose bytes are not those that were sent."),
        Term(
            "stale-receipts",
            "stale-answers",
            text: "Answers to deliveries whose lease was over; they settle nothing."
        ),
        Term("spurious-confirms", text: "Confirmations of what was settled already; ignored."),
        Term(
            "declared-drops",
            "dropped-by-overflow",
            text: "Events that the broker dropped by the topic's `overflow`, and says so."
        ),
        Term(
            "clock-anomalies",
            text: "Latencies of zero or less: the clock is too coarse, or differs between cores."
        ),
        Term("published-bytes", text: "Bytes of the payloads published in the measured time."),
        Term("deliveries-per-event", text: "delivered / confirmed: 1 a group without repeats."),
    ]

    static let rates: [Term] = [
        Term(
            "ratio",
            "mixed",
            text: """
                Of a comparison: a candidate's median rate over that of the first one under the same
                conditions (in a table of one kind of ring: over that of the table's first row).
                Only samples of one placement are compared; one during which the placement changed
                is `mixed` and does not count. Who lost or reordered something has no ratio.
                """
        ),
        Term(
            "disturbed",
            "crowded",
            "queued-share",
            text: """
                Of a comparison: a sample is `disturbed` if one of its threads waited in a run queue
                for more than 5 % of its time (its `queued-share`): another program had the
                processor. It counts only where a candidate has no other sample. Where threads
                outnumber processors (`crowded`) they wait for one another whatever others do, and
                where the system does not say how long they wait (it does on Linux, in
                /proc/thread-self/schedstat) the answer is `unknown`: such samples are judged by
                their placement alone, and a note says how many.
                """
        ),
        Term("throughput", text: "Events confirmed a second in the measured time."),
        Term(
            "delivery-throughput",
            "handled",
            text: "Deliveries handled a second in the measured time, all groups together."
        ),
        Term("byte-throughput", text: "Bytes of payload a second in the measured time."),
        Term("target-throughput", "target", text: "The rate that the scenario asks for."),
        Term(
            "bytes-allocated-per-event",
            "bytes-per-event",
            text: """
                Memory that the worker threads allocated in the measured time, by event confirmed;
                0 after warm-up is the aim.
                """
        ),
        Term("cpu-seconds", text: "Processor time of the whole process during the run."),
        Term("worker-cpu-seconds", text: "Processor time of the worker threads while measuring."),
        Term("resident-bytes-max", text: "The most memory that the process had at once."),
    ]

    static let timeline: [Term] = [
        Term("backlog", text: "Confirmed events not finished with yet, over all groups."),
        Term("lag", text: "The backlog of the group that was furthest behind."),
        Term("in-flight", text: "The most events that were unconfirmed at once."),
        Term("active-faults", text: "Faults between their first and their last strike."),
    ]
}
