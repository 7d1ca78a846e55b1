import Histories
import HistoryChecks
import LatencyMetrics
import Messaging

extension HotPath {
    private static var batch: Int { 32 }

    static var checks: [HotPath] { [histogram, sendCheck, deliveryCheck, effectCheck] }

    private static var histogram: HotPath {
        HotPath("histogram-record", per: "sample") {
            LatencyHistogram()
        } work: { histogram, count in
            for number in 0..<Int64(count) { histogram.record(number &* 977) }
        }
    }

    private static var sendCheck: HotPath {
        HotPath("check-sends-32", per: "batch") {
            SendLedger(side: .boundary)
        } work: { ledger, count in
            let lane = LaneID(producer: 0, topic: 0, partition: 0)
            var next = ledger.sent
            for _ in 0..<count {
                ledger.crossed(lane, n: next, count: batch, at: .zero)
                ledger.ended(
                    lane,
                    n: next,
                    count: batch,
                    outcome: .confirmed,
                    firstOffset: Int64(next),
                    at: .zero
                )
                next += UInt64(batch)
            }
            precondition(ledger.confirmed == next, "not everything is confirmed")
        }
    }

    private static var deliveryCheck: HotPath {
        HotPath("check-deliveries-32", per: "batch") {
            DeliveryLedger(
                group: 0,
                topic: 0,
                profile: PromiseProfile(capabilities: [.confirm, .redelivery, .offsets]),
                rules: DeliveryRules(leaseNanoseconds: 1_000_000_000)
            )
        } work: { ledger, count in
            var deliveries = Batch<Delivery>(capacity: batch)
            for _ in 0..<count {
                let first = ledger.count
                deliveries.fill(from: first)
                ledger.delivered(deliveries, in: 0..<batch, consumer: 0, returned: .zero)
                let all = first..<ledger.count
                ledger.settleInvoked(.ack, deliveries: all, at: .zero)
                ledger.settleEnded(.ack, deliveries: all, outcome: .settled, at: .zero)
            }
            precondition(ledger.distinct == ledger.count, "not every delivery was plain")
        }
    }

    private static var effectCheck: HotPath {
        HotPath("check-effects-32", per: "batch") {
            EffectLedger(group: 0, hash: nil, checksOrder: false)
        } work: { ledger, count in
            var deliveries = Batch<Delivery>(capacity: batch)
            for _ in 0..<count {
                deliveries.fill(from: ledger.count)
                ledger.tookEffect(
                    deliveries,
                    in: 0..<batch,
                    isRun: true,
                    sum: StateDigest(),
                    at: .zero
                )
            }
            precondition(ledger.distinct == ledger.count, "not every effect was plain")
        }
    }
}

extension Batch<Delivery> {
    /// Makes it full of the plain deliveries of one lane that begin with number `first`.
    fileprivate mutating func fill(from first: UInt64) {
        removeAll()
        for index in 0..<UInt64(capacity) {
            var header = EventHeader()
            header.n = first &+ index
            append(
                Delivery(
                    header: header,
                    payload: PayloadReference(),
                    receipt: 0,
                    offset: Int64(first &+ index),
                    invoked: .zero,
                    attempt: 1,
                    topic: 0,
                    partition: 0,
                    isRedelivered: false,
                    envelope: .intact
                )
            )
        }
    }
}
