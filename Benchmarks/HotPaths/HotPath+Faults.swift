import Faults
import Messaging

extension HotPath {
    static var faults: [HotPath] {
        var rare = FaultSelector()
        rare.probability = 1e-12
        let rule = FaultRule(name: "never", kind: .drop, site: .publish, selector: rare)
        return [site("fault-site-off", []), site("fault-site-armed", [rule])]
    }

    private static func site(_ name: String, _ rules: [FaultRule]) -> HotPath {
        HotPath(name, per: "item") {
            PublishSite(rules)
        } work: { site, count in
            for number in 0..<UInt64(count) { site.send(number) }
        }
    }
}

/// An item's way past the publish site, as clients go it.
private struct PublishSite {
    private var layer: FaultSiteLayer<UInt64>?
    private var passed: ContiguousArray<UInt64> = []
    private var header = EventHeader()

    init(_ rules: [FaultRule]) {
        layer = FaultSiteLayer(
            site: .publish,
            rules: rules,
            hash: KeyedHash(seed: 1),
            window: FaultWindow(begin: .zero, end: .distantFuture)
        )
        passed.reserveCapacity(64)
    }

    mutating func send(_ number: UInt64) {
        if layer == nil {
            passed.append(number)
        } else {
            header.id = EventID(producer: 0, epoch: 0, sequence: number)
            layer?.pass(
                number,
                FaultSubject(outbound: header, topic: 0),
                at: .zero,
                lane: 0,
                copy: { item, _ in item },
                into: &passed
            )
        }
        precondition(passed.last == number, "the item was dropped")
        if passed.count == 64 { passed.removeAll(keepingCapacity: true) }
    }
}
