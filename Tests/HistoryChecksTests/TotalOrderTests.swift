import Messaging
import Testing

@testable import Histories
@testable import HistoryChecks

@Suite struct TotalOrderTests {
    private func found(_ results: [CheckResult], _ guarantee: Guarantee) -> UInt64 {
        guard let result = results.first(where: { $0.guarantee == guarantee }),
            case .violated(_, let total) = result.verdict
        else { return 0 }
        return total
    }

    private func judged(_ records: [HistoryRecord]) -> [CheckResult] {
        var history = DeliveryHistory(settings: OrderModel.settings)
        for record in records { history.feed(record) }
        return history.judge()
    }

    @Test("concurrent sends, repeats, refusals and several members accuse nobody")
    func noFalseAlarm() {
        var cases: UInt64 = 0
        for seed in 0..<600 as Range<UInt64> {
            var model = OrderModel(seed: seed, flaw: .none)
            let results = judged(model.play(steps: 60))
            for result in results where [.a11, .a12, .a15].contains(result.guarantee) {
                switch result.verdict {
                case .violated(let anomalies, _):
                    Issue.record("seed \(seed): \(anomalies[0])")
                    return
                case .unknown(let reason): Issue.record("seed \(seed): \(reason)")
                case .valid(let count): cases += count
                }
            }
        }
        #expect(cases > 20_000, "too little was judged: \(cases)")
    }

    @Test("an order that is not that of sending is found, in witness and number")
    func sendOrder() throws {
        try flaw(.forgetsSendOrder, breaks: .a12, not: .a15)
    }

    @Test("two orders for two groups are found")
    func twoOrders() throws {
        try flaw(.splitsGroups, breaks: .a15, not: nil)
    }

