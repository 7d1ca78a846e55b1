/// What the words of summaries and result files mean, but for guarantees and anomalies.
enum Glossary {
    /// One word, with the other ways to write it.
    struct Term {
        var names: [String]
        var text: String

        init(_ names: String..., text: String) {
            self.names = names
            self.text = text
        }
    }

    static let terms: [Term] = verdicts + times + faults + events + rates + timeline

    static let verdicts: [Term] = [
        Term(
            "exit-codes",
            text: """
                0    every required guarantee held and every threshold was met
                1    a guarantee was violated
                2    bad usage or a bad scenario; nothing was run
                3    a broker, library or permission is missing, or the broker died unplanned
                4    inconclusive: a required verdict is unknown, a fault fired less than its
                     min-fired, or the generator could not keep its schedule under a threshold
                5    a threshold was missed; guarantees held
                70   a fault of Gyre itself
                130  interrupted with nothing violated
                When several apply: 70, 1, 3, 5, 4.
                """
        ),
        Term("pass", text: "PASS: exit code 0; every required guarantee and threshold held."),
        Term(
            "fail",
            text: """
                FAIL: exit code 1, a required guarantee was violated, or 5, a threshold was missed.
                The line says which.
                """
        ),
        Term(
            "inconclusive",
            text: """
                INCONCLUSIVE: exit code 4. Something required could not be judged; the line says
                what to change. Never a success, unless --allow inconclusive says so.
                """
        ),
        Term(
            "interrupted",
            text: "INTERRUPTED: exit code 130. Ended by a signal; nothing violated until then."
        ),
        Term(
            "error",
            text: "ERROR: exit code 3, the broker is gone; what was recorded until then is judged."
        ),
        Term(
            "held",
            text: """
                The guarantee held in all cases that were judged. `held 0`: there was nothing to
                judge.
                """
        ),
        Term(
            "broken",
            text: """
                The guarantee was violated. BROKEN if it was required (the run fails), broken if
                nobody had promised it.
                """
        ),
        Term(
            "required",
            "not-required",
            text: """
                A required guarantee decides the verdict: `expect` or the driver's declaration asks
                for it. Others are watched and reported all the same.
                """
        ),
        Term(
            "unknown",
            text: """
                Of a guarantee: nobody can tell, for the reason beside it; if it was required the
                run is inconclusive. Of events: sends that ended without a confirmation or refusal.
                """
        ),
        Term(
            "side",
            "broker",
            "application",
            text: """
                Where a guarantee is judged. broker: on what crossed to and from the broker.
                application: on what the handlers saw and applied, injected faults included.
                """
        ),
        Term(
            "blame",
            "client",
            "injected",
            "undecided",
            text: """
                Who broke a guarantee. broker: its own records convict it. injected: a declared
                fault that fired on the event explains it. client: a policy of the application (ack
                mode, retry, inbox) does. undecided: the records do not say. Injected faults can
                never convict the broker.
                """
        ),
        Term(
            "threshold",
            "met",
            "missed",
            "void",
            text: """
                A number that `expect.thresholds` asks for. met or missed as measured; void if it
                could not be judged: no such number, or the generator did not keep its schedule.
                """
        ),
    ]

    static let times: [Term] = [
        Term(
            "response",
            text: """
                Response time: from the moment an event was due by the producer's schedule. A sender
                that stalls makes later events late, and they say so: safe against coordinated
                omission. In a closed loop nothing is due, so there is none (n/a).
                """
        ),
        Term(
            "service",
            text: "Service time: from when an event was really sent. Blind to a stalled sender."
        ),
        Term(
            "slip",
            text: """
                Slip: how much later than its schedule an event was sent.
                Response = slip + service.
                """
        ),
        Term("publish", text: "Latency from an event's send to its confirmation."),
        Term("e2e", text: "Latency from an event's send to its first delivery, group by group."),
        Term("apply", text: "Latency from an event's send to its effect, group by group."),
        Term(
            "p50",
            "p90",
            "p99",
            "p99.9",
            "max",
            "mean",
            "percentile",
            text: """
                pN: N % of the values were at most this. From a histogram with three significant
                digits; max is exact. `events` says of how many.
                """
        ),
        Term(
            "phase",
            "measured",
            "warmup",
            "drain",
            text: """
                warmup: load that does not count. measured: what latency and throughput are of;
                faults are armed. drain: no new load, open work is finished. Guarantees cover all.
                """
        ),
        Term(
            "late-events",
            "generator",
            text: """
                Sends later than their schedule allows. More than 1 % of them, or a slip p99 over
                1 ms and 10 intervals: the generator could not keep its schedule, thresholds are
                void. Lower the rate or free the machine.
                """
        ),
        Term(
            "placement",
            text: """
                How far apart the two cores were, by a round trip of one word: smt 70-90 ns, near
                100-120 ns, far 440-490 ns. Throughput differs tenfold between them: compare only
                runs with the same label. `mixed`: it changed, or the machine was busy.
                """
        ),
    ]
}
