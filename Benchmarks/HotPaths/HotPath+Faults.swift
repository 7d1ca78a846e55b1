import Faults
import Messaging

extension HotPath {
    static var faults: [HotPath] {
        var rare = FaultSelector()
        rare.probability = 1e-12
        let rule = FaultRule(name: "never", kind: .drop, site: .publish, selector: rare)
        return [site("fault-site-off", []), site("fault-site-armed", [rule])]
    }

    /// An item's way past the publish site, as clients go it.
    private static func site(_ name: String, _ rules: [FaultRule]) -> HotPath {
        HotPath(name, per: "item") {
            var layer = FaultSiteLayer<UInt64>(
                site: .publish,
                rules: rules,
                hash: KeyedHash(seed: 1),
                window: FaultWindow(begin: .zero, end: .distantFuture)
            )
            var passed: ContiguousArray<UInt64> = []
            passed.reserveCapacity(64)
            var header = EventHeader()
            return { count in
                for number in 0..<UInt64(count) {
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
                    if passed.count == 64 { passed.removeAll(keepingCapacity: true) }
                }
                precondition(passed.isEmpty, "an item was dropped")
            }
        }
    }
}