    private func flaw(
        _ flaw: OrderModel.Flaw,
        breaks guarantee: Guarantee,
        not other: Guarantee?
    ) throws {
        var flawed = 0
        for seed in 0..<300 as Range<UInt64> {
            var model = OrderModel(seed: seed, flaw: flaw)
            let results = judged(model.play(steps: 60))
            #expect((found(results, guarantee) > 0) == model.isFlawed, "seed \(seed)")
            if let other { #expect(found(results, other) == 0, "seed \(seed)") }
            flawed += model.isFlawed ? 1 : 0
            let anomaly = results.first { $0.guarantee == guarantee }?.anomalies.first
            #expect(anomaly == nil || anomaly?.rival != nil)
        }
        #expect(flawed > 100)
    }

    @Test("batches and records are judged alike", arguments: OrderModel.Flaw.allCases)
    func twoForms(_ flaw: OrderModel.Flaw) {
        for seed in 0..<60 as Range<UInt64> {
            var model = OrderModel(seed: seed, flaw: flaw)
            let records = model.play(steps: 80)
            let inline = verdicts(InlineOrder().judge(records))
            #expect(inline == verdicts(judged(records)), "seed \(seed)")
        }
    }

    private func verdicts(_ results: [CheckResult]) -> [String] {
        results.filter { [.a11, .a12, .a15].contains($0.guarantee) }.map { result in
            // A batch tells of neighbours together.
            let found = result.anomalies.flatMap { anomaly in
                (anomaly.n..<anomaly.n + anomaly.count).map { n in
                    let rival = anomaly.rival
                    return "\(anomaly.group ?? 0) \(anomaly.lane?.producer ?? 0)/\(n)"
                        + " \(rival?.lane.producer ?? 0)/\(rival?.n ?? 0)"
                }
            }
            .sorted()
            let word =
                switch result.verdict {
                case .valid(let cases): "valid \(cases)"
                case .violated(_, let total): "violated \(total)"
                case .unknown(let reason): "unknown \(reason)"
                }
            return "\(result.guarantee.id) \(word) \(result.undecided) \(found)"
        }
    }

    @Test("a group further behind than positions are kept agrees by its chain")
    func farBehind() throws {
        let events: UInt64 = 20_000
        let agreed = farBehind(events, swapped: nil)
        guard case .valid(let cases) = agreed else {
            Issue.record("\(agreed)")
            return
        }
        #expect(cases < events)
        guard case .unknown = farBehind(events, swapped: 5) else {
            Issue.record("a chain that differs proves nothing and passes nothing")
            return
        }
        guard case .violated = farBehind(events, swapped: events - 10) else {
            Issue.record("what is still remembered must convict")
            return
        }
    }

    /// Two producers take turns; group 1 is handed everything once group 0 has had it all.
    private func farBehind(_ events: UInt64, swapped: UInt64?) -> Verdict {
        var ledger = OrderLedger(topic: 0, clockErrorNanoseconds: 0, capacity: 1000)
        func lane(_ event: UInt64) -> LaneID {
            LaneID(producer: UInt16(event % 2), topic: 0, partition: 0)
        }
        func first(_ event: UInt64, _ time: Int64) -> FirstDeliveries {
            FirstDeliveries(
                lane: lane(event),
                n: event / 2,
                count: 1,
                invoked: time,
                returned: time,
                consumer: 0,
                mayWaitIfBegunBefore: .min
            )
        }
        for event in 0..<events {
            let time = Int64(event) * 10
            ledger.crossed(lane(event), n: event / 2, count: 1, at: Instant(nanoseconds: time))
            ledger.ended(
                lane(event),
                n: event / 2,
                count: 1,
                outcome: .confirmed,
                at: Instant(nanoseconds: time + 5)
            )
            ledger.delivered(first(event, time + 6), to: 0)
        }
        for event in 0..<events {
            var shown = event
            if let swapped, event == swapped { shown = event + 1 }
            if let swapped, event == swapped + 1 { shown = event - 1 }
            ledger.delivered(first(shown, Int64(events + event) * 10), to: 1)
        }
        var evidence = Evidence(profile: PromiseProfile(capabilities: [.confirm]))
        evidence.expectations.ordering = .total
        evidence.orders = [ledger]
        evidence.deliveries = [
            DeliveryLedger(
                group: 0,
                topic: 0,
                profile: evidence.profile,
                rules: DeliveryRules(leaseNanoseconds: nil, ordering: .total)
            )
        ]
        let order = ledger.finished().partitions[0]
        #expect(order.views.count == 2)
        let judge = BoundaryJudge(bench: Bench(evidence))
        if judge.findings.total(.a15) > 0 {
            return .violated(anomalies: [], total: judge.findings.total(.a15))
        }
        if let reason = judge.agreementLimit { return .unknown(reason: reason) }
        return .valid(cases: judge.agreementCases)
    }
}

/// Feeds ledgers as workers do: neighbouring deliveries of one receive as one batch.
private struct InlineOrder: ~Copyable {
    private var sends = SendLedger(side: .boundary)
    private var order = OrderLedger(topic: 0)
    private var groups: [DeliveryLedger] = (0..<2).map { group in
        DeliveryLedger(
            group: group,
            topic: 0,
            profile: OrderModel.settings.profile,
            rules: DeliveryRules(
                leaseNanoseconds: OrderModel.settings.leaseNanoseconds,
                ordering: .total
            )
        )
    }
    private var batched: [HistoryRecord] = []

    consuming func judge(_ records: [HistoryRecord]) -> [CheckResult] {
        for record in records {
            if let last = batched.last,
                record.kind != .deliver || last.group != record.group
                    || last.consumer != record.consumer || last.time != record.time
            {
                flush()
            }
            if record.kind == .deliver {
                batched.append(record)
            } else {
                sends.feed(record)
                order.feed(record)
            }
        }
        flush()
        var evidence = Evidence(profile: OrderModel.settings.profile)
        evidence.expectations = OrderModel.settings.expectations
        evidence.boundarySends = [sends]
        evidence.deliveries = groups
        evidence.orders = [order]
        return Judgement.judge(evidence)
    }

    private mutating func flush() {
        guard let last = batched.last else { return }
        var batch = Batch<Delivery>(capacity: 64)
        for record in batched {
            var header = EventHeader()
            header.id = record.id
            header.n = record.n
            header.key = record.key
            header.producer = record.lane.producer
            batch.append(
                Delivery(
                    header: header,
                    payload: PayloadReference(),
                    receipt: record.delivery,
                    offset: record.offset,
                    invoked: record.invoked,
                    attempt: record.attempt,
                    topic: 0,
                    partition: 0,
                    isRedelivered: record.isRedelivered,
                    envelope: .intact
                )
            )
        }
        let group = Int(last.group)
        groups[group].delivered(
            batch,
            in: 0..<batch.count,
            consumer: last.consumer,
            returned: last.time
        )
        groups[group].passFirstDeliveries(to: &order)
        batched = []
    }
}
