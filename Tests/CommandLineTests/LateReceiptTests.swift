import Foundation
import Testing

/// Whether a broker that lets a late acknowledgement settle another's lease is found out.
@Suite(.serialized, .enabled(if: PythonBrokers.canRun, "needs python3"))
struct LateReceiptTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
        try place.write(Self.scenario, to: "late.yaml")
    }

    /// Of some events the first acknowledgement comes during the second lease, whose own is lost.
    private static let scenario = """
        # Whose lease does a late answer end?
        gyre: 1
        name: late
        topics: [{ name: orders, partitions: 1, capacity: 4096 }]
        producers:
          - { name: shop, topic: orders, rate: { total: 300/s }, payload: 64B }
        consumers:
          - { name: billing, topic: orders, lease: 300ms, order: pass, inbox: { events: 1M } }
        faults:
          - { name: late, fault: { delay: { fixed: 450ms } }, at: ack, order: overtake, every: 20, where: { attempt: 1 } }
          - { name: lost, fault: drop, at: ack, every: 20, where: { attempt: 2 } }
        run: { warmup: 100ms, duration: 1500ms, drain: 10s, seed: 1 }

        """

    private func verdict(_ broker: String) async throws -> String? {
        let command = PythonBrokers.command(broker)
        let outcome = try await Gyre.run(
            ["run", "late.yaml", "--driver", "subprocess", "--set", "driver.command=\(command)"],
            in: place
        )
        let record = try place.record(of: try place.onlyRun())
        let checks = try #require(record["checks"] as? [[String: Any]], "\(outcome.everything)")
        return checks.first { $0["id"] as? String == "A33" }?["verdict"] as? String
    }

    @Test("the receipt of a lease that is over settles nothing")
    func held() async throws {
        #expect(try await verdict("sample_broker.py") == "valid")
    }

    @Test("a broker that honours it is observed to")
    func broken() async throws {
        #expect(
            try await verdict("faulty_broker.py --defect honour-stale --rate 1") == "violated"
        )
    }
}
