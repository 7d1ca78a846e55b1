import Histories
import Messaging

extension BoundaryJudge {
    /// A11: the order of crossings, not of numbers, is what deliveries must keep.
    mutating func judgeInversions(_ ledger: DeliveryLedger) {
        for inversion in ledger.inversions {
            let lane = ledger.index.lanes[inversion.lane]
            guard let sends = bench.boundary[lane], !sends.forgetsIrregular else {
                findings.undecided[.a11, default: 0] += 1
                continue
            }
            let last = sends.lastCrossing(of: inversion.earlier)
            guard last < sends.firstCrossing(of: inversion.later) else { continue }
            findings.add(
                Anomaly(
                    .a11,
                    "reorder",
                    side: .boundary,
                    blame: .broker,
                    lane: lane,
                    group: ledger.group,
                    key: inversion.key,
                    n: inversion.earlier,
                    detail: "first delivered after event \(inversion.later), which crossed later"
                )
            )
        }
    }

    /// A12 and A15: everybody sees one order, and it is that of sending where sending had one.
    mutating func judgeOrder(_ order: OrderLedger) {
        for partition in order.partitions {
            for view in partition.views {
                for found in view.realTime.found { overtaken(found, view.group) }
                for found in view.agreement.found {
                    divergence(found, view.group, from: partition.views[0].group)
                }
                account(.a12, view.realTime)
                account(.a15, view.agreement)
            }
        }
    }

    /// Those beyond the ones that were kept, and those that nobody can decide.
    private mutating func account(_ guarantee: Guarantee, _ watch: OrderWatch) {
        let listed = watch.found.reduce(0) { $0 + $1.count }
        findings.addUnlisted(guarantee, watch.foundCount - listed)
        if watch.undecided > 0 { findings.undecided[guarantee, default: 0] += watch.undecided }
    }

    private mutating func overtaken(_ found: Overtaken, _ group: UInt16) {
        let detail =
            "\(Self.name(found.lane, found.n)), confirmed at \(found.value) ns, came after "
            + "\(Self.name(found.rival.lane, found.rival.n)), sent only at "
            + "\(found.rival.value) ns"
        broken(.a12, "nonmonotonic", found, group, detail)
    }

    private mutating func divergence(_ found: Overtaken, _ group: UInt16, from leader: UInt16) {
        let detail =
            "\(Self.name(found.lane, found.n)) came after "
            + "\(Self.name(found.rival.lane, found.rival.n)), and before it to group number "
            + "\(leader)"
        broken(.a15, "divergence", found, group, detail)
    }

    private static func name(_ lane: LaneID, _ n: UInt64) -> String {
        "event \(n) of producer \(lane.producer)"
    }

    private mutating func broken(
        _ guarantee: Guarantee,
        _ name: String,
        _ found: Overtaken,
        _ group: UInt16,
        _ detail: String
    ) {
        findings.add(
            Anomaly(
                guarantee,
                name,
                side: .boundary,
                blame: .broker,
                lane: found.lane,
                group: group,
                n: found.n,
                rival: EventPlace(lane: found.rival.lane, n: found.rival.n),
                count: found.count,
                detail: detail
            )
        )
    }

    private var views: [PartitionOrder.GroupView] {
        orders.flatMap(\.partitions).flatMap(\.views)
    }

    var realTimeCases: UInt64 { views.reduce(0) { $0 + $1.realTime.cases } }

    var agreementCases: UInt64 { views.reduce(0) { $0 + $1.agreement.cases } }

    /// Why the order in real time is not known, if so.
    var realTimeLimit: String? {
        if orders.flatMap(\.partitions).contains(where: \.isExhausted) {
            return "more irregular sends than the ledger holds"
        }
        if views.contains(where: { $0.realTime.blindThrough > 0 }) {
            return "more events under way than the ledger holds"
        }
        guard bench.boundary.values.contains(where: { $0.confirmed.count > 0 }) else {
            return "no send was confirmed, so none is known to be over before another"
        }
        return nil
    }

    /// Why agreement is not known, if so: a chain that is the same makes up for what was forgotten.
    var agreementLimit: String? {
        for partition in orders.flatMap(\.partitions) {
            guard let leader = partition.views.first else { continue }
            for view in partition.views
            where view.agreement.blindThrough > view.chain.agreement(with: leader.chain) {
                return "one group fell further behind another than the ledger remembers"
            }
        }
        return nil
    }

    var orderLimit: String? {
        guard evidence.deliveries.contains(where: \.checksOrder) else {
            return "order was not watched"
        }
        return storeLimit(["keys under watch", "order inversions"]) ?? sendLimit
    }
}
